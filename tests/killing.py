"""Steps that write to a warehouse, run in processes of their own that are killed at a boundary of the write.

What must hold afterwards is said in the tests. This module is loaded by those processes, so it imports no pytest.
"""

import datetime as dt
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from platform_assets.crm import extraction
from platform_assets.customer360.outbox import Outbox
from platform_assets.geo import arrival as geo_arrival
from platform_assets.listings import arrival as listing_arrival
from platform_assets.listings.posting import Posting
from platform_assets.listings.stages import make_csv, make_json
from platform_assets.promotions import arrival as sales_arrival
from platform_assets.promotions.campaign import campaign_from
from platform_assets.promotions.launch import decided, send
from platform_assets.promotions.reading import take_uses
from platform_assets.promotions.reserving import take
from platform_assets.tweets import arrival as tweet_arrival
from platform_assets.tweets.replay import From, replay
from resources.crm_source.sql import SqlCrmSource
from resources.lister import FolderLister
from resources.listing_api import HttpListingApi, Limits
from resources.message_log import SqliteMessageLog
from resources.object_store import FolderObjectStore
from resources.outlet import WebhookOutlet
from resources.promotion_store import Promotion, SqlitePromotionStore
from resources.sql import Model
from resources.warehouse import Amend, Commit, Delete, DuckDbWarehouse, Warehouse
from resources.warehouse.snowflake import Account, SnowflakeWarehouse
from soak import loaded_connector  # noqa: F401 - before the processes are forked
from soak.contents import contents

COMMIT = ("staged", "begun", "advanced", "deleted", "appended", "amended", "reconciled", "committed")
BUILD = ("begun", "deleted", "appended", "committed")
FILL = ("begun", "appended", "committed")
NOW = dt.datetime(2026, 11, 1, 2, tzinfo=dt.UTC)
FILE = "geo/incoming/hartford.csv"
CAMPAIGN = {
    "campaign_id": "spring", "promotion_id": "P7", "audience": "loyal,at_risk", "budget_eur": 16, "cost_eur": 2,
    "holdout_share": 0.3,
}  # fmt: skip
USED = (
    Promotion(
        "spring/1/P7",
        "spring",
        1,
        "P7",
        True,
        NOW,
        "spring",
        dt.datetime(2026, 10, 1, 12, tzinfo=dt.UTC),
        "r1",
    ),
    Promotion("elsewhere", "r", 2, "P9", True, None),
    Promotion("spring/3/P7", "spring", 3, "P7", False, NOW, "spring"),
)
BATCH = "2026-11-21T10:05:00Z"
AUDIT = frozenset(
    {"committed_at", "delivered_at", "listed_at", "noticed_at", "queued_at", "settled_at", "written_at"}
)

_CONTEXT = multiprocessing.get_context("forkserver")
# With what this module's own imports leave for later.
_CONTEXT.set_forkserver_preload([__name__, "duckdb", "resources.parsing", "resources.warehouse.frames"])
_DEADLINE_S = 60.0


@dataclass(frozen=True)
class Place:
    """Where a step reads, `home`, and where it writes: a DuckDB file or an account."""

    home: Path
    target: Path | Account

    def warehouse(self, reached: Callable[[str], None] = lambda boundary: None) -> Warehouse:
        """The warehouse, with something to do at each boundary."""
        if isinstance(self.target, Account):
            return SnowflakeWarehouse(self.target, reached)
        return DuckDbWarehouse(self.target, wait_s=20, reached=reached)


@dataclass(frozen=True)
class Killer:
    """Kills its own process when a boundary is reached for the n-th time."""

    boundary: str
    times: int = 1

    def reached(self) -> Callable[[str], None]:
        """What a warehouse calls."""
        left = [self.times]

        def at(boundary: str) -> None:
            left[0] -= boundary == self.boundary
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

        return at


def die(step: str, place: Place, killer: Killer) -> None:
    """Run a step in a process that is killed; raises RuntimeError when it ends in any other way."""
    process = _CONTEXT.Process(target=_run, args=(step, place, killer))
    process.start()
    process.join(_DEADLINE_S)
    if process.exitcode != -signal.SIGKILL:
        process.kill()
        raise RuntimeError(f"{step} was to be killed at {killer}, but ended with {process.exitcode}")
    process.close()


def run(step: str, place: Place, reached: Callable[[str], None] = lambda boundary: None) -> None:
    """Run a step to its end."""
    {**STEPS, **SENDING}[step](place, place.warehouse(reached))


def rows(warehouse: Warehouse) -> dict[str, list[str]]:
    """All that a warehouse holds, audit columns aside, table by table; empty ones are left out."""
    return {table: found for table, found in contents(warehouse, AUDIT).items() if found}


def _run(step: str, place: Place, killer: Killer) -> None:
    run(step, place, killer.reached())


def _log(warehouse: Warehouse, upto: int) -> None:
    """Two commits of one source: three tweets, then one that replaces two of them and says something of the third."""
    with warehouse.session() as session:
        position = session.position("log")
        for number, (texts, gone) in enumerate(
            [(("elm", "oak", "ash"), ()), (("fir",), ("elm", "oak"))][:upto]
        ):
            if number < int(position or 0):
                continue
            rows_ = [
                {
                    "tweet_id": text,
                    "tweeted_at": NOW.replace(tzinfo=None),
                    "text": text,
                    "copies": 1,
                    "topic": "t",
                    "log_partition": 0,
                    "log_offset": number,
                }
                for text in texts
            ]
            deletes = [Delete("tweets.tweets", {"text": text}) for text in gone]
            with warehouse.spool("tweets.tweets") as spool:
                spool.write(pa.Table.from_pylist(rows_))
                expected = str(number) if number else None
                told = Amend(
                    "tweets.tweets",
                    "UPDATE tweets.tweets SET lang = :lang WHERE text = 'ash'",
                    {"lang": "la"},
                )
                session.commit(
                    Commit(
                        "log", expected, str(number + 1), len(rows_), [spool],
                        deletes=deletes, amends=[told] if number else [],
                    )
                )  # fmt: skip


