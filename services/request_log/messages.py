"""What the request log is sent: an entry as a client writes it, and entries as an outbox delivers them.

The shapes and their meaning only; who sends and who keeps them is elsewhere.
"""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

END: Final = r"(?![\s\S])"
"""Where a text ends, in a pattern; $ would let a last line end through."""
BATCH: Final = 2_000
BATCH_BYTES: Final = 4_000_000
_WHOLE = Annotated[int, Meta(ge=-(2**53), le=2**53)]
_TEXT = Annotated[str, Meta(max_length=32_000)]

RequestId = Annotated[
    str, Meta(min_length=1, max_length=200, description="The caller's own id of its request.")
]
Api = Annotated[str, Meta(min_length=1, max_length=200, description="The API that was called, as its path.")]
DeliveryId = Annotated[str, Meta(min_length=1, max_length=100, pattern=f"^[A-Za-z0-9_.:-]+{END}")]
Value = _TEXT | _WHOLE | float | Annotated[list[_TEXT | _WHOLE | float], Meta(max_length=10_000)]


class LogRequest(msgspec.Struct, rename="camel"):
    """One call of an API, as the client that logs it tells it."""

    request_id: RequestId
    api: Api
    value: Value


class Delivery(msgspec.Struct, rename="camel"):
    """One call of an API, as an outbox delivers it: `delivery_id` is the same however often it is sent."""

    delivery_id: DeliveryId
    request_id: RequestId
    api: Api
    value: _TEXT
    at: Annotated[datetime, Meta(tz=True)]


Deliveries = Annotated[list[Delivery], Meta(max_length=BATCH)]


class Logged(msgspec.Struct):
    """How many entries of a batch are in the log now, and how many of them were not before."""

    entries: int
    new: int


def text(value: Value) -> str:
    """A value as the log keeps it: what JavaScript makes of it, so `15,12,23` for a list."""
    if isinstance(value, list):
        return ",".join(text(each) for each in value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)
