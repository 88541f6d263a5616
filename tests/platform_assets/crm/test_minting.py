"""Who belongs together, and ids that are minted once."""

import datetime as dt
from collections import defaultdict
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from platform_assets.crm.minting import MAX_PEOPLE, MAX_SURNAMES, Change, Customer, Member, changes, mint

BORN = dt.date(1980, 1, 1)


def _customer(
    customer_id: str,
    last_name: str | None = "DOE",
    home: str | None = "A1",
    first_name: str = "",
    **more: str,
) -> Customer:
    """A customer who is nobody else: the given name is the key unless it is said."""
    return Customer(
        customer_id, first_name or customer_id, last_name, BORN, more.get("email"), more.get("phone"), home
    )


def _households(members: list[Member]) -> dict[str, str]:
    return {member.customer_id: member.household_id for member in members}


def _kinds(*customers: Customer) -> dict[str, str]:
    return {member.customer_id: member.kind for member in mint(customers, [])}


ids = st.sampled_from([f"C{number}" for number in range(12)])
people = st.builds(
    _customer,
    ids,
    st.sampled_from(["DOE", "ROE", "Doe ", "", None]),
    st.sampled_from(["A1", "A2", "A3", None]),
    st.sampled_from(["ANN", "BOB", ""]),
)
worlds = st.lists(people, max_size=12, unique_by=lambda customer: customer.customer_id)


@settings(deadline=None, max_examples=60)
@given(worlds, st.randoms())
def test_the_order_of_the_customers_changes_nothing(customers: list[Customer], random: Random) -> None:
    shuffled = list(customers)
    random.shuffle(shuffled)
    assert mint(shuffled, []) == mint(customers, [])


@settings(deadline=None, max_examples=60)
@given(worlds, worlds)
def test_every_customer_is_in_one_household_of_one_dwelling(
    first: list[Customer], second: list[Customer]
) -> None:
    members = mint(second, mint(first, []))
    assert [member.customer_id for member in members] == sorted(customer.customer_id for customer in second)
    homes: dict[str, set[str | None]] = defaultdict(set)
    for member in members:
        homes[member.household_id].add(member.address_id)
    assert all(len(found) == 1 for found in homes.values())


@settings(deadline=None, max_examples=60)
@given(worlds)
def test_minting_again_keeps_every_id(customers: list[Customer]) -> None:
    members = mint(customers, [])
    assert mint(customers, members) == members
    assert changes(members, members) == []


@settings(deadline=None, max_examples=60)
@given(st.lists(worlds, min_size=2, max_size=5))
def test_no_household_id_is_given_to_other_people_after_it_was_dissolved(
    history: list[list[Customer]],
) -> None:
    ledger: list[Member] = []
    ever: set[str] = set()
    gone: set[str] = set()
    for customers in history:
        before, ledger = ledger, mint(customers, ledger, ever)
        now = set(_households(ledger).values())
        assert not now & gone
        ever |= {change.household_id for change in changes(before, ledger)}
        assert now <= ever, "each id is in the ledger of changes, where the next run looks for used ones"
        gone |= set(_households(before).values()) - now


@settings(deadline=None, max_examples=60)
@given(worlds, worlds)
def test_changes_tell_of_every_household_that_is_new_or_gone(
    first: list[Customer], second: list[Customer]
) -> None:
    before = mint(first, [])
    after = mint(second, before)
    told = {change.household_id: change.change for change in changes(before, after)}
    was, now = set(_households(before).values()), set(_households(after).values())
    assert {household for household, change in told.items() if change in ("created", "split")} == now - was
    assert {household for household, change in told.items() if change == "dissolved"} == was - now


def test_a_family_is_people_of_one_surname_in_one_dwelling() -> None:
    assert _kinds(_customer("C1"), _customer("C2", "Doe")) == {"C1": "family", "C2": "family"}
    assert _kinds(_customer("C1"), _customer("C2", home="A2")) == {"C1": "single", "C2": "single"}
    assert _kinds(_customer("C1", home=None)) == {"C1": "unplaced"}


