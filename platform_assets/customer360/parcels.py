"""What a case or an offer says when it leaves, and which are due to leave.

Made from today's tables at the moment of sending and kept nowhere: whoever was forgotten meanwhile does not leave.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from resources.outlet import Parcel
from resources.warehouse import Session

_PERSON = "u.customer_id, u.first_name, u.last_name, u.email, u.phone"
_FROM: Final = {
    "case": "customer360.support_cases AS s JOIN crm.customers AS u ON u.customer_id = s.customer_id"
    " WHERE s.state = 'open'",
    "offer": "customer360.offers AS s JOIN crm.customers AS u ON u.customer_id = s.customer_id"
    " WHERE u.has_marketing_consent",
}
"""Cases that are still open, offers to customers who still agree."""

_OF_PENDING: Final = (
    " JOIN customer360.deliveries AS d ON d.subject_id = s.{kind}_id"
    " WHERE d.kind = '{kind}' AND d.state = 'pending' AND "
)
_SAID: Final = {
    "case": f"s.case_id, {_PERSON}, s.household_id, s.match_level, s.priority, s.topic, s.complaints, s.opened_at,"
    " s.last_complaint_at, s.first_tweet_id, s.reason",
    "offer": f"s.offer_id, {_PERSON}, s.rule_id, s.product, s.pitch, s.offered_at, s.reason",
}

DUE: Final = " UNION ALL ".join(
    f"SELECT MD5('{kind}|' || s.{kind}_id) AS delivery_id, '{kind}' AS kind, s.{kind}_id AS subject_id FROM {source}"
    for kind, source in _FROM.items()
)
"""A SELECT of all that is to leave, whether it has left or not: delivery_id, kind, subject_id."""


def parcels(session: Session, first: str, last: str) -> Mapping[str, Parcel]:
    """Parcels of the pending deliveries from `first` to `last`, by their key; those that are due no longer lack."""
    found = {}
    for kind, source in _FROM.items():
        text = (
            f"SELECT d.delivery_id, d.kind, {_SAID[kind]} FROM {source.replace(' WHERE ', _OF_PENDING, 1)}"
            " AND d.delivery_id >= :first AND d.delivery_id <= :last"
        )
        for row in session.rows(text.format(kind=kind), first=first, last=last):
            key = str(row["delivery_id"])
            found[key] = Parcel(key, kind, {name: _plain(value) for name, value in row.items()})
    return found


def _plain(value: object) -> object:
    """Times are UTC in the warehouse and say so outside."""
    return value.replace(tzinfo=dt.UTC).isoformat() if isinstance(value, dt.datetime) else value
