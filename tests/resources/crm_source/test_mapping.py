"""The mapping file of a CRM with names of its own: what it may say, and what it is told otherwise."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.crm_source import COLUMNS, KEYS, load_mapping
from resources.crm_source.sql import SqlCrmSource
from resources.unavailable import Unavailable


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # Empty, or not a mapping at all.
        ("", "has None in the file"),
        ("- customers", "has ['customers'] in the file"),
        ("customers: [", "is no YAML"),
        ("\x00", "is no YAML"),
        # Names that are not Quadrant's.
        ("clients: {table: a}", "has 'clients' in the file: allowed are customers, portfolios"),
        ("customers: {tabel: a}", "has 'tabel' in customers: allowed are table, columns"),
        (
            "customers: {columns: {customer_id: a, surname: b}}",
            "has 'surname' in customers.columns: allowed are",
        ),
        # Values of a wrong kind.
        ("customers: bank.clients", "has 'bank.clients' in customers"),
        ("customers: {table: 7}", "has 7 for customers.table: write a name as text"),
        ("customers: {columns: {customer_id: }}", "has None for customers.columns.customer_id"),
        ("customers: {columns: {customer_id: ' '}}", "has ' ' for customers.columns.customer_id"),
        # The key, which is needed; and YAML's trap of the last of two winning.
        ("customers: {columns: {first_name: a}}", "names no customer_id in customers.columns"),
        ("customers: {columns: {customer_id: a, customer_id: b}}", "'customer_id' is given twice"),
        ("customers: {table: a}\ncustomers: {table: b}", "'customers' is given twice"),
        ("? [a]\n: b", "is no YAML"),
    ],
)
def test_a_mapping_that_is_wrong_is_told_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(text)
    with pytest.raises(Unavailable) as caught:
        load_mapping(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_mapping_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"mapping\.yaml cannot be read \(No such file or directory\)"):
        load_mapping(tmp_path / "mapping.yaml")


def test_a_mapping_may_leave_out_what_has_quadrants_names(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text("customers: {table: bank.clients}")
    mapping = load_mapping(path)
    assert mapping["customers"].table == "bank.clients"
    assert tuple(mapping["customers"].columns) == COLUMNS["customers"]
    source = SqlCrmSource("postgresql://db/crm", mapping)
    assert source.uri("customers") == "postgresql://db/crm/bank.clients"
    assert source.uri("portfolios") == "postgresql://db/crm/portfolios"


@given(text=st.text(max_size=60) | st.from_regex(r"(customers|portfolios): \{(table|columns): .{0,20}\}"))
def test_any_text_is_a_mapping_or_one_sentence(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8", errors="replace")
    try:
        mapping = load_mapping(path)
    except Unavailable as error:
        assert "\n" not in str(error)
    else:
        assert all(KEYS[table] in entry.columns for table, entry in mapping.items())
