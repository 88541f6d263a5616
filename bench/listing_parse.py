"""A million lines of `ls -l` to CSV and JSON, each line loaded or rejected.

Against the original's awk and jq, which are processes of their own, and lose what they do not understand.
"""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench import inputs as made
from bench.measuring import Bench, Claim, Result, faster, stated
from tests import original_listings

_TEXT, _CSV, _JSON = "listing.txt", "listing.csv", "listing.json"


def prepare(inputs: Path, is_small: bool) -> None:
    """A million lines, 95 MB."""
    made.listing_file(inputs / _TEXT, 20_000 if is_small else 1_000_000)


def ours(inputs: Path, scratch: Path) -> Iterator[Result]:
    """The parser and the documents of the assets, CSV as well, from the file to files in one process."""
    import datetime as dt

    # Arrow asks for pandas at the first array; imports are not the work.
    import pandas  # type: ignore[import-untyped]  # noqa: F401

    from platform_assets.listings import conversion

    listed = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    rejects = 0
    yield {}
    forms = (conversion.CSV, conversion.JSON)
    with (
        (inputs / _TEXT).open("rb") as text,
        (scratch / _CSV).open("wb") as sheet,
        (scratch / _JSON).open("wb") as to,
    ):
        for part in conversion.of_text(text, listed, *forms):
            sheet.writelines(part.outputs[0])
            to.writelines(part.outputs[1])
            rejects += len(part.rejects)
    yield {}
    yield {**_found(scratch), "rejects": rejects}


def by_hand(inputs: Path, scratch: Path) -> Iterator[Result]:
    """The command, once for each form, its start included."""
    yield {}
    _command("csv", inputs / _TEXT, scratch / _CSV)
    _command("json", inputs / _TEXT, scratch / _JSON)
    yield {}
    yield _found(scratch)


def filters(inputs: Path, scratch: Path) -> Iterator[Result]:
    """awk, then jq."""
    yield {}
    original_listings.to_csv(inputs / _TEXT, scratch / _CSV)
    original_listings.to_json(scratch / _CSV, scratch / _JSON)
    yield {}
    yield _found(scratch)


def _command(form: str, source: Path, target: Path) -> None:
    command = [sys.executable, "-m", "platform_assets.listings", form]
    with source.open("rb") as given, target.open("wb") as taken:
        # 1 tells of rejects.
        subprocess.run(command, stdin=given, stdout=taken, stderr=subprocess.DEVNULL, check=False)


def _found(scratch: Path) -> Result:
    """Documents and records of the lines that the filters get right, byte by byte."""
    found: Result = {}
    for name in (_CSV, _JSON):
        digest, count = hashlib.sha256(), 0
        with (scratch / name).open("rb") as lines:
            for line in lines:
                if b"odd" not in line:
                    digest.update(line)
                    count += 1
        found |= {f"{name} lines": count, name: digest.hexdigest()}
    return found


BENCH = Bench(
    "listing_parse",
    prepare,
    {"ours": ours, "by_hand": by_hand, "filters": filters},
    (
        Claim("1M listed lines to CSV and JSON: awk and jq", "ours", "filters", *faster(10)),
        Claim("the same by the command, twice started", "by_hand", "filters", *stated()),
    ),
    original_listings.lacking,
)
