"""What a preview shows of a table, and that no run leaves anything of a person in Dagster's event log."""

import re
from collections.abc import Iterator

import pytest

from platform_assets.previews import COUNTS, ROWS, preview
from resources import catalog
from resources.warehouse import Warehouse
from tests.graph import Graph, graph_at, small_home
from tests.models import put

PEOPLE = ("first_name", "last_name", "email", "phone", "birth_date", "street", "street_text", "author_name")
TEXTS = ("text", "screen_name", "detail", "raw", "old_value", "new_value", "explanation")
SHORTEST = 5
"""Shorter values are found in any text."""


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    with graph_at(small_home(tmp_path_factory)) as small:
        yield small


def _add_files(warehouse: Warehouse, *names: str) -> None:
    put(warehouse, {"geo.address_files": [{"file": name, "file_version": "v"} for name in names]})


def test_every_table_that_an_asset_makes_is_either_shown_or_counted() -> None:
    made = {name for name in catalog.tables() if not name.startswith("ledger.")} - {"crm.extracts"}
    assert made == ROWS | COUNTS.keys()
    assert not ROWS & COUNTS.keys()
    for table, columns in COUNTS.items():
        assert set(columns) <= {column.name for column in catalog.tables()[table].columns}
        assert not set(columns) & {*PEOPLE, *TEXTS}


def test_a_preview_of_public_rows_is_a_table_of_the_first(warehouse: Warehouse) -> None:
    _add_files(warehouse, *(f"f{number}.csv" for number in range(9)))
    with warehouse.session() as session:
        lines = preview(session, "geo.address_files").splitlines()
    assert lines[0].startswith("| file | file_version |")
    assert len(lines) == 2 + 5
    assert {line.count("|") for line in lines} == {lines[0].count("|")}


@pytest.mark.parametrize(
    ("value", "shown"),
    [("a|b\nc", "a\\|b c"), ("x" * 99, "x" * 59 + "…"), ("", "")],
    ids=["pipe", "long", "empty"],
)
def test_a_preview_stays_a_table_whatever_a_value_holds(warehouse: Warehouse, value: str, shown: str) -> None:
    _add_files(warehouse, value)
    with warehouse.session() as session:
        assert f"| {shown} | v |" in preview(session, "geo.address_files")


def test_people_are_only_counted(warehouse: Warehouse) -> None:
    agreed = {"C1": True, "C2": True, "C3": False}
    put(
        warehouse,
        {
            "crm.customers": [
                {"customer_id": key, "first_name": "Ann", "has_marketing_consent": consent}
                for key, consent in agreed.items()
            ]
        },
    )
    with warehouse.session() as session:
        lines = preview(session, "crm.customers").splitlines()
    assert lines[0] == "| column | value | rows |"
    assert lines[2:] == ["| has_marketing_consent | True | 2 |", "| has_marketing_consent | False | 1 |"]


def test_a_table_that_nobody_thought_of_shows_nothing(warehouse: Warehouse) -> None:
    with warehouse.session() as session:
        assert preview(session, "crm.extracts").splitlines() == [
            "| column | value | rows |",
            "| --- | --- | --- |",
        ]


def test_no_event_of_a_run_tells_anything_of_a_person(graph: Graph) -> None:
    told = _told(graph)
    assert "geo/incoming/" in told
    words = set(re.findall(r"[\w'-]+", told))
    leaked = {
        f"{table}.{column}: {value}"
        for table, column, value in _personal(graph)
        if (value in words if re.fullmatch(r"[\w'-]+", value) else value in told)
    }
    assert not leaked


def _told(graph: Graph) -> str:
    """Everything in the event log, as text."""
    runs = graph.instance.get_run_ids()
    assert len(runs) >= 3
    entries = (entry for run in runs for entry in graph.instance.all_logs(run))
    return "\n".join(repr(entry).replace("\\n", "\n").replace("\\'", "'") for entry in entries)


def _personal(graph: Graph) -> Iterator[tuple[str, str, str]]:
    """Table, column and value of all that is personal in the warehouse; what files say of addresses is public."""
    for table in catalog.tables().values():
        for column in {column.name for column in table.columns} & {*PEOPLE, *TEXTS}:
            if table.name.startswith(("crm.", "tweets.")):
                text = f"SELECT DISTINCT {column} AS v FROM {table.name} WHERE LENGTH({column}::VARCHAR) >= {SHORTEST}"
                yield from ((table.name, column, str(row["v"])) for row in graph.rows(text))
