"""Sales files of many mutated receipts, counted a second time in another way.

Containers are left out here, so that every input reaches the parser of receipts.
"""

import io
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random
from typing import Final

from fuzz import structure
from fuzz.csv_records import first_lines
from fuzz.mutation import Seeds, mutated
from fuzz.targets import Seen, Target, Violation
from platform_assets.promotions import receipts
from resources.files import lines
from resources.files.containers import UnreadableFile
from samples import sales, shoppers
from tests.bad_input import SALES, SALES_FILES, SOLD

_BATCH: Final = 60
_BLOCKS: Final = (1, 7, 64, 500, 4_000)
_CAME_AT: Final = datetime(2026, 11, 1, tzinfo=UTC)
_RARELY: Final = 0.05
_FIELDS: Final = len(SALES.split(b","))
_WORDS: Final = (
    b'"', b'""', b'","', b'"\n"', b",", b",,,,", b"\n", b"\r\n", b"\r", b"NULL", b"NaN", b"\xa0", b"2026-10-31",
    b"T24:00", b"2026-02-29", b"2062-", b"+02:00", b"-0530", b"Z", b".123456789", b"9007199254740992", b"-12.50",
    b"1e999", b'"12,50"', SALES, SOLD % b"R1",
)  # fmt: skip


def receipts_of_tills() -> Target:
    """Receipts below one header; one in twenty headers is mutated, too."""
    made = sales.files(7, shoppers.shoppers(7, shoppers.FEWEST))
    plain = [file.content for file in made if file.key.endswith("csv") and file.is_readable]
    records = [line + b"\n" for content in plain for line in content.split(b"\n")[1:60]]
    records += [text.encode() + b"\n" for text, _, _ in sales.BAD]
    records += [file.content.removeprefix(SALES) for file in SALES_FILES if file.content.startswith(SALES)]
    inputs = [record for record in records if len(record) < 5_000]
    sound = [record for record in inputs if record.count(b",") == _FIELDS - 1]
    return Target(
        "a receipt of a file of 60", Seeds(inputs, _WORDS, structure.records(sound)), _BATCH, _judge
    )


def _judge(inputs: Sequence[bytes], random: Random) -> Seen:
    is_mutated = random.random() < _RARELY
    header = mutated(Seeds([SALES], _WORDS), random) if is_mutated else SALES
    content = header + b"".join(inputs)
    block_bytes = random.choice(_BLOCKS)
    try:
        found, seen = _read(content)
    except UnreadableFile as unreadable:
        if not is_mutated:
            raise Violation(f"a file with a good first line is unreadable: {unreadable}") from unreadable
        return Seen(0, Counter({f"file: {unreadable.reason}": 1}))
    if found != sorted(set(found)):
        raise Violation("a record is a row and a reject, or is there twice")
    expected = None if is_mutated else first_lines(content, _FIELDS)
    if expected is not None and found != expected:
        odd = sorted(set(found) ^ set(expected))[:5]
        raise Violation(f"{len(expected)} records are in the file, {len(found)} came out; lines {odd} differ")
    if random.random() < _RARELY and _read(content, block_bytes) != (found, seen):
        raise Violation(f"blocks of {block_bytes} bytes give another result")
    return seen


def _read(content: bytes, block_bytes: int = lines.BLOCK_BYTES) -> tuple[list[int], Seen]:
    found: list[int] = []
    ids: list[str] = []
    reasons: Counter[str] = Counter()
    for rows, rejects in receipts.read(io.BytesIO(content), "fuzz", _CAME_AT, block_bytes=block_bytes):
        rows.validate(full=True)
        rejects.validate(full=True)
        found += rows.column("line").to_pylist() + rejects.column("line").to_pylist()
        ids += rows.column("sale_id").to_pylist()
        reasons.update(rejects.column("reason").to_pylist())
    if len(ids) != len(set(ids)):
        raise Violation("a receipt was loaded twice")
    return sorted(found), Seen(len(ids), reasons)
