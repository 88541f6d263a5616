"""The original's data file of promotions: a JSON array, or a JSON object on each line, into the promotion store.

What a document may look like is told in `resources.promotion_store.document`.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from resources.promotion_store import Promotion, PromotionStore
from resources.promotion_store.document import Refused, read
from resources.unavailable import Unavailable


class Rejected(NamedTuple):
    """A record that is no promotion: the line where it begins, from 1, a code, and a sentence."""

    line: int
    reason: str
    detail: str


def load(console: Console, store: PromotionStore, file: str) -> None:
    """Add the promotions of a file, and tell each record that is none; raises Unavailable when all are none."""
    read_records = 0
    rejected: list[Rejected] = []

    def readable() -> Iterator[Promotion]:
        nonlocal read_records
        for record in promotions_in(Path(file), datetime.now(UTC)):
            if isinstance(record, Rejected):
                rejected.append(record)
            else:
                read_records += 1
                yield record

    added = store.add(readable())
    for line, reason, detail in rejected:
        console.print(f"{file}:{line}: {reason}: {detail}", highlight=False, markup=False, soft_wrap=True)
    if not read_records:
        raise Unavailable(
            f"{file} holds no promotion that can be read; a record is an object such as "
            '{"requestId": "NVW71", "userId": 15, "promotionId": 1, "used": "false"}.'
        )
    console.print(
        f"{read_records:,} promotions read: {added:,} new, {read_records - added:,} there already; "
        f"{len(rejected):,} records rejected. They are in {store.uri()}.",
        highlight=False,
        soft_wrap=True,
    )


def promotions_in(path: Path, now: datetime) -> Iterator[Promotion | Rejected]:
    """Each record of a file, in its order; one without a time is inserted at `now`.

    Ids are made of request, shopper and promotion, so that the same record is the same promotion whenever it is
    loaded. Raises Unavailable when the file cannot be read.
    """
    try:
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise Unavailable(f"{path} cannot be read ({error.strerror}).") from error
    records = _elements(content) if content.lstrip().startswith(b"[") else _lines(content)
    for line, record in records:
        yield record if isinstance(record, Rejected) else _promotion(line, record, now)


def _lines(content: bytes) -> Iterator[tuple[int, Any]]:
    for line, text in enumerate(content.split(b"\n"), 1):
        if text.strip():
            try:
                yield line, json.loads(text)
            except (ValueError, RecursionError) as error:
                yield line, Rejected(line, "bad_json", f"The line is no JSON ({error}).")


def _elements(content: bytes) -> Iterator[tuple[int, Any]]:
    """The elements of an array; what is behind a mistake of syntax cannot be told apart any more."""
    decoder = json.JSONDecoder()
    line, place = 1, content.index(b"[") + 1
    line += content.count(b"\n", 0, place)
    try:
        text = content[place:].decode()
    except UnicodeDecodeError as error:
        yield line, Rejected(line, "bad_json", f"The file is not UTF-8 ({error}).")
        return
    seen, at = 0, _behind_blanks(text, 0)
    while not text.startswith("]", at):
        line, seen = line + text.count("\n", seen, at), at
        try:
            record, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            yield line, Rejected(line, "bad_json", f"From here on the file is no JSON ({error}).")
            return
        yield line, record
        end = _behind_blanks(text, end)
        if text.startswith("]", end):
            return
        if not text.startswith(",", end):
            yield line, Rejected(line, "bad_json", "Behind this record the array goes on without a comma.")
            return
        at = _behind_blanks(text, end + 1)


def _behind_blanks(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\n", "\r", "\t"):
        at += 1
    return at


def _promotion(line: int, record: Any, now: datetime) -> Promotion | Rejected:  # noqa: ANN401 - any JSON
    if not isinstance(record, dict):
        return Rejected(line, "bad_json", f"The record is no object but {json.dumps(record)[:80]}.")
    try:
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return Rejected(line, "bad_json", "The record holds half of a surrogate pair, which is no character.")
    found = read({**record, "_id": ""})
    if isinstance(found, Refused):
        return Rejected(line, *found)
    content = json.dumps([found.request_id, found.user_id, found.promotion_id]).encode()
    id_ = hashlib.sha256(content).hexdigest()[:24]
    return found._replace(id=id_, inserted_at=found.inserted_at or now)
