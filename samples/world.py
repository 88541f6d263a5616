"""The sample world as a whole: make it, write it where an embedded deployment keeps its state, let new data arrive.

This is what the platform calls; each part is made in its own module.
"""

import dataclasses
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from resources.message_log import MessageLog, NewMessage, SqliteMessageLog
from resources.object_store import ObjectStore
from resources.unavailable import Unavailable
from samples import address_traps, addresses, arrivals, casting, crm, people, sales, shoppers, truth, tweets
from samples.address_files import AddressFile, address_files
from samples.arrivals import Arrival
from samples.durable import as_json, put
from samples.dwellings import Dwellings
from samples.listing_tree import FOLDER, KEY, landed, plant
from samples.nearest import Grid
from samples.people import Customer
from samples.sales import SalesFile
from samples.shoppers import Shoppers
from samples.tweets import Entry

TOPIC = "tweets"
_BEGUN, _DONE = "config.json", "summary.json"


@dataclass(frozen=True)
class WorldConfig:
    """Size and seed of a world: the same values make the same bytes."""

    addresses: int = 50_000
    customers: int = 4_000
    tweets: int = 3_000
    seed: int = 7
    shoppers: int = 2_000


class Written(NamedTuple):
    """What a written world holds: address files, records in them that can be loaded, customers, messages, receipts."""

    files: int
    addresses: int
    customers: int
    tweets: int
    receipts: int


