"""The lines of a stream: bytes in pieces of any size become whole lines, in bounded memory.

Only CR LF ends a line, for an error that X pretty-prints has bare LF inside; what a line says is in `messages`.
"""

from typing import NamedTuple


class Line(NamedTuple):
    """One line without its end; `value` is cut at the limit, `size` is how many bytes were received.

    An empty one is a keep-alive.
    """

    value: bytes
    size: int

    @property
    def is_cut(self) -> bool:
        """Whether the line was longer than the limit."""
        return self.size > len(self.value)


class LineSplitter:
    """Puts lines together; of a line longer than `limit` bytes the rest is counted and forgotten."""

    def __init__(self, limit: int) -> None:
        """One splitter per connection: what a dropped connection left unfinished is never completed."""
        self._limit = limit
        self._kept = bytearray()
        self._size = 0
        self._half_end = b""

    @property
    def unfinished(self) -> int:
        """Bytes of the line that has not ended yet."""
        return self._size

    def feed(self, chunk: bytes) -> list[Line]:
        """The lines that end in this piece."""
        *ended, last = (self._half_end + chunk).split(b"\r\n")
        self._half_end = b"\r" if last.endswith(b"\r") else b""
        lines = []
        for piece in ended:
            self._grow(piece)
            lines.append(Line(bytes(self._kept), self._size))
            self._kept.clear()
            self._size = 0
        self._grow(last.removesuffix(b"\r"))
        return lines

    def _grow(self, piece: bytes) -> None:
        # A bare LF before a line is a keep-alive too: the documentation has both.
        piece = piece if self._size else piece.lstrip(b"\n")
        self._kept += piece[: self._limit - len(self._kept)]
        self._size += len(piece)
