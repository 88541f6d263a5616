"""The checks of `geo`: they count what is wrong in the warehouse now, whichever run looks."""

import dagster as dg
import pytest

from platform_assets.geo import addresses, quadrants, raw_addresses
from resources.warehouse import Warehouse
from tests.models import build, fill

CHECKS = {check.name: check for check in (*addresses.CHECKS, *raw_addresses.CHECKS)}
RAW = """
file  | line | house_number | street | city | lon   | lat
a.csv | 2    | 1            | Elm St | AVON | -72.8 | 41.8
"""
LATER = """
file  | line | house_number | street  | city | lon   | lat
b.csv | 2    | 1            | Lone Rd | AVON | -72.8 | 41.8
"""


def _result(warehouse: Warehouse, name: str) -> dg.AssetCheckResult:
    with warehouse.session("check") as session:
        return CHECKS[name].result(session, "geo.raw_addresses")


def test_rows_of_a_file_that_lands_after_streets_were_read_are_not_missed_and_others_are(
    warehouse: Warehouse,
) -> None:
    fill(warehouse, geo__raw_addresses=RAW, geo__streets="street_text | street\nElm St | ELM ST")
    fill(warehouse, geo__raw_addresses=LATER)
    assert _result(warehouse, "raw_rows_are_all_merged").metadata["offenders"].value == 1
    build(warehouse, addresses.ADDRESSES, **quadrants.PARAMETERS)
    assert _result(warehouse, "raw_rows_are_all_merged").passed


def test_a_file_stays_unreadable_when_another_one_is_loaded_until_it_is_replaced(
    warehouse: Warehouse,
) -> None:
    fill(
        warehouse,
        geo__address_files="""
        file    | file_version | state    | committed_at
        bad.csv | 1            | loaded   | 2026-11-01
        bad.csv | 2            | rejected | 2026-11-02
        odd.csv | 1            | rejected | 2026-11-02
        ok.csv  | 1            | loaded   | 2026-11-03
        """,
    )
    found = _result(warehouse, "files_are_readable")
    assert not found.passed
    assert found.severity is dg.AssetCheckSeverity.WARN
    assert found.metadata["names"].value == "bad.csv, odd.csv"
    fill(
        warehouse,
        geo__address_files="""
        file    | file_version | state   | committed_at
        bad.csv | 3            | loaded  | 2026-11-04
        odd.csv | ''           | deleted | 2026-11-04
        """,
    )
    assert _result(warehouse, "files_are_readable").passed


@pytest.mark.parametrize(("loaded_rows", "passed"), [(1, True), (2, False)])
def test_rows_of_each_file_are_those_its_newest_entry_tells_of(
    warehouse: Warehouse, *, loaded_rows: int, passed: bool
) -> None:
    fill(
        warehouse,
        geo__raw_addresses=RAW,
        geo__address_files=f"""
        file  | file_version | state  | read_rows | loaded_rows | committed_at
        a.csv | 1            | loaded | {loaded_rows} | {loaded_rows} | 2026-11-01
        """,
    )
    assert _result(warehouse, "read_is_loaded_plus_rejected").passed is passed
