"""The canonical form of a document, whose SHA-256 is its name: compact JSON, byte for byte as `jq -c` prints it.

What a document says, and which one is refused, is told elsewhere.
"""

from collections.abc import Mapping

import msgspec


def canonical(document: Mapping[str, str]) -> bytes:
    """UTF-8, the keys in their order, escaped only where needed; raises UnicodeEncodeError for a lone surrogate."""
    return _as_jq(msgspec.json.encode(document))


def quoted(text: str) -> str:
    """One text as it stands in a document, with its quotes."""
    return _as_jq(msgspec.json.encode(text)).decode()


def _as_jq(encoded: bytes) -> bytes:
    """It escapes the control character DEL, too."""
    return encoded.replace(b"\x7f", b"\\u007f") if b"\x7f" in encoded else encoded
