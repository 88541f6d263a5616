"""Something outside is broken: the command says one sentence, ends with 1, and leaves everything as it was."""

import io
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from platform_assets.console.progress import RunFailed
from platform_assets.console.run import run
from resources.unavailable import Unavailable
from resources.warehouse import DuckDbWarehouse
from tests.graph import Graph, graph_at, own_copy
from tests.servers import S3_ACCESS_KEY, S3_SECRET_KEY, S3Server, s3_server

ROOT = Path(__file__).parents[1]
HOLD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
sys.stdout.write("held\\n")
sys.stdout.flush()
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small world after its first run; nothing here may change it."""
    return own_copy(tmp_path_factory)


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


def _said(home: Path, command: str, settings: Mapping[str, str]) -> tuple[int, str]:
    """Exit code of a command and all that it said, in one line."""
    known = ("PATH", "HOME", "LANG", "TMPDIR")
    environ = {name: os.environ[name] for name in known if name in os.environ}
    environ |= {"QUADRANT_HOME": str(home), "DAGSTER_HOME": str(home / "dagster"), **settings}
    done = subprocess.run(
        [sys.executable, "-m", "platform_assets", command],
        cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    said = " ".join((done.stdout + done.stderr).split())
    assert "Traceback" not in said
    return done.returncode, said


def _state(home: Path) -> list[tuple[object, ...]]:
    """Positions and versions of all tables: what a half-done step would have moved."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        text = (
            "SELECT source, next_position, committed_at FROM ledger.positions"
            " UNION ALL SELECT table_name || part, version, written_at FROM ledger.table_versions ORDER BY ALL"
        )
        return connection.execute(text).fetchall()


@pytest.mark.parametrize(
    ("command", "settings", "words"),
    [
        ("run", {"QUADRANT_DEPLOYMENT": "staging"}, "QUADRANT_DEPLOYMENT is 'staging'; allowed are local, dev, prod."),
        ("ui", {"DAGSTER_PORT": "http"}, "DAGSTER_PORT is 'http'; allowed is a number from 1 to 65535."),
        ("run", {"CRM_URL": "sqlite:////nowhere/crm.sqlite"}, "The CRM file /nowhere/crm.sqlite of CRM_URL does not"),
        ("run", {"CRM_URL": "my crm"}, "CRM_URL is no database address"),
        ("run", {"CRM_MAPPING": "/nowhere/mapping.yaml"}, "The CRM mapping /nowhere/mapping.yaml cannot be read"),
        ("run", {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9"}, "127.0.0.1:9"),
        ("run", {"QUADRANT_DEPLOYMENT": "prod"}, "is not set, and deployment 'prod' has no embedded stand-in"),
    ],
    ids=["deployment", "port", "crm_file", "crm_url", "mapping_file", "broker", "nothing_set"],
)  # fmt: skip
def test_a_command_says_what_is_wrong_in_a_sentence_and_changes_nothing(
    home: Path, command: str, settings: dict[str, str], words: str
) -> None:
    before = _state(home)
    code, said = _said(home, command, settings)
    assert words in said
    assert said.count("✗") == 1
    assert code == 1
    assert _state(home) == before


def test_a_missing_bucket_is_named(home: Path, s3: S3Server) -> None:
    keys = {
        "AWS_ACCESS_KEY_ID": S3_ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": S3_SECRET_KEY,
        "AWS_REGION": "us-east-1",
    }
    code, said = _said(home, "run", {"S3_BUCKET": "no-such-bucket", "S3_ENDPOINT_URL": s3.url, **keys})
    assert code == 1
    assert "no-such-bucket" in said


def test_a_mapping_to_a_column_that_is_not_there_is_named_with_the_file_and_the_column(
    home: Path, tmp_path: Path
) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("customers: {table: customers, columns: {customer_id: client_no}}\n")
    before = _state(home)
    code, said = _said(home, "run", {"CRM_MAPPING": str(mapping)})
    assert code == 1
    assert "has no column 'client_no'" in said
    assert _state(home) == before


def test_a_taken_port_of_the_ui_is_named(home: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        code, said = _said(home, "ui", {"DAGSTER_PORT": port})
    assert code == 1
    assert f"Port {port} is taken" in said
    assert "DAGSTER_PORT" in said


def test_a_warehouse_of_a_newer_version_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = own_copy(tmp_path_factory)
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("INSERT INTO ledger.migrations (number, name) VALUES (999, 'of the future')")
    code, said = _said(home, "run", {})
    assert code == 1
    assert "upgraded by a newer Quadrant (migration 999)" in said


def test_a_warehouse_file_that_is_none_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = own_copy(tmp_path_factory)
    (home / "warehouse.duckdb").write_bytes(b"not a database" * 1000)
    code, said = _said(home, "run", {})
    assert code == 1
    assert f"{home / 'warehouse.duckdb'} cannot be opened" in said


def test_a_warehouse_that_another_process_holds_is_waited_for_and_then_named(home: Path) -> None:
    path = home / "warehouse.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Unavailable) as caught, DuckDbWarehouse(path, wait_s=0.2).session():
            pass
        holder.communicate("")
    assert f"in use by process {holder.pid}" in str(caught.value)
    assert "wait for that process or stop it" in str(caught.value)
    with DuckDbWarehouse(path, wait_s=5).session() as session:
        assert session.rows("SELECT COUNT(*) AS n FROM crm.customers")


def test_after_a_failure_a_run_goes_on_and_a_second_run_says_nothing_was_new(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = own_copy(tmp_path_factory)
    monkeypatch.setenv("DAGSTER_HOME", str(home / "dagster"))
    (home / "crm.sqlite").rename(home / "crm.away")
    # Files of a copied home have other names, and so are new.
    shutil.rmtree(home / "listed")
    with graph_at(home) as graph:
        assert "failed" in str(_run(graph, fails=True))
        (home / "crm.away").rename(home / "crm.sqlite")
        said = _run(graph)
    assert "Nothing was new, nothing was recomputed." in said


def _run(graph: Graph, *, fails: bool = False) -> str:
    console = Console(record=True, width=200, file=io.StringIO())
    try:
        run(console, graph.definitions, graph.ports, graph.deployment.home)
    except RunFailed as failed:
        assert fails
        return str(failed)
    return console.export_text()
