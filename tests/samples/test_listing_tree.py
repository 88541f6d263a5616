"""The sample tree: every nasty name that the file system takes is listed, and is a document; what landed is as told."""

import datetime as dt
import json
import os
from pathlib import Path

from platform_assets.listings.documents import documents
from platform_assets.listings.lines import from_records
from platform_assets.listings.parsing import Parsed, parsed
from resources.lister import FolderLister
from samples import listing_tree
from samples.listing_tree import LINES, NAMES

NOW = dt.datetime(2026, 11, 21, 10, 5, tzinfo=dt.UTC)


def _listed(root: Path) -> Parsed:
    return parsed(from_records(list(FolderLister(root).lines()), 1, "root", NOW))


def _names(root: Path) -> set[str]:
    return {Path(name).name for name in _listed(root).rows.column("file").to_pylist()}


def test_every_file_and_link_of_the_tree_is_a_row_with_a_document(tmp_path: Path) -> None:
    root = listing_tree.plant(tmp_path / "listed")
    there = [path for path in root.rglob("*") if path.is_symlink() or not path.is_dir()]
    found = _listed(root)
    assert (found.rows.num_rows, found.rejects.num_rows) == (len(there), 0)
    assert {os.fsencode(path.name) for path in there} >= {name for name in NAMES if name.isascii()}
    told = [json.loads(text) for text in documents(found.rows).column("document").to_pylist()]
    assert {each["target"] for each in told if "target" in each} == {
        "plain.txt", "arrow -> nowhere.txt", "not there", "a loop", "..",
    }  # fmt: skip
    assert any(each["date"] == "Mar 19 2021" for each in told)


def test_between_two_ticks_a_file_comes_and_one_goes_and_arrivals_add_one_each(tmp_path: Path) -> None:
    root = listing_tree.plant(tmp_path / "listed")
    before = _names(root)
    assert listing_tree.is_unchanged(root)
    listing_tree.change(root)
    assert not listing_tree.is_unchanged(root)
    assert before ^ _names(root) == {"removed between two ticks.txt", "added between two ticks.txt"}
    first, second = listing_tree.arrive(root), listing_tree.arrive(root)
    assert first != second
    assert {first.name, second.name} <= _names(root)


def test_of_the_listing_that_landed_just_the_lines_that_describe_a_file_are_rows() -> None:
    found = parsed(from_records([line.text for line in LINES], 1, "landed", NOW))
    rows = found.rows.column("line").to_pylist()
    assert rows == [number for number, line in enumerate(LINES, 1) if line.is_file]
    assert found.rejects.num_rows == len(LINES) - len(rows)
    assert listing_tree.landed().count(b"\n") == len(LINES) - 1
