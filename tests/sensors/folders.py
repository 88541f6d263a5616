"""A folder that counts what it is asked, and whose clock and ETags a test can set."""

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from resources.object_store import FolderObjectStore, StoredObject

HEADER = "LON,LAT,NUMBER,STREET,UNIT,CITY,DISTRICT,REGION,POSTCODE,ID,HASH\n"


def address_file(*numbers: int) -> bytes:
    """A sound file with one address per number."""
    return (HEADER + "".join(f"-72.7,41.7,{n},MAIN ST,,AVON,,CT,06001,,\n" for n in numbers)).encode()


class WatchedFolder(FolderObjectStore):
    """Real files; `written_at` overrules the disk's times, `has_etags` makes versions of content, as S3 does."""

    def __init__(self, root: Path, *, has_etags: bool = False) -> None:
        super().__init__(root)
        self.root = root
        self.calls: Counter[str] = Counter()
        self.seen = 0
        self.written_at: dict[str, datetime] = {}
        self.has_etags = has_etags

    def list(self, prefix: str, after: str = "", limit: int = 1000) -> list[StoredObject]:
        self.calls["list"] += 1
        found = [self._told(stored) for stored in super().list(prefix, after, limit)]
        self.seen += len(found)
        return found

    def head(self, key: str) -> StoredObject | None:
        self.calls["head"] += 1
        stored = super().head(key)
        return self._told(stored) if stored else None

    def _fetched(self, stored: StoredObject, start: int, end: int) -> bytes:
        if self.has_etags:
            return (self.root / stored.key).read_bytes()[start:end]
        return super()._fetched(stored, start, end)

    def _told(self, stored: StoredObject) -> StoredObject:
        stored = replace(stored, modified_at=self.written_at.get(stored.key, stored.modified_at))
        if self.has_etags:
            return replace(stored, version=hashlib.sha256((self.root / stored.key).read_bytes()).hexdigest())
        return stored
