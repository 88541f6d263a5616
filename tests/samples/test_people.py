from collections import Counter, defaultdict

import pytest

from samples import crm, people
from samples.dwellings import Dwellings
from samples.handwriting import HOUSE_HABITS, UNIT_HABITS
from samples.households import RECIPES
from samples.world import World

Truth = dict[str, list[dict[str, str]]]


def test_there_are_as_many_customers_as_were_asked_for_each_with_its_own_id(small_world: World) -> None:
    assert len({person.customer_id for person in small_world.people}) == len(small_world.people) == 300


def test_every_household_and_every_handwriting_occurs(small_world: World, truth: Truth) -> None:
    assert {recipe.trap for recipe in RECIPES} <= {row["trap"] for row in truth["people"]}
    assert {recipe.variation for recipe in RECIPES} == {row["variation"] for row in truth["people"]}
    habits = {habit.trap for habit in (*HOUSE_HABITS, *UNIT_HABITS)}
    landmarks = set(small_world.dwellings.traps.values())
    assert habits | landmarks == {row["trap"] for row in truth["homes"]}
    assert {row["expected"] for row in truth["homes"]} == {"exact", "fuzzy", "none"}


def test_a_family_shares_surname_and_dwelling_unless_a_record_misspells_it(small_world: World) -> None:
    families = defaultdict(list)
    for person in small_world.people:
        families[person.family].append(person)
    for members in families.values():
        assert len({person.dwelling for person in members}) == 1
        assert len({p.last_name for p in members if p.variation != "surname_typo"}) == 1


def test_households_are_to_be_merged_by_how_they_are_managed(truth: Truth) -> None:
    verdicts = defaultdict(set)
    for row in truth["people"]:
        verdicts[row["trap"]].add(row["merge"])
    assert verdicts["family_unmanaged"] == verdicts["family_partly_managed"] == {"yes"}
    assert verdicts["family_managed_apart"] == {"yes"}
    for trap in ("", "family_managed", "room_mates", "two_records", "same_surname_other_unit", "institution"):
        assert verdicts[trap] == {"no"}, trap


def test_two_records_of_one_person_differ_as_labelled(small_world: World) -> None:
    people_by_number = defaultdict(list)
    for person in small_world.people:
        people_by_number[person.person].append(person)
    pairs = [found for found in people_by_number.values() if len(found) > 1]
    assert {copy.variation for _, copy in pairs} == {r.variation for r in RECIPES if r.variation}
    for one, copy in pairs:
        assert (copy.variation == "nickname") == (one.first_name != copy.first_name)
        assert (copy.variation == "surname_typo") == (one.last_name != copy.last_name)
        assert (copy.variation == "swapped_day_month") == (one.birth_date != copy.birth_date)
        assert (one.email, one.phone) != (copy.email, copy.phone)


def test_more_than_six_surnames_share_the_block_without_units(small_world: World) -> None:
    block = [person for person in small_world.people if person.trap == "block_without_units"]
    assert len({person.last_name for person in block}) > 6
    assert len({person.dwelling for person in block}) == 1


def test_a_misspelled_street_is_no_other_street_of_the_town(small_world: World) -> None:
    dwellings: Dwellings = small_world.dwellings
    streets = {(dwellings[i].city, dwellings[i].street.upper()) for i in range(len(dwellings))}
    for person in small_world.people:
        if person.expected == "fuzzy":
            line = person.written.street.upper().split(" ", 1)[1].rstrip(".")
            assert all(
                (dwellings[person.dwelling].city, line + end) not in streets for end in ("", "REET", "ENUE")
            )


def test_every_bad_row_of_the_crm_is_in_the_truth(small_world: World, truth: Truth) -> None:
    tables = crm.tables(7, small_world.people)
    refused = Counter(
        row["source"] for row in truth["rejects"] if row["source"] in ("customers", "portfolios")
    )
    assert len(tables.customers) - refused["customers"] == len(small_world.people)
    loose = {row[0] for row in tables.customers} - {person.customer_id for person in small_world.people}
    bad = {row["line_or_offset_or_key"] for row in truth["rejects"] if row["source"] == "customers"}
    assert {str(key or "").strip() for key in loose} <= bad
    assert any(row[1] == "C9900000" for row in tables.portfolios), "owners unknown to the CRM"


def test_consent_is_given_by_about_three_in_five(small_world: World) -> None:
    assert 0.5 < sum(person.has_consent for person in small_world.people) / 300 < 0.7


@pytest.mark.parametrize("count", [199, 501])
def test_customers_that_do_not_fit_are_refused_with_a_sentence(small_world: World, count: int) -> None:
    with pytest.raises(ValueError, match=r"do not fit 2,000 addresses; ask for 200 to 500\.$"):
        people.customers(7, count, small_world.dwellings)
