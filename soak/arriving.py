"""What arrives between kills, so that each one finds work: files, changes of the CRM, tweets; the same for one seed.

Only sources are written here, as their own systems would write them.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import sqlalchemy as sa

from platform_assets.listings.arrival import INCOMING
from resources.crm_source import COLUMNS, KEYS, CrmTable
from resources.message_log import NewMessage
from samples import arrivals, listing_tree, source_formats
from samples.address_files import PREFIX
from samples.world import TOPIC, World
from soak.sides import Opened

_BEGAN: Final = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
_STEP: Final = dt.timedelta(hours=5)
_KEYS: Final = 6

_HEADER: Final = ",".join(source_formats.STANDARD)
_REPEATED: Final = 300
_CHANGES: Final[dict[CrmTable, str]] = {
    "customers": "UPDATE customers SET street = :text, updated_at = :at WHERE customer_id = :key",
    "portfolios": "UPDATE portfolios SET advisor = :text, updated_at = :at WHERE portfolio_id = :key",
}


@dataclass
class Arriving:
    """The feeds of one series; `number` counts all that arrived, `tree` is what is listed, if it is there."""

    world: World
    opened: Opened
    crm: sa.Engine
    random: Random
    tree: Path
    number: int = 0
    _gone: list[tuple[CrmTable, dict[str, Any]]] = field(default_factory=list)

    def arrive(self, feeds: Sequence[str]) -> None:
        """The next arrival of each of these feeds: files, topic, crm, listings."""
        made = arrivals.make(self._scenery(), self.number)
        if "files" in feeds:
            self.opened.object_store.put(made.arrival.key, made.content)
            self._files()
        if "topic" in feeds:
            entries = self.random.sample(self.world.log, min(_REPEATED, len(self.world.log)))
            again = [NewMessage(None, entry.value, entry.published_at) for entry in entries]
            self.opened.message_log.append(TOPIC, map(_by_now, [*made.messages, *again]))
        if "crm" in feeds:
            self._crm(_BEGAN + self.number * _STEP)
        if "listings" in feeds:
            self._listings()
        self.number += 1

    def _listings(self) -> None:
        """A listing of files, some in others too, and bad lines; a file of the tree comes, another goes."""
        first = self.random.randrange(20_000)
        lines = [
            f"total {number}"
            if number % 50 == 0
            else f"-rw-r--r-- 1 root root {number % 7_000} Mar 19  2021 /srv/soak/file {number}, of {whose}"
            for number in range(first, first + self.random.randrange(100, 16_000))
            for whose in (self.number if number % 3 else "many",)
        ]
        key = f"{INCOMING}{_BEGAN + self.number * _STEP:%Y-%m-%dT%H%M}-node-{self.number}.txt"
        self.opened.object_store.put(key, "\n".join(lines).encode())
        if self.tree.is_dir():
            came = listing_tree.arrive(self.tree)
            if self.random.random() < 0.3:
                came.unlink()

    def _scenery(self) -> arrivals.Scenery:
        world = self.world
        return arrivals.Scenery(world.config.seed, world.dwellings, world.grid, world.people, world.log)

    def _files(self) -> None:
        """A file is written or overwritten, now and then one is deleted or cannot be read."""
        key = f"{PREFIX}soak_{self.random.randrange(_KEYS)}.csv"
        kind = self.random.random()
        if kind < 0.15:
            self.opened.object_store.delete(key)
        elif kind < 0.25:
            self.opened.object_store.put(key, b"neither addresses nor anything else\n")
        else:
            self.opened.object_store.put(key, self._some_addresses())

    def _some_addresses(self) -> bytes:
        """A few thousand records of dwellings that other files know too, and some bad ones."""
        dwellings, random = self.world.dwellings, self.random
        first = random.randrange(len(dwellings) // 2)
        lines = [_HEADER]
        for number in range(first, min(first + random.randrange(500, 3_000), len(dwellings))):
            lon, lat = float(dwellings.lon[number]), float(dwellings.lat[number])
            house = "" if random.random() < 0.01 else str(number)
            lines.append(f"{lon:.7f},{lat:.7f},{house},OLD POST ROAD,,,,CT,,,")
        return ("\n".join(lines) + "\n").encode()

    def _crm(self, at: dt.datetime) -> None:
        """Rows change, come, go, come back with their old time, and become bad."""
        moment = at.strftime("%Y-%m-%d %H:%M:%S")
        with self.crm.begin() as connection:
            for table, row in self._gone[:2]:
                _insert(connection, table, row)
            del self._gone[:2]
            for table in KEYS:
                keys = self._keys(connection, table)
                for key in self.random.sample(keys, 15):
                    text = f"{self.random.randrange(1, 999)} ELM ST"
                    connection.execute(sa.text(_CHANGES[table]), {"text": text, "at": moment, "key": key})
                for key in self.random.sample(keys, 2):
                    row = _row(connection, table, key)
                    _insert(connection, table, {**row, KEYS[table]: f"N{self.number:05d}{key}"[:20]})
                gone = self.random.sample(keys, 2)
                self._gone += [(table, _row(connection, table, key)) for key in gone]
                for key in gone:
                    connection.execute(_where(f"DELETE FROM {table}", table), {"key": key})
            early = {"at": moment, "key": self.random.choice(self._keys(connection, "customers"))}
            bad = "UPDATE customers SET birth_date = '1823-05-05', updated_at = :at"
            connection.execute(_where(bad, "customers"), early)

    def _keys(self, connection: sa.Connection, table: CrmTable) -> list[str]:
        key = KEYS[table]
        query = f"SELECT {key} FROM {table} WHERE {key} LIKE 'C%' OR {key} LIKE 'P%'"
        return sorted(str(value) for value in connection.scalars(sa.text(query)))


def _row(connection: sa.Connection, table: CrmTable, key: str) -> dict[str, Any]:
    names = ", ".join(COLUMNS[table])
    found = connection.execute(_where(f"SELECT {names} FROM {table}", table), {"key": key})
    # One key of the sample world has two rows.
    return dict(next(iter(found.mappings())))


def _by_now(message: NewMessage) -> NewMessage:
    """The message, published now at latest: the days of a long series run ahead, and a broker refuses the future."""
    now = dt.datetime.now(dt.UTC)
    return message._replace(published_at=min(message.published_at or now, now))


def _insert(connection: sa.Connection, table: CrmTable, row: dict[str, Any]) -> None:
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)


def _where(text: str, table: CrmTable) -> sa.TextClause:
    return sa.text(f"{text} WHERE {KEYS[table]} = :key")
