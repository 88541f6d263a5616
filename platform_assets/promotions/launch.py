"""A campaign launched: decided once, kept in the warehouse, and only then written to the store.

The steps and their order belong here, so that a kill between any two loses nothing; the decision is in `assignment`.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

from platform_assets.promotions.campaign import CampaignInputs, conflict
from resources.promotion_store.port import Promotion, PromotionStore
from resources.unavailable import Unavailable
from resources.warehouse import Commit, OvertakenError, Session, Warehouse

if TYPE_CHECKING:
    import pyarrow as pa

TABLES = ("promotions.assignments", "promotions.campaigns")
DECIDED, SENT = "decided", "sent"
"""Positions of a campaign: its assignments are committed; the store has them."""

_CAMPAIGN = """
SELECT campaign_id, promotion_id, inputs, audience_users, assigned_users, holdout_users, starts_at, ends_at, launched_at
FROM promotions.campaigns
WHERE campaign_id = :campaign_id
"""
_GIVEN = """
SELECT user_id, stored_id
FROM promotions.assignments
WHERE campaign_id = :campaign_id AND NOT is_holdout
ORDER BY user_id
"""
_BATCH = 20_000


@dataclass(frozen=True)
class Campaign:
    """A campaign as the ledger has it; times are aware and in UTC."""

    campaign_id: str
    promotion_id: str
    inputs: str
    audience_users: int
    assigned_users: int
    holdout_users: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    launched_at: dt.datetime


def decided(inputs: CampaignInputs, warehouse: Warehouse, now: dt.datetime, label: str = "") -> Campaign:
    """Decide who takes part and commit it, unless that has been done; nothing is written to the store.

    Raises Unavailable when the campaign was launched with other inputs, or when nobody would get the promotion.
    """
    with warehouse.session(label) as session:
        known = campaign(session, inputs.campaign_id)
        if known is None:
            # Overtaken, somebody launches the same campaign; what counts is what they launch it with.
            with suppress(OvertakenError):
                _commit(session, warehouse, inputs, now)
            known = campaign(session, inputs.campaign_id)
    if known is None:
        raise Unavailable(f"Campaign {inputs.campaign_id} is being launched by another run; launch it again.")
    if other := conflict(known.inputs, inputs):
        raise Unavailable(other.said)
    return known


def send(
    known: Campaign, store: PromotionStore, warehouse: Warehouse, label: str = "", *, again: bool = False
) -> int:
    """Write the promotions of a decided campaign to the store, unless it has them; how many were new to it.

    With `again`, those that the store has lost are written once more, and so are those that somebody withdrew.
    """
    source = source_of(known.campaign_id)
    with warehouse.session(label) as session:
        position = session.position(source)
        if position == SENT and not again:
            return 0
        given = session.fetch(_GIVEN, campaign_id=known.campaign_id)
    added = store.add(_promotions(known, given))
    if position == DECIDED:
        # Overtaken, another run has sent the same ids at the same time, each once.
        with warehouse.session(label) as session, suppress(OvertakenError):
            session.commit(Commit(source, DECIDED, SENT, 0))
    return added


def campaign(session: Session, campaign_id: str) -> Campaign | None:
    """What the ledger says of a campaign; None when it was not launched."""
    found = session.rows(_CAMPAIGN, campaign_id=campaign_id)
    if not found:
        return None
    row: dict[str, Any] = {name: _aware(value) for name, value in found[0].items()}
    return Campaign(**row)


def source_of(campaign_id: str) -> str:
    """The name under which the position of a campaign is kept."""
    return f"campaign/{campaign_id}"


def _aware(value: object) -> object:
    return value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) else value


def _commit(session: Session, warehouse: Warehouse, inputs: CampaignInputs, now: dt.datetime) -> None:
    # The store keeps times to the second, and so those of uses.
    starts_at, ends_at = inputs.time_from(now.replace(microsecond=0))
    times = {"starts_at": starts_at, "ends_at": ends_at}
    chosen, audience_users, holdout_users = _chosen(session, inputs, times)
    row = {
        "campaign_id": inputs.campaign_id,
        "promotion_id": inputs.promotion_id,
        "audience": ",".join(inputs.audience),
        "budget_eur": inputs.budget_eur,
        "cost_eur": inputs.cost_eur,
        "max_users": inputs.max_users,
        "max_active": inputs.max_active,
        "holdout_share": inputs.holdout_share,
        **{name: moment.replace(tzinfo=None) for name, moment in {**times, "launched_at": now}.items()},
        "inputs": inputs.canonical(),
        "audience_users": audience_users,
        "assigned_users": chosen.num_rows - holdout_users,
        "holdout_users": holdout_users,
    }
    with warehouse.spool(TABLES[0]) as assignments, warehouse.spool(TABLES[1]) as campaigns:
        assignments.write(
            _with_ids(inputs, chosen),
            campaign_id=inputs.campaign_id,
            promotion_id=inputs.promotion_id,
            assigned_at=now.replace(tzinfo=None),
        )
        campaigns.write_rows([row])
        source = source_of(inputs.campaign_id)
        session.commit(Commit(source, None, DECIDED, chosen.num_rows, [assignments], ledger=[campaigns]))


def _chosen(
    session: Session, inputs: CampaignInputs, times: dict[str, dt.datetime]
) -> "tuple[pa.Table, int, int]":
    """Who takes part, as of `decide`; how many the audience has, and how many of those who take part are held out."""
    import pyarrow.compute as pc

    from platform_assets.promotions.assignment import SHOPPERS, decide

    audience = ",".join(inputs.audience)
    shoppers = session.fetch(SHOPPERS, campaign_id=inputs.campaign_id, audience=audience, **times)
    if not shoppers.num_rows:
        raise Unavailable(
            f"Nobody is in the segments {', '.join(inputs.audience)}; refresh promotions/segments, or choose others."
        )
    chosen = decide(inputs, shoppers)
    held_out = int(pc.sum(chosen.column("is_holdout")).as_py() or 0)
    if chosen.num_rows == held_out:
        raise Unavailable(
            f"Nobody would get {inputs.promotion_id}: of the shoppers in the segments {', '.join(inputs.audience)}, "
            f"{held_out:,} would be held out (holdout_share) and {shoppers.num_rows - held_out:,} left out "
            "(max_active); choose others, or change these."
        )
    return chosen, shoppers.num_rows, held_out


def _with_ids(inputs: CampaignInputs, chosen: "pa.Table") -> "pa.Table":
    """The same rows with the ids that the promotions get in the store; the holdout gets none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    users = chosen.column("user_id").cast(pa.string())
    ids = pc.binary_join_element_wise(inputs.campaign_id, users, inputs.promotion_id, "/")
    is_holdout = chosen.column("is_holdout")
    return chosen.append_column("stored_id", pc.if_else(is_holdout, pa.scalar(None, pa.string()), ids))


def _promotions(known: Campaign, given: "pa.Table") -> Iterator[Promotion]:
    name, promotion, none = repeat(known.campaign_id), repeat(known.promotion_id), repeat(None)
    same = (repeat(False), repeat(known.launched_at), name, none, none)
    times = (repeat(known.starts_at), repeat(known.ends_at))
    for batch in given.to_batches(_BATCH):
        ids, users = (batch.column(column).to_pylist() for column in ("stored_id", "user_id"))
        yield from map(Promotion, ids, name, users, promotion, *same, *times)
