"""Street lines and units: equal addresses get equal forms, and odd text harms nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_assets.geo import postal
from resources import catalog

_WORDS = """
N NORTH S W East Main ELM St Street. AVE Road EXT Extension CT Court SAINT APT Unit # 5 12 4B 2ND FIRST
FLOOR FL PARK LAKE MT PO BOX HARTFORD CT, 06103 & - / , RTE HWY 12-14 1/2 REAR
"""
WORDS = st.lists(st.sampled_from(_WORDS.split()), max_size=8).map(" ".join)


@pytest.mark.parametrize(
    ("street", "texts"),
    [
        (
            "MAIN ST",
            ["Main St", "MAIN STREET", "main st.", "  Main   Str ", "12 Main Street", "12-14 Main St Apt 3"],
        ),
        ("N ELM ST", ["N. Elm St.", "North Elm Street", "NORTH ELM ST", "5 N Elm St #2"]),
        ("MAIN ST N", ["Main Street North", "MAIN ST N"]),
        ("MAIN STREET EXT", ["Main Street Extension", "MAIN ST EXT", "Main St. Ext"]),
        ("5TH ST", ["FIFTH ST", "5th Street", "5 St"]),
        ("SW JUNIPER TER", ["SW JUNIPER TER", "Southwest Juniper Terrace"]),
        ("NORTH ST", ["North Street", "NORTH ST"]),
        ("W LAKE RD", ["West Lake Road", "W Lake Rd"]),
        ("OAK CT", ["Oak Court", "OAK CT", "12 Oak Ct"]),
        ("ST JAMES AVE", ["Saint James Ave", "St. James Avenue"]),
        ("RTE 66", ["Route 66", "RTE 66"]),
        ("STATE HWY 8", ["State Highway 8"]),
        ("ONEILL DR", ["O'Neill Drive", "O’NEILL DR"]),
        ("ELM ST", ["1 Elm St, Hartford, CT 06103"]),
    ],
)
def test_spellings_of_one_street_get_one_form(street: str, texts: list[str]) -> None:
    assert {postal.usps(text).street for text in texts} == {street}


def test_a_whole_line_is_taken_apart() -> None:
    assert postal.usps("12-14 Elm Ave #4B") == ("12-14 Elm Ave #4B", "12-14", "ELM AVE", "4B", "usps")
    assert postal.usps("1 Main St 2nd Floor")[1:4] == ("1", "MAIN ST", "FL 2")
    assert postal.usps("Broadway")[1:4] == (None, "BROADWAY", None)


def test_what_is_no_street_is_folded_and_kept() -> None:
    assert postal.usps("P.O. Box 12")[1:] == (None, "PO BOX 12", None, "folded")
    assert postal.usps("")[1:] == (None, "", None, "folded")


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=40), WORDS))
def test_any_text_can_be_read_and_a_street_is_read_as_itself(text: str) -> None:
    line = postal.usps(text)
    assert line.street_text == text
    assert postal.usps(line.street).street == line.street


def test_a_very_long_text_is_folded_in_no_time() -> None:
    assert postal.usps("MAIN " * 20_000).method == "folded"


@pytest.mark.parametrize(
    ("form", "texts"),
    [
        ("233", ["# 233", "#233", "Apt 233", "UNIT 233", "Ste. 233", "233"]),
        ("4B", ["APT 4B", "apt 4-b", "4 B", "Apt. #4B"]),
        ("2", ["Unit 2", "APT 02"]),
        ("FL 2", ["FL 2", "2ND FLOOR", "Floor 2", "second floor"]),
        ("FL 3 4", ["3rd fl apt 4", "Apt 4 FL 3"]),
        ("PH", ["PH", "Penthouse"]),
        ("REAR", ["Rear"]),
        ("1-2", ["1-2"]),
        ("", ["", "  ", "Apt", "#"]),
    ],
)
def test_spellings_of_one_unit_get_one_form(form: str, texts: list[str]) -> None:
    assert {postal.unit(text) for text in texts} == {form}


@given(st.text(max_size=30))
def test_any_text_may_be_a_unit(text: str) -> None:
    assert postal.unit(text) == postal.unit(text).strip()


def test_a_table_has_a_row_for_each_text_in_its_order() -> None:
    table = postal.usps_table(["12 Main St", "Elm Ave"])
    assert table.schema == catalog.schema("geo.streets")
    assert table.column("street").to_pylist() == ["MAIN ST", "ELM AVE"]
    assert postal.usps_table([]).num_rows == 0
    assert postal.units_table(["APT 4-B", "#"]).to_pydict() == {
        "unit_text": ["APT 4-B", "#"],
        "unit": ["4B", ""],
    }
