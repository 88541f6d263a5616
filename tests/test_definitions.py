"""What Dagster is told of the graph: every asset complete, nothing heavy imported, every materialization telling."""

import base64
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from platform_assets.definitions import defs
from resources import catalog
from tests.graph import graph_at, small_home

SPECS = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}
TABLES = {name: spec for name, spec in SPECS.items() if name.replace("/", ".") in catalog.tables()}
HEAVY = (
    "duckdb", "numpy", "pyarrow", "sqlalchemy",
    "pandas", "snowflake", "matplotlib", "PIL", "confluent_kafka", "scourgify", "usaddress", "vaderSentiment", "lingua",
    "boto3", "samples", "rich", "fakesnow", "scipy", "aiohttp",
)  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Mapping[str, Any]]]:
    """The metadata of each asset's materialization on a small world."""
    with graph_at(small_home(tmp_path_factory)) as graph:
        events = {
            name: graph.instance.get_latest_materialization_event(spec.key) for name, spec in TABLES.items()
        }
        yield {
            name: event.asset_materialization.metadata
            for name, event in events.items()
            if event and event.asset_materialization
        }


def test_every_table_is_an_asset_and_every_other_asset_is_a_source() -> None:
    tables = {table.replace(".", "/") for table in catalog.tables() if not table.startswith("ledger.")}
    assert tables - {"crm/extracts"} <= TABLES.keys()
    assert {SPECS[name].tags["layer"] for name in SPECS.keys() - TABLES.keys()} == {"source"}


@pytest.mark.parametrize("name", sorted(SPECS))
def test_every_asset_has_a_group_an_owner_kinds_and_a_description(name: str) -> None:
    spec = SPECS[name]
    assert spec.group_name == name.split("/")[0]
    assert len(spec.owners) == 1
    assert spec.owners[0].startswith("team:")
    assert 1 <= len(spec.kinds) <= 3
    assert spec.description
    assert len(name.split("/")[1]) <= 20


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_column_of_every_table_is_described(name: str) -> None:
    schema = TABLES[name].metadata["dagster/column_schema"]
    assert [column.name for column in schema.columns] == [
        column.name for column in catalog.tables()[name.replace("/", ".")].columns
    ]
    assert all(column.description and column.type for column in schema.columns)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_materialization_tells_rows_place_and_a_preview(
    told: Mapping[str, Mapping[str, Any]], name: str
) -> None:
    metadata = told[name]
    assert isinstance(metadata["dagster/row_count"].value, int)
    assert str(metadata["dagster/uri"].value).startswith("duckdb://")
    assert str(metadata["dagster/uri"].value).endswith(name)
    assert str(metadata["preview"].value).startswith("| ")


@pytest.mark.parametrize("name", sorted(name for name, spec in TABLES.items() if "sql" in spec.kinds))
def test_every_sql_asset_tells_where_its_columns_come_from(
    told: Mapping[str, Mapping[str, Any]], name: str
) -> None:
    lineage = told[name]["dagster/column_lineage"].value
    columns = {column.name for column in TABLES[name].metadata["dagster/column_schema"].columns}
    assert set(lineage.deps_by_column) <= columns
    upstream = {dep.asset_key for dep in TABLES[name].deps}
    for deps in lineage.deps_by_column.values():
        for dep in deps:
            assert dep.asset_key in upstream
            found = catalog.tables()[".".join(dep.asset_key.path)]
            assert dep.column_name in {column.name for column in found.columns}


@pytest.mark.parametrize(
    ("table", "name"), [("customer360/categories", "map"), ("promotions/segments", "grid")]
)
def test_a_picture_is_small(told: Mapping[str, Mapping[str, Any]], table: str, name: str) -> None:
    found = re.search(r"data:image/png;base64,([^)]+)\)", str(told[table][name].value))
    assert found
    picture = base64.b64decode(found[1])
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 100_000


def test_loading_the_definitions_imports_nothing_heavy() -> None:
    program = (
        "import sys, platform_assets.definitions\n"
        f"sys.stdout.write(' '.join(name for name in {HEAVY!r} if name in sys.modules))"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == ""


def test_the_definitions_are_loadable_and_name_their_jobs_sensors_and_schedules() -> None:
    dg.Definitions.validate_loadable(defs)
    repository = defs.get_repository_def()
    assert {job.name for job in repository.get_all_jobs()} >= {
        "load_addresses", "extract_crm", "locate_tweets", "refresh", "replay_topic", "replay_file", "repair_rejects",
        "replay_quadrant", "prune_history", "launch_campaign", "list_files", "prune_listings",
        "tell_of_root",
    }  # fmt: skip
    assert {sensor.name for sensor in repository.sensor_defs} >= {
        "new_address_files", "new_sales_files", "tweets_arrived", "raw_data_changed", "run_outcomes",
        "listing_root",
    }  # fmt: skip
    assert {schedule.name for schedule in repository.schedule_defs} == {
        "extract_crm_schedule", "refresh_schedule", "prune_history_schedule", "prune_listings_schedule", "listing_ticks",
    }  # fmt: skip
