"""Rejects that a person corrects come back as rows at their place; the account of the file stays exact."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_assets.geo.arrival import take_in
from platform_assets.geo.raw_addresses import CHECKS
from platform_assets.geo.repair import ADDRESS, PLACE, WHY, corrections, sheet
from platform_assets.geo.repaired_rejects import rejects, take_repaired
from resources.object_store import FolderObjectStore
from resources.unavailable import Unavailable
from resources.warehouse import OvertakenError, Warehouse

FILE = "geo/incoming/hartford.csv"
CONTENT = (
    b"LON,LAT,NUMBER,STREET,UNIT,CITY,DISTRICT,REGION,POSTCODE,ID,HASH\n"
    b"-72.68,41.76,10,MAIN ST,,HARTFORD,,CT,06103,,\n"
    b"41.76,-72.68,12,MAIN ST,,HARTFORD,,CT,06103,,\n"
    b"-72.68,41.76,,MAIN ST,,HARTFORD,,CT,06103,,\n"
    b"-72.68,41.76,16,MAIN ST\n"
)


@pytest.fixture
def store(tmp_path: Path) -> FolderObjectStore:
    store = FolderObjectStore(tmp_path / "objects")
    store.put(FILE, CONTENT)
    return store


def _exported(warehouse: Warehouse) -> list[dict[str, str]]:
    with warehouse.session() as session:
        return list(csv.DictReader(io.StringIO(sheet(rejects(session, FILE)), newline="")))


def _written(rows: list[dict[str, str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, [*PLACE, *WHY, *ADDRESS])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _corrected(warehouse: Warehouse) -> str:
    """Line 3 mended, line 4 not enough, line 5 left as it is."""
    rows = {row["line"]: row for row in _exported(warehouse)}
    rows["3"] |= {"LON": "-72.68", "LAT": "41.76"}
    rows["4"] |= {"NUMBER": "14", "STREET": ""}
    return _written(list(rows.values()))


def _account(warehouse: Warehouse) -> tuple[list[object], dict[object, object], list[bool]]:
    """Lines that are rows, lines that are rejects with their reasons, and what the checks say."""
    with warehouse.session() as session:
        loaded = session.rows("SELECT line FROM geo.raw_addresses ORDER BY line")
        left = {row["line"]: row["reason"] for row in rejects(session, FILE)}
        passed = [check.result(session, "geo.raw_addresses").passed for check in CHECKS]
    return [row["line"] for row in loaded], left, passed


def test_a_sheet_says_where_why_and_what(duckdb_warehouse: Warehouse, store: FolderObjectStore) -> None:
    take_in(FILE, store, duckdb_warehouse)
    rows = _exported(duckdb_warehouse)
    assert [(row["line"], row["reason"]) for row in rows] == [
        ("3", "swapped_coordinates"),
        ("4", "missing_number"),
        ("5", "wrong_number_of_fields"),
    ]
    assert (rows[0]["LON"], rows[0]["NUMBER"], rows[0]["STREET"]) == ("41.76", "12", "MAIN ST")
    assert rows[2]["raw"].endswith("16,MAIN ST")
    assert not any(rows[2][name] for name in ADDRESS)


def test_what_is_right_now_becomes_a_row_and_what_is_not_stays_a_reject(
    warehouse: Warehouse, tmp_path: Path, store: FolderObjectStore
) -> None:
    take_in(FILE, store, warehouse)
    entry = take_repaired(corrections(_corrected(warehouse)), warehouse)
    assert (entry.read_rows, entry.loaded_rows, entry.rejected_rows) == (4, 2, 2)
    after = _account(warehouse)
    assert after == ([2, 3], {4: "missing_street", 5: "wrong_number_of_fields"}, [True, True])
    with warehouse.session() as session:
        assert {row["raw"] for row in rejects(session, FILE)} == {
            "-72.68,41.76,,MAIN ST,,HARTFORD,,CT,06103,,",
            "-72.68,41.76,16,MAIN ST",
        }


def test_a_sheet_handed_back_twice_changes_nothing_more(
    duckdb_warehouse: Warehouse, store: FolderObjectStore
) -> None:
    take_in(FILE, store, duckdb_warehouse)
    given = corrections(_corrected(duckdb_warehouse))
    take_repaired(given, duckdb_warehouse)
    before = _account(duckdb_warehouse)
    take_repaired(given, duckdb_warehouse)
    assert _account(duckdb_warehouse) == before
    assert not take_in(FILE, store, duckdb_warehouse).is_new
    assert _account(duckdb_warehouse) == before


def test_a_newer_version_replaces_repairs_and_refuses_the_old_sheet(
    duckdb_warehouse: Warehouse, store: FolderObjectStore
) -> None:
    take_in(FILE, store, duckdb_warehouse)
    text = _corrected(duckdb_warehouse)
    take_repaired(corrections(text), duckdb_warehouse)
    store.put(FILE, CONTENT.replace(b"10,MAIN", b"11,MAIN"))
    take_in(FILE, store, duckdb_warehouse)
    assert _account(duckdb_warehouse)[0] == [2]
    with pytest.raises(Unavailable, match="not the one that is loaded"):
        take_repaired(corrections(text), duckdb_warehouse)


def test_a_file_taken_in_again_has_the_same_rows_in_one_commit(
    duckdb_warehouse: Warehouse, store: FolderObjectStore
) -> None:
    take_in(FILE, store, duckdb_warehouse)
    before = _account(duckdb_warehouse)
    entry = take_in(FILE, store, duckdb_warehouse, again=True)
    assert (entry.is_new, entry.read_rows, entry.loaded_rows) == (True, 4, 1)
    assert _account(duckdb_warehouse) == before
    assert not take_in(FILE, store, duckdb_warehouse).is_new
    with duckdb_warehouse.session() as session:
        assert session.count("geo.address_files") == 2


def test_who_repairs_while_the_file_is_taken_in_again_writes_nothing(
    duckdb_warehouse: Warehouse, store: FolderObjectStore
) -> None:
    take_in(FILE, store, duckdb_warehouse)
    given = corrections(_corrected(duckdb_warehouse))
    calls: list[str] = []
    spool = duckdb_warehouse.spool

    def meanwhile(table: str) -> object:
        if not calls:
            calls.append(table)
            take_in(FILE, store, duckdb_warehouse, again=True)
        return spool(table)

    duckdb_warehouse.spool = meanwhile  # type: ignore[method-assign,assignment]
    with pytest.raises(OvertakenError):
        take_repaired(given, duckdb_warehouse)
    assert _account(duckdb_warehouse)[0] == [2]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "no column file"),
        (_written([]), "0 versions"),
        (_written([{**dict.fromkeys(PLACE, "x"), "LON": "1"}]), "line of the repaired sheet"),
    ],
)
def test_what_is_no_sheet_is_refused_in_a_sentence(text: str, told: str) -> None:
    with pytest.raises(Unavailable, match=told):
        corrections(text)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40), max_size=5))
def test_any_record_survives_the_sheet_and_runs_no_formula(raws: list[str]) -> None:
    rows = [
        {
            "file": FILE,
            "file_version": "v",
            "member": None,
            "line": n,
            "reason": "r",
            "detail": None,
            "raw": raw,
        }
        for n, raw in enumerate(raws, 1)
    ]
    read = list(csv.DictReader(io.StringIO(sheet(rows), newline="")))
    assert [row["raw"].removeprefix("'") for row in read] == [raw.removeprefix("'") for raw in raws]
    assert not [row for row in read if row["raw"].startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "@x", "-1+1", "\r=1", "+cmd|1"])
def test_no_cell_of_a_sheet_is_a_formula_not_even_a_coordinate_or_a_name(cell: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([cell, "-41.7", *["x"] * (len(ADDRESS) - 2)])
    place = {"file": FILE, "file_version": "v", "member": cell, "line": 2}
    text = sheet([{**place, "reason": "bad_coordinate", "detail": None, "raw": out.getvalue().strip("\n")}])
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert not [value for name, value in row.items() if value.startswith(cell[0]) and name != "LAT"]
    assert row["LAT"] == "-41.7"
    (found,) = corrections(text).rows
    assert found.place == (cell, 2)


def test_a_correction_of_a_record_that_is_no_reject_is_told(
    duckdb_warehouse: Warehouse, store: FolderObjectStore
) -> None:
    take_in(FILE, store, duckdb_warehouse)
    rows = {row["line"]: row for row in _exported(duckdb_warehouse)}
    moved = _written([{**rows["3"], "line": "33", "LON": "-72.68", "LAT": "41.76"}])
    assert "1 corrected records are no rejects" in str(take_repaired(corrections(moved), duckdb_warehouse))
