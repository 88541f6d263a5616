"""Ticks of the listings in `make run`: one, and a second one when the sample tree has not changed yet.

What a tick does is the job's; in a deployment that lists nothing there is none.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from platform_assets.listings.arrival import INCOMING
from platform_assets.listings.batch import batch_id
from platform_assets.partitions import PARTITION, listing_batches

if TYPE_CHECKING:
    from platform_assets.console.ports import Ports
    from platform_assets.console.progress import Outcome
    from resources.listing_api import ListingApi


@dataclass(frozen=True)
class Ticked:
    """What the ticks of a run did together; a document that both listed is counted twice.

    `pending` and `dead` are what stands in the ledger afterwards, `stored` is what the API keeps, None where it does
    not tell.
    """

    ticks: int
    lines: int
    rejected: int
    posted: int
    known: int
    pending: int
    dead: int
    stored: int | None = None


def ticks(instance: dg.DagsterInstance, home: Path, ports: "Ports") -> Iterator[dict[str, str]]:
    """Tags of the runs of the ticks; between two of them a file of the sample tree comes, and one goes."""
    from samples import listing_tree

    if not ports.object_store.list(INCOMING, limit=1) and next(iter(ports.lister.lines()), None) is None:
        return
    tree = home / listing_tree.FOLDER
    is_due = tree.is_dir() and listing_tree.is_unchanged(tree)
    yield _batch(instance)
    if is_due:
        listing_tree.change(tree)
        yield _batch(instance)


def told(outcomes: Sequence["Outcome"], api: "ListingApi | None") -> Ticked | None:
    """What the assets of these runs reported, and what the API keeps; None when there was no tick."""
    if not outcomes:
        return None

    def total(asset: str, name: str) -> int:
        return sum(outcome.number(asset, name) for outcome in outcomes)

    rows, posted = "listings/listing_csv", "listings/posted_listings"
    return Ticked(
        ticks=len(outcomes),
        lines=total(rows, "read_rows"),
        rejected=total(rows, "rejected_rows"),
        posted=total(posted, "posted"),
        known=total(posted, "known"),
        pending=outcomes[-1].number(posted, "pending"),
        dead=outcomes[-1].number(posted, "dead"),
        stored=api.count() if api else None,
    )


def _batch(instance: dg.DagsterInstance) -> dict[str, str]:
    """A batch of its own for this second, or the first one after it that nobody has."""
    at = dt.datetime.now(dt.UTC)
    name = str(listing_batches.name)
    while instance.has_dynamic_partition(name, batch_id(at)):
        at += dt.timedelta(seconds=1)
    instance.add_dynamic_partitions(name, [batch_id(at)])
    return {PARTITION: batch_id(at)}
