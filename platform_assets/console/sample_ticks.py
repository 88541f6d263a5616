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


@dataclass(frozen=True)
class Ticked:
    """What the ticks of a run did together; documents are counted as often as they were listed."""

    ticks: int
    lines: int
    rejected: int
    posted: int
    known: int
    waiting: int
    dead: int


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


def told(outcomes: Sequence["Outcome"]) -> Ticked:
    """What the assets of these runs reported."""

    def total(asset: str, name: str) -> int:
        return sum(outcome.number(asset, name) for outcome in outcomes)

    posted = "listings/posted_listings"
    return Ticked(
        ticks=len(outcomes),
        lines=total("listings/listing_csv", "read_rows"),
        rejected=total("listings/listing_csv", "rejected_rows"),
        posted=total(posted, "posted"),
        known=total(posted, "known"),
        waiting=outcomes[-1].number(posted, "pending") if outcomes else 0,
        dead=outcomes[-1].number(posted, "dead") if outcomes else 0,
    )


def _batch(instance: dg.DagsterInstance) -> dict[str, str]:
    """A batch of its own for this second, or the first one after it that nobody has."""
    at = dt.datetime.now(dt.UTC)
    name = str(listing_batches.name)
    while instance.has_dynamic_partition(name, batch_id(at)):
        at += dt.timedelta(seconds=1)
    instance.add_dynamic_partitions(name, [batch_id(at)])
    return {PARTITION: batch_id(at)}
