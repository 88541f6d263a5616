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
    "case": "customer360.support_cases AS s JOIN crm.customers AS u ON u.customer_id = s.customer_id",
    "offer": "customer360.offers AS s JOIN crm.customers AS u ON u.customer_id = s.customer_id",
}
_IS_DUE: Final = {
    "case": "s.state = 'open'",
    "offer": "u.has_marketing_consent"
    " AND s.offered_at >= (SELECT DATEADD(day, -31, MAX(offered_at)) FROM customer360.offers)",
}
"""Cases that are still open, offers of the latest month to customers who still agree."""

_BEGAN: Final = {
    "case": "s.opened_at AS subject_at, s.last_complaint_at AS until_at",
    "offer": "s.offered_at AS subject_at, s.offered_at AS until_at",
}

_SAID: Final = {
    "case": f"s.case_id, {_PERSON}, s.household_id, s.match_level, s.priority, s.topic, s.complaints, s.opened_at,"
    " s.last_complaint_at, s.first_tweet_id, s.reason",
    "offer": f"s.offer_id, {_PERSON}, s.rule_id, s.product, s.pitch, s.offered_at, s.reason",
}

_ALL: Final = " UNION ALL ".join(
    f"SELECT MD5('{kind}|' || s.{kind}_id) AS delivery_id, '{kind}' AS kind, s.{kind}_id AS subject_id,"
    f" s.customer_id, {_BEGAN[kind]} FROM {_FROM[kind]} WHERE {_IS_DUE[kind]}"
    for kind in _FROM
)

# Cases and offers are derived: a late tweet may give the same case another id, or the month another offer.
_LEFT: Final = (
    "SELECT 1 FROM customer360.deliveries AS e"
    " WHERE e.customer_id = a.customer_id AND e.kind = a.kind AND e.delivery_id <> a.delivery_id"
    " AND e.state IN ('delivered', 'refused')"
    " AND ((e.kind = 'case' AND e.subject_at > DATEADD(day, -14, a.subject_at) AND e.subject_at <= a.until_at)"
    " OR (e.kind = 'offer' AND DATE_TRUNC('month', e.subject_at) = DATE_TRUNC('month', a.subject_at)))"
)

DUE: Final = (
    "SELECT a.delivery_id, a.kind, a.subject_id, a.customer_id, a.subject_at"
    f" FROM ({_ALL}) AS a WHERE NOT EXISTS ({_LEFT})"
)
"""A SELECT of all that is to leave, whether it has left or not, but for what has left under another id.

That is a case of the same complaints (14 days without one end a case), and any other offer of the same month.
"""


def parcels(session: Session, first: tuple[int, str], last: tuple[int, str]) -> Mapping[str, Parcel]:
    """Parcels of the pending deliveries from `first` to `last`, by their key; those that are due no longer lack.

    The order is by attempts and delivery_id.
    """
    places: dict[str, str | int] = {"few": first[0], "first": first[1], "many": last[0], "last": last[1]}
    found = {}
    for kind in _FROM:
        text = (
            f"SELECT d.delivery_id, d.kind, {_SAID[kind]} FROM {_FROM[kind]}"
            f" JOIN customer360.deliveries AS d ON d.subject_id = s.{kind}_id"
            f" WHERE d.kind = :kind AND d.state = 'pending' AND {_IS_DUE[kind]}"
            " AND (d.attempts > :few OR d.attempts = :few AND d.delivery_id >= :first)"
            " AND (d.attempts < :many OR d.attempts = :many AND d.delivery_id <= :last)"
        )
        for row in session.rows(text, kind=kind, **places):
            key = str(row["delivery_id"])
            found[key] = Parcel(key, kind, {name: _plain(value) for name, value in row.items()})
    return found


def _plain(value: object) -> object:
    """Times are UTC in the warehouse and say so outside."""
    return value.replace(tzinfo=dt.UTC).isoformat() if isinstance(value, dt.datetime) else value
