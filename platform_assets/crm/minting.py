"""Persons and households: who belongs together, and ids that are minted once and then kept.

Here is the exact tier, by dwelling and by identical particulars. A probabilistic tier would add pairs to `persons`
before ids are minted, and the ids would follow.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

MAX_SURNAMES = 5
"""More surnames than this at one address: a block without units, or an institution."""

MAX_PEOPLE = 12
"""More people than this at one address: likewise."""


@dataclass(frozen=True)
class Customer:
    """What matching looks at; texts as in `crm.customers`, `address_id` from `crm.customer_homes`."""

    customer_id: str
    first_name: str | None
    last_name: str | None
    birth_date: date | None
    email: str | None
    phone: str | None
    address_id: str | None

    @property
    def surname(self) -> str:
        """Upper case, empty when there is none."""
        return (self.last_name or "").strip().upper()


@dataclass(frozen=True)
class Member:
    """One row of `crm.household_members`."""

    customer_id: str
    person_id: str
    household_id: str
    address_id: str | None
    kind: str
    reason: str


@dataclass(frozen=True)
class Group:
    """Customers that belong together, and why."""

    customers: frozenset[str]
    kind: str = ""
    reason: str = ""


def persons(customers: Sequence[Customer]) -> list[Group]:
    """Records of one person: same name and birth date, and the same e-mail, telephone or dwelling."""
    parent = {customer.customer_id: customer.customer_id for customer in customers}

    def root(customer_id: str) -> str:
        while parent[customer_id] != customer_id:
            parent[customer_id] = customer_id = parent[parent[customer_id]]
        return customer_id

    first_with: dict[tuple[object, ...], str] = {}
    for customer in customers:
        for particulars in _particulars(customer):
            other = first_with.setdefault(particulars, customer.customer_id)
            one, two = sorted((root(customer.customer_id), root(other)))
            parent[two] = one
    together: dict[str, set[str]] = defaultdict(set)
    for customer_id in parent:
        together[root(customer_id)].add(customer_id)
    return [Group(frozenset(ids)) for ids in together.values()]


def households(customers: Sequence[Customer], person_of: Mapping[str, str]) -> list[Group]:
    """People of one dwelling and one surname; people of a crowded address each stay alone."""
    at_home: dict[str, dict[str, list[Customer]]] = defaultdict(lambda: defaultdict(list))
    groups = []
    for customer in customers:
        if customer.address_id is None:
            alone = frozenset({customer.customer_id})
            groups.append(Group(alone, "unplaced", "no dwelling is known"))
        else:
            at_home[customer.address_id][customer.surname].append(customer)
    for surnames in at_home.values():
        groups += _dwelling(surnames, person_of)
    return groups


def assign(
    groups: Iterable[Group], before: Mapping[str, str], used: Iterable[str], prefix: str
) -> dict[str, str]:
    """An id for each customer: a group keeps the id most of its customers had, else a new one is minted.

    `before` is the id each customer had, `used` every id ever minted: none is given twice. Of two groups that had one
    id, the one with more of its customers keeps it; of two ids in one group, the one with more customers stays.
    """
    claims = []
    listed = sorted(groups, key=lambda group: min(group.customers))
    for place, group in enumerate(listed):
        held = Counter(before[customer] for customer in group.customers if customer in before)
        claims += [(-count, old, place) for old, count in held.items()]
    id_of_group: dict[int, str] = {}
    taken: set[str] = set()
    for _, old, place in sorted(claims):
        if place not in id_of_group and old not in taken:
            id_of_group[place] = old
            taken.add(old)
    minted = set(used) | set(before.values())
    ids: dict[str, str] = {}
    for place, group in enumerate(listed):
        chosen = id_of_group.get(place) or next(
            new for new in _candidates(group, prefix) if new not in minted
        )
        minted.add(chosen)
        ids.update(dict.fromkeys(group.customers, chosen))
    return ids


def mint(customers: Sequence[Customer], before: Sequence[Member], used: Iterable[str] = ()) -> list[Member]:
    """The household ledger for these customers, given the ledger as it was; sorted by customer."""
    ever = set(used)
    people = persons(customers)
    person_before = {member.customer_id: member.person_id for member in before}
    person_of = assign(people, person_before, ever, "P")
    homes = households(customers, person_of)
    household_before = {member.customer_id: member.household_id for member in before}
    household_of = assign(homes, household_before, ever, "H")
    home_of = {customer_id: group for group in homes for customer_id in group.customers}
    return [
        Member(
            c.customer_id,
            person_of[c.customer_id],
            household_of[c.customer_id],
            c.address_id,
            home_of[c.customer_id].kind,
            home_of[c.customer_id].reason,
        )
        for c in sorted(customers, key=lambda customer: customer.customer_id)
    ]


@dataclass(frozen=True)
class Change:
    """One row of `crm.household_changes`, without its time."""

    household_id: str
    change: str
    customers: int
    detail: str


def changes(before: Sequence[Member], after: Sequence[Member]) -> list[Change]:
    """What happened to each household between two states of the ledger."""
    was, now = _by_household(before), _by_household(after)
    home_was = {member.customer_id: member.household_id for member in before}
    found = []
    for household in sorted(was.keys() | now.keys()):
        before_ids, after_ids = was.get(household, set()), now.get(household, set())
        came, left = after_ids - before_ids, before_ids - after_ids
        if not (came or left):
            continue
        origins = {home_was[customer] for customer in came if customer in home_was}
        if household not in now:
            change = "dissolved"
        elif household not in was:
            change = "split" if origins else "created"
        elif came:
            change = "merged" if any(origin not in now for origin in origins) else "grown"
        else:
            change = "shrunk"
        detail = "; ".join(
            f"{word}: {', '.join(sorted(who)[:10])}" + (" and others" if len(who) > 10 else "")
            for word, who in (("came", came), ("left", left), ("from", origins))
            if who
        )
        found.append(Change(household, change, len(after_ids), detail))
    return found


def _particulars(customer: Customer) -> Iterator[tuple[object, ...]]:
    if customer.first_name and customer.surname and customer.birth_date:
        who = (customer.first_name.strip().upper(), customer.surname, customer.birth_date)
        for name in ("email", "phone", "address_id"):
            value = getattr(customer, name)
            if value:
                yield (*who, name, value)


def _dwelling(surnames: Mapping[str, list[Customer]], person_of: Mapping[str, str]) -> Iterator[Group]:
    everyone = [customer for family in surnames.values() for customer in family]
    people = len({person_of[customer.customer_id] for customer in everyone})
    if len(surnames) > MAX_SURNAMES or people > MAX_PEOPLE:
        reason = f"{people} people of {len(surnames)} surnames at one address: a block without units or an institution"
        for person in _people(everyone, person_of):
            yield Group(person, "ambiguous", reason)
        return
    for surname, family in surnames.items():
        members = frozenset(customer.customer_id for customer in family)
        size = len({person_of[customer] for customer in members})
        if not surname:
            for person in _people(family, person_of):
                yield Group(person, "single", "has no surname on record")
        elif size > 1:
            yield Group(members, "family", f"{size} people named {surname} in one dwelling")
        elif len(surnames) > 1:
            yield Group(members, "room_mates", f"shares a dwelling with {len(surnames) - 1} other surnames")
        else:
            yield Group(members, "single", "the only customer in the dwelling")


def _people(customers: Iterable[Customer], person_of: Mapping[str, str]) -> list[frozenset[str]]:
    records: dict[str, set[str]] = defaultdict(set)
    for customer in customers:
        records[person_of[customer.customer_id]].add(customer.customer_id)
    return [frozenset(ids) for ids in records.values()]


def _candidates(group: Group, prefix: str) -> Iterator[str]:
    number = 0
    while True:
        seed = f"{prefix}|{min(group.customers)}|{number}"
        yield prefix + hashlib.sha256(seed.encode()).hexdigest()[:12]
        number += 1


def _by_household(members: Iterable[Member]) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for member in members:
        found[member.household_id].add(member.customer_id)
    return dict(found)
