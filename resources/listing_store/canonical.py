"""The canonical form of a document, whose SHA-256 is its name: compact JSON, byte for byte as `jq -c` prints it.

What a document says, and which one is refused, is told elsewhere.
"""

from collections.abc import Mapping

import msgspec


def canonical(document: Mapping[str, str]) -> bytes:
    """UTF-8, the keys in their order, escaped only where needed; raises UnicodeEncodeError for a lone surrogate."""
    text = msgspec.json.encode(document)
    # jq escapes this one too.
    return text.replace(b"\x7f", b"\\u007f") if b"\x7f" in text else text
