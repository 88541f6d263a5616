"""What the listing API is sent and what it answers: documents, what became of each, and pages of them.

The shapes and their meaning only; who posts and who keeps is elsewhere.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, NoReturn

import msgspec
from msgspec import Meta

from resources.listing_store import Stored
from resources.listing_store.canonical import canonical
from services.asgi.body import LIMIT, UNREADABLE, unreadable
from services.asgi.problem import Problem

BATCH: Final = 1_000
BATCH_BYTES: Final = 4_000_000
HASH: Final = "^[0-9a-f]{64}$"

_Text = Annotated[str, Meta(pattern=r"^[^\x00]*$")]
Document = Annotated[
    dict[_Text, _Text],
    Meta(
        description="A listed file; each value is text, and the name of the file is needed.",
        extra_json_schema={"required": ["file"], "properties": {"file": {"type": "string"}}},
    ),
]
Documents = Annotated[
    list[Any], Meta(max_length=BATCH, description="Each as POST / takes it; a wrong one is refused alone.")
]
State = Literal["new", "known", "refused"]

_decode: Final = msgspec.json.Decoder(dict[str, str]).decode


class Answer(msgspec.Struct):
    """The document is kept, and who says so."""

    response: Literal["ok"]
    container: str


class Taken(msgspec.Struct, rename="camel", omit_defaults=True):
    """What became of one document; one that is refused has no hash, but a sentence that says why."""

    content_hash: str
    state: State
    detail: str = ""


class Kept(msgspec.Struct, rename="camel"):
    """One document as it was posted, and when it first arrived."""

    content_hash: str
    arrived_at: datetime
    document: Document


class Count(msgspec.Struct):
    """How many documents there are."""

    documents: int


def stored(text: bytes, at: datetime) -> Stored:
    """The document that a JSON text is, by its content; raises Problem 400 for none, 413 for a large one."""
    if len(text) > LIMIT:
        raise Problem(413, f"The document is larger than {LIMIT:,} bytes.", "document")
    try:
        document = _decode(text)
    except UNREADABLE as error:
        _refuse(text, error)
    if "file" not in document:
        raise Problem(400, "file: the document lacks this text.", "file")
    form = canonical(document)
    if form != text:
        _require_each_key_once(text)
    if b"\\u0000" in form:
        _require_no_nul(document)
    return Stored(hashlib.sha256(form).hexdigest(), form.decode(), at)


def kept(found: Stored) -> bytes:
    """`Kept` as JSON; the document is JSON already."""
    told = {"contentHash": found.content_hash, "arrivedAt": found.at.astimezone(UTC)}
    return msgspec.json.encode({**told, "document": msgspec.Raw(found.document.encode())})


def _refuse(text: bytes, error: Exception) -> NoReturn:
    """The decoder does not tell at which key a value is that is no text."""
    try:
        found = msgspec.json.decode(text)
    except UNREADABLE as other:
        raise unreadable("document", other) from None
    if not isinstance(found, dict):
        raise Problem(400, "The document is no JSON object.", "document")
    name = next((name for name, value in found.items() if not isinstance(value, str)), "document")
    raise Problem(400, f"{name[:60]}: {str(error).partition(' - at')[0]}.", name[:60]) from None


def _require_each_key_once(text: bytes) -> None:
    pairs: list[tuple[str, str]] = json.loads(text, object_pairs_hook=list)
    seen = set[str]()
    for name, _ in pairs:
        if name in seen:
            raise Problem(400, f"{name[:60]}: the document has this key twice.", name[:60])
        seen.add(name)


def _require_no_nul(document: dict[str, str]) -> None:
    for name, value in document.items():
        if "\0" in name or "\0" in value:
            field = name[:60].replace("\0", "\\0")
            raise Problem(400, f"{field}: no text of a listing holds a NUL.", field)