class World:
    """A world, each part made when it is first asked for. Raises ValueError for sizes that do not fit together."""

    def __init__(self, config: WorldConfig) -> None:
        """Nothing is made yet."""
        self.config = config

    @cached_property
    def dwellings(self) -> Dwellings:
        """Every dwelling."""
        return addresses.build(self.config.seed, self.config.addresses)

    @cached_property
    def grid(self) -> Grid:
        """Dwellings by place."""
        return Grid(self.dwellings)

    @cached_property
    def people(self) -> list[Customer]:
        """Every customer."""
        return people.customers(self.config.seed, self.config.customers, self.dwellings)

    @cached_property
    def log(self) -> list[Entry]:
        """Every message; its position is its offset."""
        stage = casting.stage(self.config.seed, self.dwellings, self.grid, self.people)
        return list(tweets.entries(stage, self.config.tweets))

    @cached_property
    def shoppers(self) -> Shoppers:
        """Every shopper of the retailer, none of whom is told to be a customer of the bank."""
        return shoppers.shoppers(self.config.seed, self.config.shoppers)

    @cached_property
    def sales_files(self) -> list[SalesFile]:
        """Sales files in the order of their keys."""
        return sales.files(self.config.seed, self.shoppers)

    def address_files(self) -> Iterator[AddressFile]:
        """Address files in the order of their keys, each with its blocks of bytes."""
        return address_files(self.dwellings)

    def objects(self) -> Iterator[tuple[str, Iterable[bytes]]]:
        """Key and blocks of bytes of every object that the store holds."""
        yield from ((file.key, file.blocks) for file in self.address_files())
        yield from ((file.key, [file.content]) for file in self.sales_files)
        yield KEY, [landed()]

    def tweets(self) -> Iterator[NewMessage]:
        """The messages in the order of their offsets."""
        return (NewMessage(None, entry.value, entry.published_at) for entry in self.log)

    def write_crm(self, path: Path) -> None:
        """Write the CRM to a new SQLite file."""
        crm.write(path, crm.tables(self.config.seed, self.people))

    def truth(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of each file of the truth, the summary last."""
        files = list(self.address_files())
        residents = people.residents(self.dwellings, self.people)
        verdicts = truth.tweets(self.dwellings, self.grid, residents, self.log)
        refused = [truth.FileRejects(file.key, file.rejects) for file in files]
        refused += [truth.FileRejects(file.key, file.rejects) for file in self.sales_files]
        yield "homes.csv", truth.written(truth.homes(self.dwellings, self.people))
        yield "people.csv", truth.written(truth.families(self.people))
        yield "tweets.csv", truth.written(verdicts)
        yield "rejects.csv", truth.written(truth.rejects(refused, self.people, self.log))
        yield _DONE, as_json(self.summary(files))

    def summary(self, files: list[AddressFile] | None = None) -> dict[str, object]:
        """Counts that a right run arrives at."""
        found = files if files is not None else list(self.address_files())
        rows = sum(file.rows for file in found)
        distinct = len(self.dwellings) + address_traps.OUTSIDE
        portfolios = crm.tables(self.config.seed, self.people).portfolios
        refused = list(crm.bad_rows(self.people))
        return {
            "config": dataclasses.asdict(self.config),
            "files": {
                file.key: {"rows": file.rows, "rejected": len(file.rejects), "is_readable": file.is_readable}
                for file in found
            },
            "address_rows": rows,
            "addresses": distinct,
            "duplicates_merged": rows - distinct,
            "customers": len(self.people),
            "rejected_customers": sum(bad.table == "customers" for bad in refused),
            "portfolios": len(portfolios) - sum(bad.table == "portfolios" for bad in refused),
            "rejected_portfolios": sum(bad.table == "portfolios" for bad in refused),
            "messages": len(self.log),
            "rejected_messages": sum(entry.bad is not None for entry in self.log),
            "receipts": sum(file.rows for file in self.sales_files),
            "rejected_receipts": sum(len(file.rejects) for file in self.sales_files),
            "tweets": sum(entry.tweet is not None and not entry.is_copy for entry in self.log),
        }


def make(config: WorldConfig) -> World:
    """A world of that size; its parts are made when they are asked for."""
    return World(config)


def is_written(home: Path) -> bool:
    """Whether a whole sample world lies below `home`; one that was interrupted does not count."""
    return (home / "truth" / _DONE).is_file()


def is_free(home: Path) -> bool:
    """Whether a sample world may be made below `home`: nothing of somebody's own is there."""
    if (home / "truth" / _BEGUN).exists():
        return True
    own = (home / "crm.sqlite", home / "log.sqlite", *(home / "objects").rglob("*"))
    return not any(path.is_file() for path in own)


def read(home: Path) -> World:
    """The world that was written below `home`. Raises Unavailable when there is none."""
    if not is_written(home):
        raise Unavailable(f"{home} holds no sample world; make one with `python -m samples --to {home}`.")
    return World(WorldConfig(**json.loads((home / "truth" / _DONE).read_bytes())["config"]))


def write(world: World, home: Path, *, with_dwellings: bool = False) -> Written:
    """Write address and sales files, CRM, messages and truth below `home`; a world that is there already is left alone.

    The summary comes last and says that all is there: what a crash left is completed, to the same bytes. The list of
    all dwellings is big, so it is written when asked for. Raises Unavailable when `home` holds other data.
    """
    _claim(world, home)
    partial = home / ".sample-world"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    if not is_written(home):
        _write(world, home, partial)
    if with_dwellings:
        listed = truth.packed(truth.all_dwellings(world.dwellings))
        put(partial / "file", home / "truth" / "dwellings.csv.gz", [listed])
    shutil.rmtree(partial)
    files = list(world.address_files())
    bought = sum(file.rows for file in world.sales_files)
    return Written(len(files), sum(file.rows for file in files), len(world.people), len(world.log), bought)


def _write(world: World, home: Path, partial: Path) -> None:
    for key, blocks in world.objects():
        put(partial / "file", home / "objects" / key, blocks)
    if not (home / FOLDER).exists():
        plant(partial / FOLDER).rename(home / FOLDER)
    world.write_crm(partial / "crm.sqlite")
    (partial / "crm.sqlite").replace(home / "crm.sqlite")
    with SqliteMessageLog(home / "log.sqlite") as log:
        _append(world, log)
    for name, content in world.truth():
        put(partial / "file", home / "truth" / name, [content])


def arrive(object_store: ObjectStore, message_log: MessageLog, home: Path) -> Arrival:
    """Publish the next arrival of the world below `home`; how many came before is read from the store.

    Raises Unavailable when no sample world lies there.
    """
    world = read(home)
    number = arrivals.earlier(object_store)
    found = arrivals.make(
        arrivals.Scenery(world.config.seed, world.dwellings, world.grid, world.people, world.log), number
    )
    message_log.append(TOPIC, found.messages)
    object_store.put(found.arrival.key, found.content)
    return found.arrival


def _claim(world: World, home: Path) -> None:
    """Make sure that what lies in `home` is this world or nothing."""
    mark = home / "truth" / _BEGUN
    if mark.exists():
        # Not as text: a world of an older release says nothing of sizes that came later.
        if WorldConfig(**json.loads(mark.read_bytes())) != world.config:
            raise Unavailable(
                f"{home} holds a sample world of another size; remove it or choose another folder."
            )
        return
    if (home / "crm.sqlite").exists() or ((home / "log.sqlite").exists() and _messages(home)):
        raise Unavailable(
            f"{home} holds a CRM or tweets of your own; choose another folder for the sample world."
        )
    put(mark.with_suffix(".part"), mark, [as_json(dataclasses.asdict(world.config))])


def _messages(home: Path) -> int:
    with SqliteMessageLog(home / "log.sqlite") as log:
        return sum(bounds.end for bounds in log.bounds(TOPIC).values())


def _append(world: World, log: MessageLog) -> None:
    """Append what the topic does not hold yet; its first messages are this world's, `_claim` has seen to that."""
    bounds = log.bounds(TOPIC)
    log.append(TOPIC, list(world.tweets())[bounds[0].end if bounds else 0 :])
