"""A batch: what one tick takes in, by the time of the tick, and the positions of its stages in the warehouse.

What a stage does with a batch belongs to the stage.
"""

from datetime import UTC, datetime
from typing import Final

from resources.unavailable import Unavailable
from resources.warehouse import Session

TXT: Final = "listings.listing_txt"
FILES: Final = "listings.listing_files"
CSV: Final = "listings.listing_csv"
REJECTED: Final = "listings.rejected_listings"
JSON: Final = "listings.listing_json"

TICKS: Final = "listings/listing_txt"
"""Source whose position every new batch moves: of two ticks at once, one takes in what landed."""

_FORM: Final = "%Y-%m-%dT%H:%M:%SZ"


def batch_id(at: datetime) -> str:
    """The batch of a tick at an aware time: `2026-11-21T10:05:00Z`. Later ones sort later."""
    return at.astimezone(UTC).strftime(_FORM)


def tick_of(batch: str) -> datetime:
    """The aware time of a batch's tick; raises ValueError for what names no batch."""
    return datetime.strptime(batch, _FORM).replace(tzinfo=UTC)


def source_of(table: str, batch: str) -> str:
    """The source under which a stage keeps its position for a batch."""
    return f"{table.replace('.', '/')}/{batch}"


def require(session: Session, table: str, batch: str) -> None:
    """Raises Unavailable for a batch that the stage of this table has not made yet."""
    if session.position(source_of(table, batch)) is None:
        noun = table.split(".")[1]
        raise Unavailable(f"Batch {batch} has no {noun} yet; materialize {noun} of this partition first.")