STREETS = Model(
    "geo.streets", "SELECT text AS street_text, text AS street, 'usps' AS method FROM tweets.tweets"
)
TEXTS = Model("geo.streets", "SELECT text AS street_text FROM tweets.tweets")


def _upper(fresh: pa.Table) -> pa.Table:
    texts = fresh.column("street_text").to_pylist()
    found = [{"street_text": text, "street": text.upper(), "method": "usps"} for text in texts]
    return pa.Table.from_pylist(
        found, schema=pa.schema([(n, pa.string()) for n in ("street_text", "street", "method")])
    )


def _commit(place: Place, warehouse: Warehouse) -> None:
    _log(warehouse, 2)


def _before(place: Place, warehouse: Warehouse) -> None:
    """What builds and fills find: their table made from the first commit, then the second one."""
    _log(warehouse, 1)
    with warehouse.session() as session:
        session.build(STREETS)
    _log(warehouse, 2)


def _build(place: Place, warehouse: Warehouse) -> None:
    with warehouse.session() as session:
        session.build(STREETS)


def _fill(place: Place, warehouse: Warehouse) -> None:
    with warehouse.session() as session:
        session.fill("geo.streets", "street_text", TEXTS, "v1", _upper)


def _addresses(place: Place, warehouse: Warehouse) -> None:
    geo_arrival.take_in(FILE, FolderObjectStore(place.home), warehouse)


def _sales(place: Place, warehouse: Warehouse) -> None:
    store = FolderObjectStore(place.home)
    for _ in sales_arrival.take_in_all(store.all(sales_arrival.INCOMING), store, warehouse):
        pass


def _tweets(place: Place, warehouse: Warehouse) -> None:
    with SqliteMessageLog(place.home / "log.db", partitions=2) as log:
        for _ in tweet_arrival.take_in("tweets", log, warehouse):
            pass


def _tweets_in_small_batches(place: Place, warehouse: Warehouse) -> None:
    whole, tweet_arrival.BATCH = tweet_arrival.BATCH, 3
    try:
        _tweets(place, warehouse)
    finally:
        tweet_arrival.BATCH = whole


def _replay(place: Place, warehouse: Warehouse) -> None:
    with SqliteMessageLog(place.home / "log.db", partitions=2) as log:
        for _ in replay("tweets", From(is_earliest=True), log, warehouse):
            pass


def _customers(place: Place, warehouse: Warehouse) -> None:
    extraction.extract("customers", SqlCrmSource(f"sqlite:///{place.home / 'crm.db'}"), warehouse, NOW)


def _send(place: Place, warehouse: Warehouse) -> None:
    """To the webhook whose address is in a file of the home."""
    outlet = WebhookOutlet((place.home / "webhook").read_text(), patience_s=5)
    Outbox(warehouse, f"run-{os.getpid()}").drain(outlet, lambda run: True)


def _post(place: Place, warehouse: Warehouse) -> None:
    """A batch of listings, to the API whose address is in a file of the home; twenty receipts a commit."""
    posting = Posting(warehouse, settled=20)
    posting.enter(BATCH)
    posting.post(HttpListingApi((place.home / "api").read_text(), limits=Limits(at_once=4)), 30)


@dataclass
class _TellingStore(SqlitePromotionStore):
    """Writes one promotion at a time, and tells when the store has it: boundary `stored`."""

    path: Path
    reached: Callable[[str], None]

    def __post_init__(self) -> None:
        super().__init__(self.path)

    def add(self, promotions: Iterable[Promotion]) -> int:
        added = 0
        for promotion in promotions:
            added += super().add([promotion])
            self.reached("stored")
        return added


def _launch(place: Place, warehouse: Warehouse) -> None:
    """A campaign, into the store of the home."""
    inputs = campaign_from(CAMPAIGN)
    with _TellingStore(place.home / "promotions.sqlite", warehouse.reached) as store:
        take(inputs, f"run-{os.getpid()}", store, warehouse, NOW, lambda run: False)
        campaign = decided(inputs, warehouse, NOW)
        send(campaign, store, warehouse)


def _uses(place: Place, warehouse: Warehouse) -> None:
    """From the store of the home."""
    with SqlitePromotionStore(place.home / "promotions.sqlite") as store:
        take_uses(store, warehouse, NOW)


def _listing(place: Place, warehouse: Warehouse) -> None:
    """A batch of the folder `listed`, and of what landed in the home."""
    lister = FolderLister(place.home / "listed")
    listing_arrival.take_in(BATCH, lister, FolderObjectStore(place.home), warehouse)
    make_csv(BATCH, warehouse)
    make_json(BATCH, warehouse)


STEPS: Mapping[str, Callable[[Place, Warehouse], None]] = {
    "commit": _commit,
    "before": _before,
    "build": _build,
    "fill": _fill,
    "addresses": _addresses,
    "sales": _sales,
    "tweets": _tweets,
    "tweets in small batches": _tweets_in_small_batches,
    "replay": _replay,
    "customers": _customers,
}
SENDING: Mapping[str, Callable[[Place, Warehouse], None]] = {
    "send": _send,
    "launch": _launch,
    "uses": _uses,
    "listing": _listing,
    "post": _post,
}
"""Steps that need somebody to send to, or to read from."""
