"""Commands of operators, as they are typed: what they do without a daemon, and what they say to a wrong argument."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.graph import own_copy

ROOT = Path(__file__).parents[3]
POSITIONS = (
    "SELECT source, next_position, committed_at FROM ledger.positions WHERE source LIKE 'topic/%' ORDER BY 1"
)
ROWS = "SELECT * FROM tweets.raw_tweets ORDER BY ALL"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_copy(tmp_path_factory)


def _said(home: Path, *arguments: str) -> tuple[int, str]:
    """Exit code of a command and all that it said, in one line."""
    known = ("PATH", "HOME", "LANG", "TMPDIR")
    environ = {name: os.environ[name] for name in known if name in os.environ}
    environ |= {"QUADRANT_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")}
    done = subprocess.run(
        [sys.executable, "-m", "platform_assets", *arguments],
        cwd=ROOT, env=environ, capture_output=True, text=True, timeout=180, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def _rows(home: Path, text: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(text).fetchall()


def test_the_topic_is_read_again_by_a_command_and_the_refresh_is_part_of_it(home: Path) -> None:
    positions, rows = _rows(home, POSITIONS), _rows(home, ROWS)
    code, said = _said(home, "replay_topic", "--earliest")
    assert code == 0, said
    after = _rows(home, POSITIONS)
    assert [row[:2] for row in after] == [row[:2] for row in positions]
    assert all(now[2] > then[2] for now, then in zip(after, positions, strict=True))  # type: ignore[operator]
    assert _rows(home, ROWS) == rows


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give --earliest, or --from-time, or --from-offset"),
        (["--earliest", "--from-offset", "0=1"], "A replay begins at one place"),
        (["--from-offset", "0=1", "1:2"], "--from-offset is '1:2': give PARTITION=OFFSET"),
        (["--from-time", "yesterday"], "from_time is 'yesterday'"),
        (["--from-offset", "77=0"], "no partition 77 that was read"),
    ],
)
def test_a_replay_from_no_place_is_answered_with_a_sentence(
    home: Path, arguments: list[str], words: str
) -> None:
    before = _rows(home, POSITIONS)
    code, said = _said(home, "replay_topic", *arguments)
    assert (code, "Traceback" in said) == (1, False)
    assert words in said
    assert _rows(home, POSITIONS) == before
