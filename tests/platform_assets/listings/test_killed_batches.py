"""kill -9 at each boundary of each stage, then the same batch again: each line once, and nothing that landed lost."""

from pathlib import Path

import pytest

from resources.warehouse import DuckDbWarehouse
from tests import killing
from tests.killing import COMMIT, Killer, Place
from tests.platform_assets.listings.listing_files import line


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to list, and two files that landed."""
    home = tmp_path_factory.mktemp("home")
    (home / "listed").mkdir()
    (home / "listed" / "two words").touch()
    landed = home / "listings" / "incoming"
    landed.mkdir(parents=True)
    (landed / "a.txt").write_bytes(line("/a") + b"\ntotal 8\n")
    (landed / "b.txt.gz").write_bytes(b"\x1f\x8b broken")
    return home


@pytest.fixture(scope="module")
def clean(home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What a batch leaves that nobody disturbed."""
    place = Place(home, tmp_path_factory.mktemp("clean") / "warehouse.duckdb")
    killing.run("listing", place)
    return _rows(place)


def _rows(place: Place) -> dict[str, list[str]]:
    """All but the ledger of positions, which tells how often a stage was made."""
    found = killing.rows(place.warehouse())
    return {table: rows for table, rows in found.items() if not table.startswith("ledger.")}


def test_an_undisturbed_batch_holds_what_it_should(clean: dict[str, list[str]]) -> None:
    assert {table: len(rows) for table, rows in clean.items()} == {
        "listings.listing_files": 2,
        "listings.listing_txt": 3,
        "listings.listing_csv": 2,
        "listings.rejected_listings": 1,
        "listings.listing_json": 2,
    }


@pytest.mark.parametrize("boundary", COMMIT)
def test_a_batch_that_was_killed_in_each_of_its_stages_is_made_once_when_it_is_run_again(
    home: Path, clean: dict[str, list[str]], duckdb_warehouse: DuckDbWarehouse, tmp_path: Path, boundary: str
) -> None:
    place = Place(home, tmp_path / "warehouse.duckdb")
    # Text that was committed is not committed again, so the stage that is killed is another one each time.
    commits = (1, 1, 2) if boundary == "committed" else (1, 2, 2)
    for commit in commits:
        killing.die("listing", place, Killer(boundary, commit))
    killing.run("listing", place)
    assert _rows(place) == clean
