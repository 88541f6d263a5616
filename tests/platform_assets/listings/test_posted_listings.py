"""What the asset posted_listings tells in Dagster: receipts, what waits, what is dead, and who took it."""

import hashlib
from collections.abc import Iterator

import dagster as dg
import pytest

from platform_assets.listings.batch import JSON, source_of
from platform_assets.listings.posted_listings import OBSERVED, posted_listings
from platform_assets.partitions import listing_batches
from resources.listing_api import HttpListingApi, Limits
from resources.unavailable import Unavailable
from resources.warehouse import Commit, Warehouse
from tests.graph import SILENT
from tests.models import put
from tests.receivers import receiver

BATCH = "2026-11-21T10:05:00Z"
LIMITS = Limits(at_once=2, attempts=1)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(listing_batches.name), [BATCH])
        yield instance


def _listed(warehouse: Warehouse, *documents: str) -> None:
    rows: list[dict[str, object]] = [
        {"batch_id": BATCH, "line": line, "content_hash": hashlib.sha256(text.encode()).hexdigest(), "document": text}
        for line, text in enumerate(documents, 1)
    ]  # fmt: skip
    put(warehouse, {JSON: rows})
    source = source_of(JSON, BATCH)
    with warehouse.session() as session:
        position = session.position(source)
        session.commit(Commit(source, position, str(int(position or 0) + 1), 0))


def _materialized(
    instance: dg.DagsterInstance, warehouse: Warehouse, url: str, **config: object
) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [posted_listings],
        instance=instance,
        partition_key=BATCH,
        resources={"warehouse": warehouse, "listing_api": HttpListingApi(url, limits=LIMITS)},
        run_config={**SILENT, "ops": {"listings__posted_listings": {"config": config}}},
    )


def _numbers(result: dg.ExecuteInProcessResult) -> dict[str, object]:
    (found,) = result.asset_materializations_for_node("listings__posted_listings")
    return {name: value.value for name, value in found.metadata.items()}


def _failed(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    checks = result.get_asset_check_evaluations()
    assert len(checks) == 4
    return {check.check_name: check for check in checks if not check.passed}


def test_a_batch_without_documents_is_told_and_not_green(
    instance: dg.DagsterInstance, duckdb_warehouse: Warehouse
) -> None:
    with (
        receiver() as it,
        pytest.raises(Unavailable, match="has no listing_json yet; materialize listing_json"),
    ):
        _materialized(instance, duckdb_warehouse, it.url)


def test_receipts_are_told_and_seen_at_the_api_that_took_them(
    instance: dg.DagsterInstance, duckdb_warehouse: Warehouse
) -> None:
    _listed(duckdb_warehouse, '{"file":"a"}', '{"file":"b"}', '{"file":"a"}')
    with receiver() as it:
        first = _materialized(instance, duckdb_warehouse, it.url)
        second = _materialized(instance, duckdb_warehouse, it.url)
    told = {
        "entered": 2,
        "posted": 2,
        "known": 0,
        "failed": 0,
        "pending": 0,
        "dead": 0,
        "dagster/row_count": 2,
    }
    assert _numbers(first).items() >= told.items()
    assert _numbers(second).items() >= {**told, "entered": 0, "posted": 0, "known": 2}.items()
    assert (_failed(first), _failed(second)) == ({}, {})
    assert [_observed(record) for record in instance.fetch_observations(OBSERVED, limit=2).records] == [0, 2]


def _observed(record: dg.EventLogRecord) -> object:
    observation = record.event_log_entry.asset_observation
    return observation.metadata["posted"].value if observation else None


def test_what_waits_and_why_is_a_warning(instance: dg.DagsterInstance, duckdb_warehouse: Warehouse) -> None:
    _listed(duckdb_warehouse, '{"file":"a"}')
    with receiver("503") as it:
        result = _materialized(instance, duckdb_warehouse, it.url)
    assert _numbers(result).items() >= {"failed": 1, "pending": 1, "dead": 0}.items()
    ((name, check),) = _failed(result).items()
    assert (name, check.severity) == ("nothing_waits", dg.AssetCheckSeverity.WARN)
    assert check.metadata["names"].value == "The receiver answered 503 Service Unavailable."


def test_dead_letters_are_a_warning_until_they_are_posted_again(
    instance: dg.DagsterInstance, duckdb_warehouse: Warehouse
) -> None:
    _listed(duckdb_warehouse, '{"file":"a"}')
    with receiver("422", "yes") as it:
        dead = _materialized(instance, duckdb_warehouse, it.url)
        again = _materialized(instance, duckdb_warehouse, it.url, again=True)
    assert _numbers(dead).items() >= {"given_up": 1, "dead": 1, "pending": 0}.items()
    ((name, check),) = _failed(dead).items()
    assert (name, check.severity) == ("nothing_is_dead", dg.AssetCheckSeverity.WARN)
    assert str(check.metadata["names"].value).endswith(": The receiver answered 422 Unprocessable Entity.")
    assert _numbers(again).items() >= {"posted": 1, "dead": 0}.items()
    assert _failed(again) == {}
