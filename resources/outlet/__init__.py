"""The outlet port: how a case or an offer leaves for the bank's own systems, and its two adapters.

Only the sending; what leaves, and what became of it, is remembered in the warehouse by who sends it.
"""

from resources.outlet.objects import ObjectOutlet
from resources.outlet.port import Outlet, Parcel, Receipt
from resources.outlet.webhook import WebhookOutlet

__all__ = ["ObjectOutlet", "Outlet", "Parcel", "Receipt", "WebhookOutlet"]
