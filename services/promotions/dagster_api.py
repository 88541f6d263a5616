"""Dagster as this service needs it: launch the job of campaigns, find its runs, and why one failed. Plain GraphQL.

Nothing of Dagster's is imported; what a run means for a campaign is told in `campaigns`.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import httpx
import msgspec

from resources.unavailable import Unavailable

JOB: Final = "launch_campaign"
TAG: Final = "quadrant/campaign"
"""Tag of a run that launches a campaign: its id."""
_PLACES: Final = """
query Places { repositoriesOrError { __typename
  ... on RepositoryConnection { nodes { name location { name } jobs { name } } } ... on PythonError { message } } }
"""
_RUNS: Final = """
query Runs($filter: RunsFilter!) { runsOrError(filter: $filter, limit: 20) { __typename
  ... on Runs { results { runId status runConfig } } ... on PythonError { message } } }
"""
_LAUNCH: Final = """
mutation Launch($given: ExecutionParams!) { launchRun(executionParams: $given) { __typename
  ... on LaunchRunSuccess { run { runId } }
  ... on RunConfigValidationInvalid { errors { message } }
  ... on Error { message } } }
"""
_EVENTS: Final = """
query Events($run: ID!, $after: String) { logsForRun(runId: $run, afterCursor: $after) { __typename
  ... on EventConnection { cursor hasMore events { __typename
    ... on ExecutionStepFailureEvent { error { message errorChain { error { message } } } }
    ... on RunFailureEvent { message } } } } }
"""


class Run(NamedTuple):
    """A run of the job, with Dagster's word for its state, and the fields that its form was given."""

    run_id: str
    status: str
    given: Mapping[str, object]


class DagsterApi:
    """One Dagster, at the address of its UI. All raise Unavailable when it does not do what it is asked."""

    def __init__(self, url: str, timeout_s: float = 10.0) -> None:
        """Nothing is connected yet."""
        self.url = url
        self._client = httpx.AsyncClient(timeout=timeout_s)

    async def runs(self, campaign_id: str) -> list[Run]:
        """The runs that launch a campaign, newest first."""
        wanted = {"tags": [{"key": TAG, "value": campaign_id}], "pipelineName": JOB}
        found = _expected(await self._ask(_RUNS, filter=wanted), "runsOrError", "Runs")
        return [Run(run["runId"], run["status"], _given(run["runConfig"])) for run in found["results"]]

    async def launch(self, campaign_id: str, inputs: Mapping[str, object]) -> str:
        """Launch the job with these inputs; the id of its run."""
        config = {name: value for name, value in inputs.items() if value is not None}
        given = {
            "selector": await self._selector(),
            "runConfigData": {"ops": {"launch": {"config": config}}},
            "executionMetadata": {"tags": [{"key": TAG, "value": campaign_id}]},
        }
        launched = _expected(await self._ask(_LAUNCH, given=given), "launchRun", "LaunchRunSuccess")
        return str(launched["run"]["runId"])

    async def failure(self, run_id: str) -> str:
        """Why a run failed: the first cause of its last failed step, without the names of classes."""
        why, after, has_more = "", None, True
        while has_more:
            answer = await self._ask(_EVENTS, run=run_id, after=after)
            found = _expected(answer, "logsForRun", "EventConnection")
            for event in found["events"]:
                why = _cause(event) or why
            after, has_more = found["cursor"], found["hasMore"]
        return why

    async def close(self) -> None:
        """Leave Dagster."""
        await self._client.aclose()

    async def _selector(self) -> dict[str, str]:
        found = _expected(await self._ask(_PLACES), "repositoriesOrError", "RepositoryConnection")
        for node in found["nodes"]:
            if any(job["name"] == JOB for job in node["jobs"]):
                place = {"repositoryName": node["name"], "repositoryLocationName": node["location"]["name"]}
                return {**place, "jobName": JOB}
        raise Unavailable(f"Dagster at {self.url} has no job {JOB}: is its code location loaded?")

    async def _ask(self, query: str, **variables: object) -> dict[str, Any]:
        try:
            answer = await self._client.post(
                f"{self.url}/graphql", json={"query": query, "variables": variables}
            )
            told = msgspec.json.decode(answer.raise_for_status().content, type=_Answer)
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            raise Unavailable(
                f"Dagster at {self.url} cannot be asked ({type(error).__name__}: {error}): start it, "
                "or set DAGSTER_URL."
            ) from error
        if told.errors or told.data is None:
            raise Unavailable(f"Dagster at {self.url} refused a question: {told.errors}")
        return told.data


class _Answer(msgspec.Struct):
    data: dict[str, Any] | None = None
    errors: list[Any] = []


def _given(config: object) -> Mapping[str, object]:
    for name in ("ops", "launch", "config"):
        config = config.get(name) if isinstance(config, Mapping) else None
    return config if isinstance(config, Mapping) else {}


def _expected(data: Mapping[str, Any], field: str, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = data[field]
    if found["__typename"] != kind:
        said = [error["message"] for error in found.get("errors", [])] or [found.get("message", "")]
        raise Unavailable(f"Dagster answered {found['__typename']}: {' '.join(said)}")
    return found


def _cause(event: Mapping[str, Any]) -> str:
    error = event.get("error")
    if error is None:
        return ""
    chain = error.get("errorChain") or []
    message = str(chain[-1]["error"]["message"] if chain else error["message"])
    return message.strip().removeprefix("resources.unavailable.Unavailable: ")
