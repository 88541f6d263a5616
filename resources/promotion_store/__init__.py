"""The promotion store port: promotions by shopper and ids of campaigns, and its two adapters, SQLite and MongoDB.

Promotions are rows of an Adobe Campaign here; who gets one, and what it changed, belongs to the domain `promotions`.
"""

from resources.promotion_store.mongodb import MongoPromotionStore
from resources.promotion_store.port import (
    MAX_USER_ID,
    REASONS,
    CampaignState,
    Normalized,
    Page,
    Place,
    Promotion,
    PromotionStore,
    Reservation,
    Unreadable,
    Use,
    UseOutcome,
)
from resources.promotion_store.sqlite import SqlitePromotionStore

__all__ = [
    "MAX_USER_ID",
    "REASONS",
    "CampaignState",
    "MongoPromotionStore",
    "Normalized",
    "Page",
    "Place",
    "Promotion",
    "PromotionStore",
    "Reservation",
    "SqlitePromotionStore",
    "Unreadable",
    "Use",
    "UseOutcome",
]
