"""The whole graph on a sample world, scored trap by trap against the truth that was written beside it."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import dagster as dg
import pytest

from platform_assets.console.ports import opened
from platform_assets.console.run import arrivals, loads
from platform_assets.definitions import definitions_for
from platform_assets.jobs import extract_crm, load_addresses, refresh
from resources.deployments import deployment_from
from resources.warehouse import Session
from samples import shoppers, world

Row = dict[str, str]
ROUNDED = 2e-5
"""Degrees: some files write five decimals."""

PROBABILISTIC = {"nickname", "surname_typo", "swapped_day_month"}
"""Two records of one person that only a probabilistic match can join."""


CONFIG = world.WorldConfig(addresses=12_000, customers=2_000, tweets=2_000, seed=11)


class Graph(NamedTuple):
    """A materialized world: its truth by file, its warehouse open."""

    truth: Mapping[str, list[Row]]
    session: Session


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    home = tmp_path_factory.mktemp("home")
    world.write(world.make(CONFIG), home)
    deployment = deployment_from({"QUADRANT_HOME": str(home)})
    definitions = definitions_for(deployment)
    with opened(deployment, "warehouse", "object_store") as ports, dg.DagsterInstance.ephemeral() as instance:
        for tags in loads(instance, arrivals(ports.object_store, ports.warehouse)):
            assert (
                definitions.resolve_job_def(load_addresses.name)
                .execute_in_process(instance=instance, tags=tags)
                .success
            )
        for job in (extract_crm, refresh):
            assert definitions.resolve_job_def(job.name).execute_in_process(instance=instance).success
        with ports.warehouse.session() as session:
            yield Graph({path.stem: _read(path) for path in (home / "truth").glob("*.csv")}, session)


def _read(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _by_trap(rows: list[Row], wrong: list[Row]) -> dict[str, str]:
    """Share of right rows per trap, where it is not all of them."""
    total, bad = Counter(row["trap"] for row in rows), Counter(row["trap"] for row in wrong)
    return {trap or "ordinary": f"{n - bad[trap]} of {n}" for trap, n in total.items() if bad[trap]}


def test_every_home_is_found_the_way_it_should_be(graph: Graph) -> None:
    found = {
        row["customer_id"]: row
        for row in graph.session.rows(
            "SELECT h.customer_id, h.method, a.lon, a.lat, a.house_number, a.unit FROM crm.customer_homes AS h"
            " LEFT JOIN geo.addresses AS a ON a.address_id = h.address_id"
        )
    }
    rows = graph.truth["homes"]

    def is_right(row: Row) -> bool:
        home = found[row["customer_id"]]
        if home["method"] != row["expected"]:
            return False
        return row["expected"] == "none" or (
            float(str(home["lon"])) == pytest.approx(float(row["lon"]), abs=ROUNDED)
            and float(str(home["lat"])) == pytest.approx(float(row["lat"]), abs=ROUNDED)
            and (home["house_number"], home["unit"]) == (row["house_number"], row["unit"])
        )

    assert {row["expected"] for row in rows} == {"exact", "fuzzy", "none"}
    assert _by_trap(rows, [row for row in rows if not is_right(row)]) == {}


def test_every_tweet_gets_its_category_place_and_author(graph: Graph) -> None:
    found = {
        int(str(row["log_offset"])): row
        for row in graph.session.rows(
            "SELECT t.log_offset, t.quadrant, c.category, c.customer_id, c.match_level, a.lon, a.lat, a.house_number"
            " FROM customer360.categories AS c JOIN tweets.tweets AS t ON t.tweet_id = c.tweet_id"
            " LEFT JOIN geo.addresses AS a ON a.address_id = c.address_id"
        )
    }
    rows = graph.truth["tweets"]

    def is_right(row: Row) -> bool:
        tweet = found[int(row["log_offset"])]
        if (tweet["category"], tweet["quadrant"] or "") != (row["category"], row["quadrant"]):
            return False
        if row["lon"] and (
            str(tweet["house_number"]) != row["house_number"]
            or abs(float(str(tweet["lon"])) - float(row["lon"])) > ROUNDED
        ):
            return False
        if row["match_level"] == "person":
            return tweet["match_level"] == "person" and tweet["customer_id"] == row["customer_id"]
        return (tweet["match_level"] or "") == row["match_level"]

    assert len(found) == len(rows)
    wrong = [row for row in rows if not is_right(row)]
    # Two records of one person look like two people until the probabilistic tier joins them.
    assert {row["trap"] for row in wrong} <= {"two_records"}, _by_trap(rows, wrong)
    assert len(wrong) <= 0.01 * len(rows)


def test_topics_complaints_and_languages_agree_with_the_truth(graph: Graph) -> None:
    found = {
        int(str(row["log_offset"])): row
        for row in graph.session.rows(
            "SELECT t.log_offset, s.topic, s.is_complaint, s.language FROM tweets.scored_tweets AS s"
            " JOIN tweets.tweets AS t ON t.tweet_id = s.tweet_id"
        )
    }
    rows = graph.truth["tweets"]
    for column, least in (("topic", 0.97), ("is_complaint", 0.97), ("language", 0.98)):
        right = sum(str(found[int(row["log_offset"])][column]).lower() == row[column] for row in rows)
        assert right / len(rows) >= least, column


def test_households_are_the_true_families_but_for_records_that_need_a_probabilistic_match(
    graph: Graph,
) -> None:
    people = {row["customer_id"]: row for row in graph.truth["people"]}
    household = {
        str(row["customer_id"]): str(row["household_id"])
        for row in graph.session.rows("SELECT customer_id, household_id FROM crm.household_members")
    }
    assert household.keys() == people.keys()
    true, found = _groups({c: row["family"] for c, row in people.items()}), _groups(household)
    odd = {customer for group in found - true for customer in group}
    assert {people[customer]["trap"] for customer in odd} <= {
        "two_records",
        "institution",
        "block_without_units",
    }
    assert len(true & found) / len(true) > 0.98


def test_exact_duplicates_are_one_person_and_no_two_people_are_joined(graph: Graph) -> None:
    people = {row["customer_id"]: row for row in graph.truth["people"]}
    person = {
        str(row["customer_id"]): str(row["person_id"])
        for row in graph.session.rows("SELECT customer_id, person_id FROM crm.household_members")
    }
    true, found = _groups({c: row["person"] for c, row in people.items()}), _groups(person)
    assert all(any(group <= whole for whole in true) for group in found), "two people share a person_id"
    missed = [group for group in true - found]
    assert all(any(people[c]["variation"] in PROBABILISTIC for c in group) for group in missed)


def test_household_merges_are_exactly_those_that_are_due(graph: Graph) -> None:
    due = {row["customer_id"] for row in graph.truth["people"] if row["merge"] == "yes"}
    proposed = graph.session.rows(
        "SELECT m.customer_id FROM customer360.household_merges AS h"
        " JOIN crm.household_members AS m ON m.household_id = h.household_id"
    )
    assert {str(row["customer_id"]) for row in proposed} == due


def test_every_bad_record_is_rejected_at_its_place_for_its_reason_and_nothing_else_is(graph: Graph) -> None:
    expected = Counter(
        (row["source"], row["line_or_offset_or_key"], row["reason"]) for row in graph.truth["rejects"]
    )
    found = Counter(
        (str(row["source"]), str(row["place"]), str(row["reason"]))
        for row in graph.session.rows(
            "SELECT file AS source, TO_VARCHAR(line) AS place, reason FROM geo.rejected_addresses"
            " UNION ALL SELECT file, TO_VARCHAR(line), reason FROM promotions.rejected_sales"
            " UNION ALL SELECT 'tweets', TO_VARCHAR(log_offset), reason FROM tweets.rejected_tweets"
        )
    )
    for table in ("customers", "portfolios"):
        for row in graph.session.rows(f"SELECT place, reason FROM crm.rejected_{table}"):
            key = str(row["place"]).removeprefix(f"{table} ")
            found[(table, "" if key.startswith("row ") or not key.strip() else key, str(row["reason"]))] += 1
    assert found == Counter({(s, p.strip(), r): n for (s, p, r), n in expected.items()})


def test_addresses_are_the_dwellings_of_the_world_merged_across_files(graph: Graph) -> None:
    summary = graph.session.rows("SELECT COUNT(*) AS n, SUM(sources) AS records FROM geo.addresses")[0]
    raw = graph.session.rows("SELECT COUNT(*) AS n FROM geo.raw_addresses")[0]["n"]
    assert summary["records"] == raw
    assert int(str(raw)) - int(str(summary["n"])) > 0, "the world holds duplicates across files"


def test_every_receipt_is_loaded_and_segments_follow_from_habits(graph: Graph) -> None:
    made = world.make(CONFIG)
    sold = graph.session.rows("SELECT COUNT(*) AS n, COUNT(DISTINCT sale_id) AS ids FROM promotions.sales")[0]
    assert sold["n"] == sold["ids"] == sum(file.rows for file in made.sales_files)
    habits = {
        user: shoppers.HABITS[habit].name
        for user, habit in zip(made.shoppers.user_id.tolist(), made.shoppers.habit.tolist(), strict=True)
    }
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in graph.session.rows("SELECT user_id, segment FROM promotions.segments"):
        found[habits[int(str(row["user_id"]))]][str(row["segment"])] += 1
    regular = found["weekly"]
    assert regular["champions"] + regular["loyal"] > 0.9 * regular.total()
    lapsed = found["lapsed"]
    assert lapsed["at_risk"] + lapsed["lost"] > 0.8 * lapsed.total()
    seldom = found["seldom"]
    assert seldom["champions"] < 0.02 * seldom.total()


def _groups(member_of: Mapping[str, str]) -> set[frozenset[str]]:
    members: defaultdict[str, set[str]] = defaultdict(set)
    for member, group in member_of.items():
        members[group].add(member)
    return {frozenset(group) for group in members.values()}
