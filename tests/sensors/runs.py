"""Runs as Dagster's storage knows them, without their work."""

from collections.abc import Mapping

import dagster as dg
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin


def run_of(job: str, status: dg.DagsterRunStatus, tags: Mapping[str, str] | None = None) -> dg.DagsterRun:
    """A run in any state; one in the queue must say where its job is."""
    repository = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("quadrant"), "quadrant")
    return dg.DagsterRun(job, status=status, tags=tags, remote_job_origin=RemoteJobOrigin(repository, job))
