"""Who has which promotion, used or not, and which campaign ids are taken: MongoDB, or a SQLite file."""

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

__all__ = [
    "MAX_USER_ID",
    "REASONS",
    "CampaignState",
    "Normalized",
    "Page",
    "Place",
    "Promotion",
    "PromotionStore",
    "Reservation",
    "Unreadable",
    "Use",
    "UseOutcome",
]
