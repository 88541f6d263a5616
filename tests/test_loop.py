"""The whole loop: what is new upstream shows downstream, what is not new is not written again."""

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import dagster as dg
import pytest

from samples import world
from samples.arrivals import Arrival
from tests.graph import Graph, graph_at, own_copy

Row = dict[str, object]
LATER = dt.datetime(2026, 12, 1, tzinfo=dt.UTC).isoformat()
MEMBERS = "SELECT customer_id, person_id, household_id, kind, address_id FROM crm.household_members"
CASES = "SELECT case_id, customer_id, state FROM customer360.support_cases"
OFFERS = "SELECT offer_id, customer_id FROM customer360.offers"


class State(NamedTuple):
    """What tests compare, by key."""

    members: dict[str, Row]
    cases: dict[str, Row]
    offers: dict[str, Row]


class Story(NamedTuple):
    """Two rounds after the first run: things arrive and change, then what was deleted comes back."""

    graph: Graph
    arrival: Arrival
    deleted: str
    renamed: list[str]
    newborn: str
    family: list[str]
    mates: list[str]
    located_before: list[Row]
    first: State
    second: State
    third: State


@pytest.fixture
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    """A graph of its own whose first run is done."""
    with graph_at(own_copy(tmp_path_factory)) as graph:
        yield graph


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    home = own_copy(tmp_path_factory)
    with graph_at(home) as graph:
        first = _state(graph)
        arrival = world.arrive(graph.ports.object_store, graph.ports.message_log, home)
        located_before = _located(graph, arrival.located_tweet)
        spared = {arrival.complaining_customer_id, arrival.asking_customer_id}
        family, other = _of_kind(first, "family", spared, 2)[:2]
        mates = next(iter(_mates(first, spared)))
        deleted = _of_kind(first, "single", spared | set(family) | set(other), 1)[0][0]
        removed = _change_crm(home, deleted, mates, family[-1], other[0])
        graph.bring_up_to_date()
        second = _state(graph)
        with closing(sqlite3.connect(home / "crm.sqlite")) as crm, crm:
            crm.execute(f"INSERT INTO customers VALUES ({', '.join('?' * len(removed))})", removed)
        graph.bring_up_to_date()
        yield Story(
            graph, arrival, deleted, [family[-1], mates[1]], "NEWBORN", other, mates, located_before,
            first, second, _state(graph),
        )  # fmt: skip


def _state(graph: Graph) -> State:
    def by(key: str, text: str) -> dict[str, Row]:
        return {str(row[key]): row for row in graph.rows(text)}

    return State(by("customer_id", MEMBERS), by("case_id", CASES), by("offer_id", OFFERS))


def _located(graph: Graph, offset: int) -> list[Row]:
    return graph.rows(
        "SELECT c.category, c.address_id FROM customer360.categories AS c JOIN tweets.tweets AS t"
        f" ON t.tweet_id = c.tweet_id WHERE t.log_offset = {offset}"
    )


def _groups(state: State, column: str, kind: str, spared: set[str]) -> list[list[str]]:
    groups: dict[object, list[str]] = {}
    for customer, row in sorted(state.members.items()):
        if row["kind"] == kind:
            groups.setdefault(row[column], []).append(customer)
    return [group for group in groups.values() if not spared & set(group)]


def _of_kind(state: State, kind: str, spared: set[str], size: int) -> list[list[str]]:
    """Households of a kind, of at least that many people who are each one record."""
    return [
        group
        for group in _groups(state, "household_id", kind, spared)
        if len({state.members[customer]["person_id"] for customer in group}) == len(group) >= size
    ]


def _mates(state: State, spared: set[str]) -> list[list[str]]:
    """People who share a dwelling and no surname, two of them, each a household."""
    return [
        group
        for group in _groups(state, "address_id", "room_mates", spared)
        if len(group) == 2 and len({state.members[customer]["household_id"] for customer in group}) == 2
    ]


