"""The services against their own OpenAPI documents: whatever schemathesis makes of these, the answers are as told.

Bounded here; a longer look is `schemathesis run URL/openapi.json`.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CheckFunction
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.http_services import Running, listing_service, log_service, promotions_service

BOUNDED = settings(
    max_examples=6, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


# schemathesis draws with the random module.
@pytest.mark.filterwarnings(
    "ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning"
)
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("service", [promotions_service, log_service, listing_service])
def test_a_service_answers_as_its_document_says(
    service: Callable[[Path], AbstractContextManager[Running]], mode: GenerationMode, tmp_path: Path
) -> None:
    with service(tmp_path) as running:
        schema = schemathesis.openapi.from_url(f"{running.url}/openapi.json")
        # A key that came with another entry fits its schema; what is too large is refused for that alone.
        schema.config.checks.positive_data_acceptance.expected_statuses += ["413", "422"]
        schema.config.checks.negative_data_rejection.expected_statuses += ["413"]
        for found in schema.get_all_operations():
            assert isinstance(found, Ok)
            operation = found.ok()
            if mode.is_negative and not (operation.body or operation.query or operation.path_parameters):
                continue

            # A budget below the cost fits its schema, too, and is no campaign.
            excluded: list[CheckFunction] = (
                [positive_data_acceptance] if operation.path == "/campaigns" else []
            )
            as_told = _as_told(excluded)
            BOUNDED(given(case=operation.as_strategy(generation_mode=mode))(as_told))()
        assert running.error is None


def _as_told(excluded: list[CheckFunction]) -> Callable[[Case], None]:
    def as_told(case: Case) -> None:
        case.call_and_validate(excluded_checks=excluded)

    return as_told
