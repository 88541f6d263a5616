"""Campaigns over HTTP with a real dagster-webserver behind: it takes each question that the service asks.

The job is a small one with the form of `launch_campaign`; what the real one does is tested with the domain.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.http_services import Running, promotions_service
from tests.x_server import until

_CODE = """
import dagster as dg
from platform_assets.promotions.launch_campaign import LaunchCampaign
from resources.unavailable import Unavailable

@dg.op
def launch(config: LaunchCampaign) -> None:
    if config.audience == ["lost"]:
        raise Unavailable("Nobody is in the segments lost; choose others.")

@dg.job(executor_def=dg.in_process_executor)
def launch_campaign() -> None:
    launch()

defs = dg.Definitions(jobs=[launch_campaign])
"""
_INSTANCE = """
telemetry: {enabled: false}
run_coordinator: {module: dagster._core.run_coordinator, class: DefaultRunCoordinator}
"""
ROOT = Path(__file__).parents[2]
GIVEN = {"promotion_id": "P100", "budget_eur": 2000, "cost_eur": 2}


@pytest.fixture
def dagster(tmp_path: Path) -> Iterator[str]:
    """The address of a webserver that runs what it is asked to."""
    home = tmp_path / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text(_INSTANCE)
    (home / "campaign_jobs.py").write_text(_CODE)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        str(Path(sys.executable).parent / "dagster-webserver"),
        "-f",
        "campaign_jobs.py",
        "-h",
        "127.0.0.1",
    ]
    environ = {**os.environ, "DAGSTER_HOME": str(home), "PYTHONPATH": str(ROOT)}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen([*command, "-p", str(port)], cwd=home, env=environ, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _answers(f"{url}/server_info"), "the webserver to start")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def test_a_campaign_is_launched_in_dagster_found_by_its_tag_and_its_failure_told_in_a_sentence(
    dagster: str, tmp_path: Path
) -> None:
    with promotions_service(tmp_path, None, dagster_url=dagster) as promotions:
        good = promotions.post("/campaigns", {**GIVEN, "campaign_id": "win-1", "audience": ["at_risk"]})
        bad = promotions.post("/campaigns", {**GIVEN, "campaign_id": "win-2", "audience": ["lost"]})
        assert (good.status_code, bad.status_code) == (201, 201)
        assert httpx.get(good.json()["run_url"]).status_code == 200
        until(lambda: _state(promotions, "win-1") == "launched", "the run to end")
        until(lambda: _state(promotions, "win-2") == "failed", "the run to fail")
        failed = promotions.get("/campaigns/win-2").json()
        assert failed["said"].startswith("Failed: Nobody is in the segments lost; choose others.")
        corrected = {**GIVEN, "campaign_id": "win-2", "audience": ["loyal"]}
        assert promotions.post("/campaigns", corrected).status_code == 201
        until(lambda: _state(promotions, "win-2") == "launched", "the corrected run to end")
        other = promotions.post("/campaigns", {**corrected, "cost_eur": 3})
        assert (other.status_code, other.json()["field"]) == (409, "cost_eur")
        again = promotions.post("/campaigns", {**GIVEN, "campaign_id": "win-1", "audience": ["at_risk"]})
        assert (again.status_code, again.json()["run_id"]) == (200, good.json()["run_id"])


def _state(promotions: Running, campaign_id: str) -> str:
    return str(promotions.get(f"/campaigns/{campaign_id}").json()["state"])


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