def test_room_mates_share_a_dwelling_and_no_household() -> None:
    members = mint([_customer("C1", "DOE"), _customer("C2", "ROE")], [])
    assert {member.kind for member in members} == {"room_mates"}
    assert len(set(_households(members).values())) == 2


def test_people_without_a_surname_are_no_family() -> None:
    assert _kinds(_customer("C1", None), _customer("C2", " ")) == {"C1": "single", "C2": "single"}


def test_an_address_with_too_many_people_is_no_household() -> None:
    fits = [_customer(f"C{n}") for n in range(MAX_PEOPLE)]
    assert set(_kinds(*fits).values()) == {"family"}
    members = mint([*fits, _customer("C99")], [])
    assert {member.kind for member in members} == {"ambiguous"}
    assert len(set(_households(members).values())) == MAX_PEOPLE + 1
    assert members[0].reason.startswith(f"{MAX_PEOPLE + 1} people of 1 surnames at one address")


def test_an_address_with_too_many_surnames_is_no_household() -> None:
    fits = [_customer(f"C{n}", f"NAME{n}") for n in range(MAX_SURNAMES)]
    assert set(_kinds(*fits).values()) == {"room_mates"}
    assert set(_kinds(*fits, _customer("C99", "NAME99")).values()) == {"ambiguous"}


def test_two_records_of_one_person_are_one_person_and_no_family() -> None:
    twice = [_customer("C1", first_name="ANN"), _customer("C2", "Doe", first_name="Ann ")]
    members = mint(twice, [])
    assert len({member.person_id for member in members}) == 1
    assert {member.kind for member in members} == {"single"}


def test_records_are_one_person_only_with_name_birth_date_and_a_particular() -> None:
    same = {"first_name": "ANN", "email": "ann@doe.example"}
    assert _persons(_customer("C1", home="A1", **same), _customer("C2", home="A2", **same)) == 1
    assert (
        _persons(_customer("C1", home="A1", first_name="ANN"), _customer("C2", home="A2", first_name="ANN"))
        == 2
    )
    assert _persons(_customer("C1", **same), _customer("C2", "ROE", **same)) == 2


def _persons(*customers: Customer) -> int:
    return len({member.person_id for member in mint(customers, [])})


def test_a_merge_keeps_the_id_of_the_larger_household() -> None:
    small, large = [_customer("C1", "DOE")], [_customer("C2", "ROE"), _customer("C3", "ROE")]
    before = mint([*small, *large], [])
    after = mint([_customer(f"C{n}", "ROE") for n in (1, 2, 3)], before)
    kept, lost = _households(before)["C2"], _households(before)["C1"]
    assert set(_households(after).values()) == {kept}
    assert changes(before, after) == sorted(
        [
            Change(kept, "merged", 3, f"came: C1; from: {lost}"),
            Change(lost, "dissolved", 0, "left: C1"),
        ],
        key=lambda change: change.household_id,
    )


def test_a_split_leaves_the_id_with_the_larger_part() -> None:
    before = mint([_customer(f"C{n}") for n in (1, 2, 3)], [])
    after = mint([_customer("C1", "ROE"), _customer("C2"), _customer("C3")], before)
    old = _households(before)["C1"]
    assert {_households(after)[c] for c in ("C2", "C3")} == {old}
    told = {change.household_id: change for change in changes(before, after)}
    assert told[old] == Change(old, "shrunk", 2, "left: C1")
    new = _households(after)["C1"]
    assert told[new] == Change(new, "split", 1, f"came: C1; from: {old}")


def test_a_birth_makes_a_household_grow_and_the_last_to_leave_dissolves_it() -> None:
    couple = [_customer("C1"), _customer("C2")]
    before = mint(couple, [])
    after = mint([*couple, _customer("C3")], before)
    home = _households(before)["C1"]
    assert changes(before, after) == [Change(home, "grown", 3, "came: C3")]
    assert changes([], before) == [Change(home, "created", 2, "came: C1, C2")]
    assert changes(after, []) == [Change(home, "dissolved", 0, "left: C1, C2, C3")]