def _change_crm(home: Path, deleted: str, mates: list[str], leaver: str, parent: str) -> tuple[object, ...]:
    """Delete one, marry room-mates, let one of a family take another name, add a child to a family."""
    with closing(sqlite3.connect(home / "crm.sqlite")) as crm, crm:
        removed: tuple[object, ...] = crm.execute(
            "SELECT * FROM customers WHERE customer_id = ?", [deleted]
        ).fetchone()
        crm.execute("DELETE FROM customers WHERE customer_id = ?", [deleted])
        crm.execute(
            "UPDATE customers SET updated_at = ?, last_name ="
            " (SELECT last_name FROM customers WHERE customer_id = ?) WHERE customer_id = ?",
            [LATER, mates[0], mates[1]],
        )
        crm.execute(
            "UPDATE customers SET updated_at = ?, last_name = 'Elsewhere' WHERE customer_id = ?",
            [LATER, leaver],
        )
        crm.execute("CREATE TEMP TABLE child AS SELECT * FROM customers WHERE customer_id = ?", [parent])
        crm.execute(
            "UPDATE child SET customer_id = 'NEWBORN', first_name = 'Newborn', birth_date = '2026-10-01',"
            " email = NULL, phone = NULL, updated_at = ?",
            [LATER],
        )
        crm.execute("INSERT INTO customers SELECT * FROM child")
    return removed


def _household(state: State, customer: str) -> object:
    return state.members[customer]["household_id"]


def test_a_second_refresh_of_the_same_data_writes_nothing(graph: Graph) -> None:
    before = graph.rows("SELECT table_name, part, version, written_at FROM ledger.table_versions")
    result = graph.bring_up_to_date()
    made = [
        event.step_materialization_data.materialization for event in result.get_asset_materialization_events()
    ]
    written = {
        m.asset_key.to_user_string(): m.metadata["was_written"].value
        for m in made
        if "was_written" in m.metadata
    }
    assert len(written) > 15
    assert not any(written.values()), written
    assert graph.rows("SELECT table_name, part, version, written_at FROM ledger.table_versions") == before


def test_new_addresses_locate_an_old_tweet(story: Story) -> None:
    assert story.arrival.located_tweet >= 0
    assert [(row["category"], row["address_id"]) for row in story.located_before] == [("unlocated", None)]
    now = _located(story.graph, story.arrival.located_tweet)
    assert [row["category"] for row in now] == ["prospect"]
    assert now[0]["address_id"]


def test_new_tweets_give_a_new_case_and_a_new_offer_and_keep_the_old_ids(story: Story) -> None:
    new = [story.second.cases[key] for key in story.second.cases.keys() - story.first.cases.keys()]
    assert ("open", story.arrival.complaining_customer_id) in [
        (row["state"], row["customer_id"]) for row in new
    ]
    offered = [story.second.offers[key] for key in story.second.offers.keys() - story.first.offers.keys()]
    assert story.arrival.asking_customer_id in [row["customer_id"] for row in offered]
    assert story.first.offers.keys() - story.second.offers.keys() == set()


def test_a_deleted_customer_leaves_and_a_restored_one_returns(story: Story) -> None:
    assert story.deleted in story.first.members
    assert story.deleted not in story.second.members
    assert story.deleted in story.third.members
    told = story.graph.rows(
        "SELECT change FROM crm.customer_changes WHERE customer_id = "
        f"'{story.deleted}' ORDER BY changed_at, change"
    )
    assert [row["change"] for row in told] == ["created", "deleted", "restored"]
    assert (
        story.graph.one(
            f"SELECT COUNT(*) AS n FROM customer360.profiles WHERE customer_id = '{story.deleted}'"
        )
        == 1
    )


def test_a_changed_customer_is_told_column_by_column(story: Story) -> None:
    for customer in story.renamed:
        told = story.graph.rows(
            "SELECT change, new_value FROM crm.customer_changes WHERE change <> 'created' AND customer_id = "
            f"'{customer}'"
        )
        assert [row["change"] for row in told] == ["last_name"]


