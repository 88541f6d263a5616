"""What tests of several domains share: a warehouse of each kind, upgraded and empty; real servers with `--real`.

Upgrading costs the better part of a second on the Snowflake stand-in, so it is done once in a process.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from resources.warehouse import DuckDbWarehouse, Warehouse
from servers.installation import ROOT, Installation
from tests.real_servers import RealServers
from tests.warehouse_servers import SnowflakeServer, emptied, snowflake_server

pytest.register_assert_rewrite("tests.models")


REAL = Path(__file__).parent / "real"
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made there
ROOM_BYTES = 6_000_000_000
PREFIX = "quadrant-tests-"


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Keep temporary files in memory where there is room: what is durable waits for a disk thousands of times."""
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        folder = os.environ["TMPDIR"] = tempfile.tempdir = tempfile.mkdtemp(prefix=PREFIX, dir=MEMORY)
        # Some tests are somebody else for a while.
        Path(folder).chmod(0o711)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Give the memory back; after a failure its files are there to be looked at."""
    folder = Path(tempfile.gettempdir())
    if exitstatus == 0 and folder.name.startswith(PREFIX) and not hasattr(session.config, "workerinput"):
        shutil.rmtree(folder, ignore_errors=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--real`: real servers, those of `make servers` or whose state lies in the folder `--servers`."""
    parser.addoption(
        "--real", action="store_true", help="use real servers, and test on them alone what needs them"
    )
    parser.addoption("--servers", default=str(ROOT), metavar="DIR", help="their state (%(default)s)")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Tests that need real servers are there only with `--real`."""
    return True if collection_path == REAL and not config.getoption("--real") else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the whole house first: they take longest, and the last one should be short."""
    items.sort(key=lambda item: item.path.parent != Path(__file__).parent)


@pytest.fixture(scope="session")
def real(request: pytest.FixtureRequest) -> RealServers | None:
    """The real servers, with `--real`."""
    if not request.config.getoption("--real"):
        return None
    return RealServers(Installation.at(Path(request.config.getoption("--servers"))))


@pytest.fixture(scope="session")
def snowflake(real: RealServers | None) -> Iterator[SnowflakeServer]:
    """One Snowflake for all tests of this process: a stand-in, or with `--real` a live account if one is set."""
    with real.snowflake() if real else snowflake_server() as server:
        yield server


@pytest.fixture(scope="session")
def _snowflake_database(snowflake: SnowflakeServer) -> str:
    return snowflake.new_database()


@pytest.fixture(scope="session")
def _duckdb_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("upgraded") / "warehouse.duckdb"
    with DuckDbWarehouse(path).session():
        return path


@pytest.fixture
def duckdb_warehouse(tmp_path: Path, _duckdb_file: Path) -> DuckDbWarehouse:
    """The embedded warehouse, upgraded and empty."""
    path = tmp_path / "warehouse.duckdb"
    shutil.copy(_duckdb_file, path)
    return DuckDbWarehouse(path, wait_s=5)


@pytest.fixture(params=["duckdb", "snowflake"])
def warehouse(request: pytest.FixtureRequest) -> Warehouse:
    """Each kind of warehouse in turn, upgraded and empty."""
    if request.param == "duckdb":
        embedded: DuckDbWarehouse = request.getfixturevalue("duckdb_warehouse")
        return embedded
    server: SnowflakeServer = request.getfixturevalue("snowflake")
    stand_in = server.warehouse(request.getfixturevalue("_snowflake_database"))
    emptied(stand_in)
    return stand_in
