"""Campaigns over HTTP: one id is one campaign, launched once, whatever ended between the reservation and the run."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from platform_assets.promotions.campaign import campaign_from
from resources.promotion_store import SqlitePromotionStore
from services.promotions import campaigns_api
from tests.dagster_stand_in import DagsterStandIn, dagster_stand_in
from tests.http_services import NOWHERE, Running, both, given, logged, promotions_service
from tests.x_server import until

GIVEN = {
    "campaign_id": "win-back-1",
    "promotion_id": "P100",
    "audience": ["lost", "at_risk"],
    "budget_eur": 2000,
    "cost_eur": 2,
}


@pytest.fixture
def dagster() -> Iterator[DagsterStandIn]:
    with dagster_stand_in() as server:
        yield server


def test_a_launch_is_a_run_of_the_job_with_the_inputs_and_a_tag_and_its_state_is_told_in_words(
    tmp_path: Path, dagster: DagsterStandIn
) -> None:
    with both(tmp_path, dagster_url=dagster.url) as (promotions, _):
        answer = promotions.post("/campaigns", GIVEN)
        assert answer.status_code == 201
        told = answer.json()
        assert (told["run_id"], told["state"]) == ("run-1", "being prepared")
        assert told["status_url"] == f"{promotions.url}/campaigns/win-back-1"
        assert told["run_url"] == f"{dagster.url}/runs/run-1"
        (launch,) = dagster.launches
        assert launch["selector"] == {
            "repositoryName": "__repository__", "repositoryLocationName": "quadrant", "jobName": "launch_campaign"
        }  # fmt: skip
        config = launch["runConfigData"]["ops"]["launch"]["config"]
        assert config["audience"] == ["at_risk", "lost"]
        assert (config["budget_eur"], config["holdout_share"]) == (2000, 0.1)
        assert launch["executionMetadata"]["tags"] == [{"key": "quadrant/campaign", "value": "win-back-1"}]
        for status, state in (("STARTED", "running"), ("FAILURE", "failed"), ("SUCCESS", "launched")):
            dagster.runs[0]["status"] = status
            with SqlitePromotionStore(tmp_path / "promotions.sqlite") as store:
                store.add(p._replace(campaign_id="win-back-1") for p in given((1, "P100"), (2, "P100")))
            found = promotions.get("/campaigns/win-back-1").json()
            assert found["state"] == state
            if state == "failed":
                assert found["said"].startswith("Failed: Nobody is in the segments lost.")
        assert found["said"].startswith("Launched: 2 shoppers have the promotion until 20")
        until(lambda: len(logged(tmp_path)) == 4, "all calls in the log")
    assert {entry.api for entry in logged(tmp_path)} == {"/campaigns", "/campaigns/{campaign_id}"}


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (
            {"starts_at": "2099-12-24"},
            "Launched: 0 shoppers have the promotion from 2099-12-24 00:00 UTC on.",
        ),
        (
            {"ends_at": "2099-12-31T22:30"},
            "Launched: 0 shoppers have the promotion until 2099-12-31 22:30 UTC.",
        ),
        (
            {"starts_at": "2026-10-03", "ends_at": "2026-10-31"},
            "Launched, and over since 2026-10-31 00:00 UTC: 0 shoppers had the promotion.",
        ),
    ],
)
def test_a_launched_campaign_tells_when_it_begins_or_ends_or_that_it_is_over(
    tmp_path: Path, dagster: DagsterStandIn, times: dict[str, str], said: str
) -> None:
    with promotions_service(tmp_path, dagster_url=dagster.url) as promotions:
        assert promotions.post("/campaigns", {**GIVEN, **times}).status_code == 201
        dagster.runs[0]["status"] = "SUCCESS"
        assert promotions.get("/campaigns/win-back-1").json()["said"] == said


def test_the_same_id_is_the_same_campaign_and_with_other_inputs_a_conflict(
    tmp_path: Path, dagster: DagsterStandIn
) -> None:
    with promotions_service(tmp_path, dagster_url=dagster.url) as promotions:
        assert promotions.post("/campaigns", GIVEN).status_code == 201
        same = {**GIVEN, "audience": ["at_risk", "lost", "lost"], "holdout_share": 0.1, "starts_at": None}
        again = promotions.post("/campaigns", same)
        assert (again.status_code, again.json()["run_id"]) == (200, "run-1")
        other = promotions.post("/campaigns", {**GIVEN, "budget_eur": 2001})
        assert (other.status_code, other.headers["content-type"]) == (409, "application/problem+json")
        assert other.json()["field"] == "budget_eur"
        assert other.json()["detail"].startswith(
            "Campaign win-back-1 was launched with budget_eur 2000.0, not 2001.0;"
        )
    assert len(dagster.launches) == 1


def test_a_run_that_reserved_no_id_is_a_campaign_that_other_inputs_cannot_have(
    tmp_path: Path, dagster: DagsterStandIn
) -> None:
    dagster.runs.append(by_form("SUCCESS", GIVEN))
    with promotions_service(tmp_path, dagster_url=dagster.url) as promotions:
        other = promotions.post("/campaigns", {**GIVEN, "promotion_id": "P999"})
        assert (other.status_code, other.json()["field"]) == (409, "promotion_id")
        found = promotions.get("/campaigns/win-back-1").json()
        assert (found["state"], found["run_id"]) == ("launched", "form")
        assert found["inputs"]["promotion_id"] == "P100"
        assert promotions.post("/campaigns", GIVEN).status_code == 200
    assert not dagster.launches


def test_a_run_that_was_refused_says_nothing_of_the_campaign_of_its_id(
    tmp_path: Path, dagster: DagsterStandIn
) -> None:
    with promotions_service(tmp_path, dagster_url=dagster.url) as promotions:
        promotions.post("/campaigns", GIVEN)
        dagster.runs[0]["status"] = "SUCCESS"
        dagster.runs.insert(0, by_form("FAILURE", {**GIVEN, "budget_eur": 9000}))
        found = promotions.get("/campaigns/win-back-1").json()
        assert (found["state"], found["run_id"]) == ("launched", "run-1")


def test_a_campaign_that_failed_leaves_its_id_to_other_inputs(
    tmp_path: Path, dagster: DagsterStandIn
) -> None:
    corrected = {**GIVEN, "audience": ["loyal"]}
    with promotions_service(tmp_path, dagster_url=dagster.url) as promotions:
        promotions.post("/campaigns", GIVEN)
        assert promotions.post("/campaigns", corrected).status_code == 409
        dagster.runs[0]["status"] = "FAILURE"
        taken = promotions.post("/campaigns", corrected)
        assert (taken.status_code, taken.json()["run_id"]) == (201, "run-2")
        assert taken.json()["inputs"]["audience"] == ["loyal"]
        assert promotions.post("/campaigns", GIVEN).status_code == 409
    assert dagster.launches[-1]["runConfigData"]["ops"]["launch"]["config"]["audience"] == ["loyal"]


def test_a_campaign_that_failed_after_promotions_were_given_keeps_its_id(
    tmp_path: Path, dagster: DagsterStandIn
) -> None:
    with promotions_service(tmp_path, dagster_url=dagster.url) as promotions:
        promotions.post("/campaigns", GIVEN)
        dagster.runs[0]["status"] = "FAILURE"
        with SqlitePromotionStore(tmp_path / "promotions.sqlite") as store:
            store.add(p._replace(campaign_id="win-back-1") for p in given((1, "P100")))
        assert promotions.post("/campaigns", {**GIVEN, "cost_eur": 3}).status_code == 409


def test_a_campaign_that_would_end_before_its_launch_takes_no_id_and_one_that_has_ended_is_still_the_same(
    tmp_path: Path, dagster: DagsterStandIn
) -> None:
    over = {**GIVEN, "ends_at": "2026-11-01"}
    with promotions_service(tmp_path, dagster_url=dagster.url) as promotions:
        refused = promotions.post("/campaigns", over)
        assert (refused.status_code, refused.json()["field"]) == (400, "ends_at")
        assert refused.json()["detail"].startswith(
            "ends_at is 2026-11-01T00:00:00+00:00; it is a time after the start, "
        )
        assert promotions.get("/campaigns/win-back-1").status_code == 404
        dagster.runs.append(by_form("SUCCESS", over))
        assert promotions.post("/campaigns", over).status_code == 200


def test_times_are_read_as_the_form_reads_them(tmp_path: Path, dagster: DagsterStandIn) -> None:
    with promotions_service(tmp_path, dagster_url=dagster.url) as promotions:
        answer = promotions.post("/campaigns", {**GIVEN, "starts_at": "2026-12-01", "ends_at": ""})
        assert answer.status_code == 201
        told = answer.json()["inputs"]
        assert (told["starts_at"], told["ends_at"]) == ("2026-12-01T00:00:00+00:00", None)
        never = promotions.post("/campaigns", {**GIVEN, "ends_at": "9999-01-01T00:00:00Z"}).json()
        assert never["detail"].startswith("ends_at is '9999-01-01T00:00:00Z'; it is a time from 2000 to 2100")


def test_launched_by_many_at_once_it_is_launched_once(tmp_path: Path, dagster: DagsterStandIn) -> None:
    with (
        promotions_service(tmp_path, dagster_url=dagster.url) as promotions,
        ThreadPoolExecutor(8) as threads,
    ):
        answers = list(threads.map(lambda _: promotions.post("/campaigns", GIVEN), range(16)))
    assert {answer.json()["run_id"] for answer in answers} == {"run-1"}
    assert len(dagster.launches) == 1


def test_a_failed_campaign_is_tried_again_by_the_same_request_and_not_by_looking(
    tmp_path: Path, dagster: DagsterStandIn
) -> None:
    with promotions_service(tmp_path, dagster_url=dagster.url) as promotions:
        promotions.post("/campaigns", GIVEN)
        dagster.runs[0]["status"] = "FAILURE"
        assert promotions.get("/campaigns/win-back-1").json()["run_id"] == "run-1"
        again = promotions.post("/campaigns", GIVEN)
        assert (again.status_code, again.json()["run_id"]) == (200, "run-2")


def test_a_crash_before_the_launch_is_made_good_by_the_next_look(
    tmp_path: Path, dagster: DagsterStandIn
) -> None:
    reserve(tmp_path)
    with promotions_service(tmp_path, dagster_url=dagster.url) as promotions:
        assert promotions.get("/campaigns/win-back-1").json()["run_id"] == "run-1"
    assert len(dagster.launches) == 1


def test_a_crash_before_the_launch_is_made_good_by_the_service_itself(
    tmp_path: Path, dagster: DagsterStandIn
) -> None:
    reserve(tmp_path)
    with promotions_service(tmp_path, dagster_url=dagster.url), SqlitePromotionStore(
        tmp_path / "promotions.sqlite"
    ) as store:  # fmt: skip
        until(lambda: store.reservations("launched"), "the campaign to be launched")
    assert len(dagster.launches) == 1


def test_a_crash_after_the_launch_finds_the_run_by_its_tag(tmp_path: Path, dagster: DagsterStandIn) -> None:
    dagster.loses_answers = True
    with promotions_service(tmp_path, dagster_url=dagster.url) as promotions:
        lost = promotions.post("/campaigns", GIVEN)
        assert (lost.status_code, lost.json()["state"]) == (202, "being prepared")
    dagster.loses_answers = False
    with promotions_service(tmp_path, dagster_url=dagster.url) as promotions:
        assert promotions.post("/campaigns", GIVEN).json()["run_id"] == "run-1"
    assert len(dagster.launches) == 1


def test_while_dagster_is_away_a_campaign_is_noted_and_told_so(tmp_path: Path) -> None:
    with promotions_service(tmp_path, dagster_url=NOWHERE) as promotions:
        noted = promotions.post("/campaigns", GIVEN)
        assert (noted.status_code, noted.json()["run_url"]) == (202, "")
        assert "as soon as Dagster" in promotions.get("/campaigns/win-back-1").json()["said"]


def test_without_the_job_in_dagster_a_campaign_waits(tmp_path: Path, dagster: DagsterStandIn) -> None:
    dagster.has_job = False
    with promotions_service(tmp_path, dagster_url=dagster.url) as promotions:
        assert promotions.post("/campaigns", GIVEN).status_code == 202
        dagster.has_job = True
        assert promotions.post("/campaigns", GIVEN).json()["run_id"] == "run-1"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with promotions_service(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"campaign_id": "No"}, "campaign_id"),
        ({"audience": []}, "audience"),
        ({"audience": ["rich"]}, "audience[0]"),
        ({"budget_eur": "2000"}, "budget_eur"),
        ({"budget_eur": 1}, "budget_eur"),
        ({"holdout_share": 0.6}, "holdout_share"),
        ({"holdout": 0.5}, "holdout"),
        ({"starts_at": "soon"}, "starts_at"),
        ({"starts_at": "1999-01-01T00:00:00Z"}, "starts_at"),
        ({"starts_at": "2027-01-01T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"}, "ends_at"),
    ],
)
def test_wrong_inputs_are_problems_that_name_the_field_and_nothing_is_reserved(
    shared: Running, change: dict[str, object], field: str
) -> None:
    answer = shared.post("/campaigns", {**GIVEN, **change})
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert shared.get("/campaigns/win-back-1").status_code == 404


def test_an_id_that_is_none_names_no_campaign(shared: Running) -> None:
    assert shared.get("/campaigns/%FF%00x").status_code == 404


def test_the_request_has_the_fields_of_the_form() -> None:
    fields = set(campaigns_api.CampaignRequest.__struct_fields__)
    assert fields == set(vars(campaign_from(GIVEN)))


def reserve(home: Path) -> None:
    """As a process that was killed right after it had reserved the id, a while ago."""
    with SqlitePromotionStore(home / "promotions.sqlite") as store:
        store.reserve("win-back-1", campaign_from(GIVEN).canonical(), datetime(2026, 11, 1, tzinfo=UTC))


def by_form(status: str, config: dict[str, object]) -> dict[str, object]:
    """A run of the job as Dagster has it when somebody filled in the form."""
    ops = {"launch": {"config": config}}
    return {"runId": "form", "status": status, "campaign": "win-back-1", "runConfig": {"ops": ops}}
