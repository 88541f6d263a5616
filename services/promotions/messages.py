"""What the promotions service is asked and what it answers, field by field as in the original.

The shapes and their bounds only; what happens with them is told in `api` and `questions`.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from resources.promotion_store import MAX_USER_ID, Promotion
from services.asgi import idempotency
from services.request_log.messages import END, RequestId

UserId = Annotated[int, Meta(ge=0, le=MAX_USER_ID, description="Number of the shopper's loyalty card.")]
UserIds = Annotated[list[UserId], Meta(max_length=1_000)]
PromotionId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=rf"^[^\x00-\x1f\x7f-\x9f]+{END}",
        description="Any text without control characters.",
    ),
]
KEY = idempotency.parameter(
    "The same request again with the same key is done and answered again, but is one entry in the log of calls."
)


class Asked(msgspec.Struct, rename="camel"):
    """Whose unused promotions are asked for."""

    request_id: RequestId
    user_ids: UserIds


class Change(msgspec.Struct, rename="camel"):
    """Each of these promotions is given to, or taken from, each of these shoppers."""

    request_id: RequestId
    user_ids: UserIds
    promotion_ids: Annotated[list[PromotionId], Meta(max_length=50)]
    action: Literal["add", "withdraw"]


class Changed(msgspec.Struct, rename="camel"):
    """What a change came to. `promotions` counts pairs; the rest of them had been changed before, or were used."""

    action: Literal["add", "withdraw"]
    promotions: int
    changed: int


class Redemption(msgspec.Struct, rename="camel"):
    """A shopper uses a promotion."""

    request_id: RequestId
    user_id: UserId
    promotion_id: PromotionId


class Given(msgspec.Struct):
    """A promotion of a shopper, its fields named and ordered as in the original's documents."""

    id: str = msgspec.field(name="_id")
    request_id: str = msgspec.field(name="requestId")
    user_id: int = msgspec.field(name="userId")
    promotion_id: str = msgspec.field(name="promotionId")
    used: bool
    inserted_at: datetime | None = msgspec.field(name="sys_insertDateTime")


def given(promotion: Promotion) -> Given:
    """A promotion as it goes out."""
    return Given(
        promotion.id,
        promotion.request_id,
        promotion.user_id,
        promotion.promotion_id,
        promotion.used,
        promotion.inserted_at,
    )
