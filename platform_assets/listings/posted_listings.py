"""One row per document that leaves for the API, with its receipt: posted, known there before, waiting, or dead.

Ledger: what was posted cannot be unposted by a rebuild. The documents of a batch that are new by their content are
entered in one commit; then whatever waits is posted, of any batch, the oldest first, and settled as receipts come.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from pydantic import Field

from platform_assets.listings.batch import JSON, require
from platform_assets.listings.posting import TABLE, Posting
from platform_assets.partitions import listing_batches
from platform_assets.reports import Check, label, received
from platform_assets.tables import POOL, asset_key, described, source
from resources.listing_api import ListingApi
from resources.warehouse import Session, Warehouse

listing_api = source(
    "listings/listing_api",
    "The API of LISTING_API_URL, in local the store of the service `listing_api`: each document once.",
    {"http"},
).replace_attributes(deps=[asset_key(TABLE)])
OBSERVED = listing_api.key


_HASHES = f"SELECT j.content_hash FROM {JSON} AS j WHERE j.batch_id = :batch_id"
CHECKS = (
    Check(
        "every_document_is_entered",
        "Every document of the batch is in the ledger.",
        f"SELECT COUNT(*) AS n FROM ({_HASHES}) AS b"
        f" WHERE NOT EXISTS (SELECT 1 FROM {TABLE} AS p WHERE p.content_hash = b.content_hash)",
    ),
    Check(
        "each_document_once",
        "No document of the batch is in the ledger twice.",
        f"SELECT COUNT(*) AS n FROM (SELECT p.content_hash FROM {TABLE} AS p WHERE p.content_hash IN ({_HASHES})"
        " GROUP BY p.content_hash HAVING COUNT(*) > 1) AS t",
    ),
    Check(
        "nothing_waits",
        "Every document was posted: none waits because the API is away or the time was over.",
        f"SELECT COUNT(*) AS n FROM {TABLE} WHERE state = 'pending'",
        blocking=False,
        names=f"SELECT DISTINCT COALESCE(detail, 'not tried yet') AS x FROM {TABLE}"
        " WHERE state = 'pending' ORDER BY x",
    ),
    Check(
        "nothing_is_dead",
        "The API has refused no document, and failed with none too often; repost_dead_letters posts them again.",
        f"SELECT COUNT(*) AS n FROM {TABLE} WHERE state = 'dead'",
        blocking=False,
        names=f"SELECT SUBSTR(content_hash, 1, 12) || ': ' || COALESCE(detail, '') AS x FROM {TABLE}"
        " WHERE state = 'dead' ORDER BY x",
    ),
)


class Sending(dg.Config):
    """What is posted besides what is new and what waits, and for how long."""

    again: bool = Field(
        default=False,
        description="Post again what is dead, once its cause is mended; its attempts count anew.",
    )
    whole_batch: bool = Field(
        default=False,
        description="Post every document of the batch, known or not: to an API that is another one by now, or has lost "
        "its store.",
    )
    budget_s: float = Field(
        default=40.0, gt=0, description="Seconds after which the rest waits for the next batch."
    )


@dg.asset(
    **described(TABLE, {"python"}, "out", doc=__doc__),
    deps=[asset_key(JSON)],
    partitions_def=listing_batches,
    pool=POOL,
    check_specs=[check.spec(TABLE) for check in CHECKS],
)
def posted_listings(
    context: dg.AssetExecutionContext,
    config: Sending,
    warehouse: dg.ResourceParam[Warehouse],
    listing_api: dg.ResourceParam[ListingApi],
) -> Iterator[dg.AssetObservation | dg.MaterializeResult]:
    """Enter, post, settle."""
    batch = context.partition_key
    posting = Posting(warehouse, label(context))
    if not config.again:
        with warehouse.session(label(context)) as session:
            require(session, JSON, batch)
    posting.enter(batch, again=config.again, whole=config.whole_batch)
    done = posting.post(listing_api, config.budget_s)
    numbers: dict[str, Any] = {
        "entered": done.entered,
        "posted": done.receipts["posted"],
        "known": done.known_before + done.receipts["known"],
        "failed": done.receipts["pending"],
        "given_up": done.receipts["dead"],
        "rows_written": done.entered,
        "containers": dict(done.containers),
        "to": listing_api.uri(),
    }
    yield dg.AssetObservation(OBSERVED, metadata=numbers)
    with warehouse.session(label(context)) as session:
        yield received(
            session, warehouse, TABLE, {**numbers, **_standing(session)}, CHECKS, ("batch_id", batch)
        )


def _standing(session: Session) -> dict[str, int]:
    """Documents of all batches that wait or are dead."""
    found = session.rows(
        f"SELECT state, COUNT(*) AS n FROM {TABLE} WHERE state IN ('pending', 'dead') GROUP BY state"
    )
    counts = {str(row["state"]): int(str(row["n"])) for row in found}
    return {state: counts.get(state, 0) for state in ("pending", "dead")}
