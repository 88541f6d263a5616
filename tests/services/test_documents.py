"""The services against their own OpenAPI documents: whatever schemathesis makes of these, the answers are as told.

It is the command `st run URL/openapi.json`, with fewer examples; both take for right what schemathesis.toml says.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from resources.listing_store import MongoListingStore
from resources.promotion_store import MongoPromotionStore
from resources.request_log import MongoRequestLog
from tests.http_services import Running, listing_service, log_service, promotions_service
from tests.servers import mongo_server

ROOT = Path(__file__).parents[2]
BOUNDED = ["--max-examples", "8", "--seed", "1", "--generation-database", "none"]
Started = Callable[..., AbstractContextManager[Running]]


@pytest.fixture(scope="module")
def mongodb() -> Iterator[str]:
    with mongo_server() as address:
        yield f"{address.rstrip('/')}/promo"


def _ran(running: Running, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("st")), "run", f"{running.url}/openapi.json", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("service", [promotions_service, log_service, listing_service])
def test_a_service_answers_as_its_document_says(service: Started, tmp_path: Path) -> None:
    with service(tmp_path) as running:
        found = _ran(running, "--phases", "examples,coverage,fuzzing", *BOUNDED)
    assert (found.returncode, running.error) == (0, None), found.stdout[-2_000:]


@pytest.mark.parametrize(
    ("service", "store"),
    [
        (promotions_service, MongoPromotionStore),
        (log_service, MongoRequestLog),
        (listing_service, MongoListingStore),
    ],
)
def test_on_mongodb_it_does_so_too(
    service: Started, store: Callable[[str], object], mongodb: str, tmp_path: Path
) -> None:
    with service(tmp_path, store(mongodb)) as running:
        found = _ran(running, "--phases", "examples,fuzzing", *BOUNDED)
    assert (found.returncode, running.error) == (0, None), found.stdout[-2_000:]
