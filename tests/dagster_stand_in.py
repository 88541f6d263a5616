"""A stand-in for Dagster's GraphQL, over a socket: it launches runs that do nothing, and finds them by their tag.

What a test wants to see is said in the test; that Dagster itself takes the same questions is shown in `tests/real`.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.servers import http_server


@dataclass
class DagsterStandIn:
    """A running server; `runs` are newest first. With `loses_answers`, launches happen and nobody is told."""

    url: str = ""
    runs: list[dict[str, Any]] = field(default_factory=list)
    launches: list[dict[str, Any]] = field(default_factory=list)
    why: str = "Nobody is in the segments lost."
    has_job: bool = True
    loses_answers: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """The data of an answer."""
        if "repositoriesOrError" in query:
            job = {"name": "launch_campaign" if self.has_job else "refresh"}
            node = {"name": "__repository__", "location": {"name": "quadrant"}, "jobs": [job]}
            return {"repositoriesOrError": {"__typename": "RepositoryConnection", "nodes": [node]}}
        if "launchRun" in query:
            return {"launchRun": self._launched(variables["given"])}
        if "runsOrError" in query:
            wanted = variables["filter"]["tags"][0]["value"]
            found = [run for run in self.runs if run["campaign"] == wanted]
            return {"runsOrError": {"__typename": "Runs", "results": found}}
        error = {"message": "outer", "errorChain": [{"error": {"message": self._cause()}}]}
        events = [{"__typename": "ExecutionStepFailureEvent", "error": error}]
        return {
            "logsForRun": {"__typename": "EventConnection", "cursor": "1", "hasMore": False, "events": events}
        }

    def _cause(self) -> str:
        return f"resources.unavailable.Unavailable: {self.why}\n"

    def _launched(self, given: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            (tag,) = given["executionMetadata"]["tags"]
            run = {
                "runId": f"run-{len(self.runs) + 1}",
                "status": "QUEUED",
                "campaign": tag["value"],
                "runConfig": given["runConfigData"],
            }
            self.launches.append(given)
            self.runs.insert(0, run)
        return {"__typename": "LaunchRunSuccess", "run": {"runId": run["runId"]}}


@contextmanager
def dagster_stand_in() -> Iterator[DagsterStandIn]:
    """A server of this process."""
    server = DagsterStandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps({"data": server.answer(asked["query"], asked["variables"])}).encode()
            if server.loses_answers and "launchRun" in asked["query"]:
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    with http_server(Handler) as url:
        server.url = url
        yield server