def test_households_keep_their_ids_and_tell_what_became_of_them(story: Story) -> None:
    touched = {story.deleted, story.newborn, *story.renamed, *story.mates}
    kept = story.first.members.keys() - touched
    assert {c: _household(story.first, c) for c in kept} == {c: _household(story.second, c) for c in kept}
    changes = {
        (row["household_id"], row["change"])
        for row in story.graph.rows("SELECT * FROM crm.household_changes WHERE change <> 'created'")
    }
    grown = _household(story.second, story.newborn)
    assert grown == _household(story.first, story.family[0])
    assert (grown, "grown") in changes
    married = {_household(story.second, mate) for mate in story.mates}
    assert len(married) == 1
    assert married < {_household(story.first, mate) for mate in story.mates}
    assert (next(iter(married)), "merged") in changes
    assert (_household(story.second, story.renamed[0]), "split") in changes
    assert (_household(story.first, story.deleted), "dissolved") in changes


def test_a_household_that_comes_back_gets_an_id_that_nobody_had(story: Story) -> None:
    again = _household(story.third, story.deleted)
    assert again not in {row["household_id"] for state in story[-3:-1] for row in state.members.values()}


def test_replaced_and_deleted_address_files_change_just_their_rows(graph: Graph) -> None:
    store = graph.ports.object_store
    counts = graph.rows(
        "SELECT file, COUNT(*) AS n FROM geo.raw_addresses GROUP BY file ORDER BY n DESC, file LIMIT 2"
    )
    replaced, deleted = (str(row["file"]) for row in counts)
    others = f"SELECT COUNT(*) AS n FROM geo.raw_addresses WHERE file NOT IN ('{replaced}', '{deleted}')"
    before = graph.one(others)
    store.put(replaced, b"LON,LAT,NUMBER,STREET,CITY\n-72.7,41.7,77777,NEW ST,AVON\n")
    store.delete(deleted)
    graph.bring_up_to_date()
    assert graph.one(others) == before
    left = graph.rows("SELECT file, COUNT(*) AS n FROM geo.raw_addresses GROUP BY file")
    files = {row["file"]: row["n"] for row in left}
    assert files[replaced] == 1
    assert deleted not in files
    assert graph.one("SELECT SUM(sources) AS n FROM geo.addresses") == sum(
        int(str(n)) for n in files.values()
    )
    assert graph.one("SELECT COUNT(*) AS n FROM geo.addresses WHERE house_number = '77777'") == 1
    assert (
        graph.one(
            "SELECT COUNT(*) AS n FROM crm.customer_homes AS h LEFT JOIN geo.addresses AS a"
            " ON a.address_id = h.address_id WHERE h.address_id IS NOT NULL AND a.address_id IS NULL"
        )
        == 0
    )
    assert deleted not in graph.instance.get_dynamic_partitions("address_files")


def test_a_failing_load_of_one_file_leaves_the_others_loaded(graph: Graph) -> None:
    store = graph.ports.object_store
    store.put("geo/incoming/zz_bad.csv", b"no addresses here\n")
    store.put("geo/incoming/zz_good.csv", b"LON,LAT,NUMBER,STREET,CITY\n-72.7,41.7,77777,NEW ST,AVON\n")
    graph.bring_up_to_date()
    rows = graph.rows("SELECT file, state FROM geo.address_files WHERE STARTSWITH(file, 'geo/incoming/zz_')")
    assert {(row["file"], row["state"]) for row in rows} == {
        ("geo/incoming/zz_bad.csv", "rejected"),
        ("geo/incoming/zz_good.csv", "loaded"),
    }
    key = dg.AssetKey(["geo", "raw_addresses"])
    checks = graph.instance.event_log_storage.get_asset_check_summary_records(
        [dg.AssetCheckKey(key, "read_is_loaded_plus_rejected"), dg.AssetCheckKey(key, "files_are_readable")]
    )
    passed = {name.name: record.last_check_execution_record for name, record in checks.items()}
    assert passed["read_is_loaded_plus_rejected"].status.value == "SUCCEEDED"  # type: ignore[union-attr]
    assert passed["files_are_readable"].status.value == "FAILED"  # type: ignore[union-attr]
