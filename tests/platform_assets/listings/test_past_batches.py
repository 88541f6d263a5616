"""The commands that the guide gives for a batch of the past are run as they stand there."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path

import dagster as dg

from tests.graph import Graph, dagster_home, graph_at

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "listings.md").read_text()
COMMANDS = [
    shlex.split(command.replace("\\\n", " "))
    for command in re.findall(r"^\.venv/bin/dagster (asset materialize(?:.*\\\n)*.*)$", GUIDE, re.MULTILINE)
]
ALL_IN_ONE_PROCESS = (
    "import json, sys\n"
    "from dagster._cli import cli\n"
    "for command in json.loads(sys.argv[1]):\n"
    "    cli(command, standalone_mode=False)\n"
)


def _made(graph: Graph, batch: str) -> Counter[str]:
    """How often each stage was materialized for a batch."""
    stages = (
        "listing_txt",
        "listing_files",
        "listing_csv",
        "rejected_listings",
        "listing_json",
        "posted_listings",
    )
    made: Counter[str] = Counter()
    for stage in stages:
        wanted = dg.AssetRecordsFilter(dg.AssetKey(["listings", stage]), asset_partitions=[batch])
        made[stage] = len(graph.instance.fetch_materializations(wanted, limit=20).records)
    return made


def test_each_documented_command_makes_its_stages_of_the_batch_again(tmp_path: Path) -> None:
    (batch,) = {command[command.index("--partition") + 1] for command in COMMANDS}
    selected = Counter(
        key.removeprefix("listings/")
        for command in COMMANDS
        for key in command[command.index("--select") + 1].split(",")
    )
    text = ["asset", "materialize", "-m", "platform_assets.definitions", "--partition", batch, "--select"]
    (together,) = re.findall(r"named together, so `(.*)` for a batch", GUIDE)
    (tmp_path / "listed").mkdir()
    (tmp_path / "listed" / "x").touch()
    with graph_at(tmp_path) as graph:
        graph.instance.add_dynamic_partitions("listing_batches", [batch])
        subprocess.run(
            [sys.executable, "-c", ALL_IN_ONE_PROCESS, json.dumps([[*text, together], *COMMANDS])],
            # Not in the repository, whose .env Dagster would obey more than this environment.
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "QUADRANT_HOME": str(tmp_path),
                "DAGSTER_HOME": str(dagster_home(tmp_path)),
            },
            check=True,
            timeout=300,
        )
        assert _made(graph, batch) == selected + Counter(together.replace("listings/", "").split(","))
        assert graph.one("SELECT COUNT(*) AS n FROM listings.posted_listings WHERE state = 'posted'") == 1
