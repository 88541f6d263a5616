"""The port itself: what a promotion of a shopper is, and what a store of them can do.

How MongoDB and SQLite do it is in the adapters; who gets which promotion is decided elsewhere.
"""

from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, Literal, NamedTuple

from resources.closable import Closable

MAX_USER_ID: Final = 2**53 - 1
"""Shoppers' ids are whole numbers from 0 to this one, which every JSON reader keeps exactly."""


class Promotion(NamedTuple):
    """One promotion of one shopper. Times are aware and in UTC, and kept to the second.

    `id` is the document's `_id` as text; whoever adds it chooses it, so that adding it twice is adding it once.
    It is given out and used from `starts_at` on and before `ends_at`; None is no bound, as in the original's documents.
    """

    id: str
    request_id: str
    user_id: int
    promotion_id: str
    used: bool
    inserted_at: datetime | None
    """None of documents that were inserted by hand without a time."""
    campaign_id: str | None = None
    used_at: datetime | None = None
    """None while it is unused, and of promotions that were used elsewhere."""
    used_request_id: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def is_valid_at(self, at: datetime) -> bool:
        """Whether a moment is in its time."""
        return (self.starts_at is None or self.starts_at <= at) and (
            self.ends_at is None or at < self.ends_at
        )


class Place(NamedTuple):
    """Where a page ended. The order is by shopper, then by id as the store sorts it; any text is a place.

    `id` is the store's own notation: an ObjectId and a text of the same digits are two places.
    """

    user_id: int
    id: str


class Page(NamedTuple):
    """Promotions in order, and the place to go on from, None at the end.

    A page may hold fewer than its limit, even none, and still not be the last: what cannot be read, or is not valid
    at the time, was left out.
    """

    promotions: list[Promotion]
    next: Place | None

    @property
    def has_more(self) -> bool:
        """Whether there are more behind it."""
        return self.next is not None


UseOutcome = Literal["used", "already_used", "not_started", "ended", "not_found"]


class Use(NamedTuple):
    """What became of a use; the promotion as it is now, None when the shopper has no such one.

    `not_started` and `ended` are of an unused promotion outside its time.
    """

    outcome: UseOutcome
    promotion: Promotion | None


class Unreadable(NamedTuple):
    """A document that is no promotion: its id, the whole of it as JSON, a code of REASONS, and a sentence."""

    id: str
    raw: str
    reason: str
    detail: str


REASONS: Final = ("bad_user_id", "bad_promotion_id", "bad_used", "bad_request_id", "bad_time")


class Normalized(NamedTuple):
    """What a pass over the store did: documents seen, put right (a second pass finds none), and unreadable."""

    seen: int
    corrected: int
    unreadable: list[Unreadable]


CampaignState = Literal["reserved", "launched"]


class Reservation(NamedTuple):
    """A campaign id that somebody has taken, with the inputs it was taken with, as canonical JSON.

    `run_id` is empty until the run is known to be launched.
    """

    campaign_id: str
    inputs: str
    state: CampaignState
    run_id: str
    reserved_at: datetime


class PromotionStore(Closable):
    """Promotions by shopper, and the ids of campaigns. Threads may share an instance.

    Everything raises Unavailable, with one sentence and no secret, when the store cannot be used in time.
    """

    @abstractmethod
    def unused_for(
        self, user_ids: Collection[int], at: datetime, after: Place | None = None, limit: int = 1_000
    ) -> Page:
        """Unused promotions of these shoppers that are valid at a time, from behind `after`, `limit` at most.

        They come by shopper and then by id. Documents that were inserted by hand with `"used": "false"`, a number as
        promotion id or a time of another zone are among them, read right; those that cannot be read, or whose shopper
        is a text, are not.
        """

    @abstractmethod
    def add(self, promotions: Iterable[Promotion]) -> int:
        """Add promotions in bulk; those whose id is there already stay as they are. How many were new."""

    @abstractmethod
    def withdraw(self, user_ids: Collection[int], promotion_ids: Collection[str]) -> int:
        """Remove the unused ones among these shoppers' promotions of these ids; how many. Used ones are history."""

    @abstractmethod
    def withdraw_campaign(self, campaign_id: str) -> int:
        """Remove the unused promotions of a campaign; how many."""

    @abstractmethod
    def use(self, user_id: int, promotion_id: str, request_id: str, at: datetime) -> Use:
        """Use one unused promotion of a shopper that is valid `at` this time, the first by id.

        It is a conditional update, so that of two uses one wins. The same `request_id` again is the same use, also
        when the promotion has ended since: its answer is `used` again, and nothing changes.
        """

    @abstractmethod
    def used(self) -> Iterator[Promotion]:
        """All used promotions, in no order, streamed."""

    @abstractmethod
    def count(self, campaign_id: str | None = None) -> int:
        """How many promotions there are, of one campaign or of all."""

    @abstractmethod
    def normalize(self) -> Normalized:
        """Bring every document to its form: `used` a boolean, ids of their types, a time. Nothing is removed.

        An interrupted pass is finished by the next one.
        """

    @abstractmethod
    def reserve(
        self, campaign_id: str, inputs: str, at: datetime, instead_of: str | None = None
    ) -> Reservation:
        """Take a campaign id; of two at once one wins. What is there already is returned as it is.

        Only a reservation with the inputs `instead_of` gives way: these take its place, and have no run yet.
        """

    @abstractmethod
    def launched(self, campaign_id: str, run_id: str) -> None:
        """Note the run of a reserved campaign; the last word counts."""

    @abstractmethod
    def reservation(self, campaign_id: str) -> Reservation | None:
        """The reservation of a campaign id, None when nobody has taken it."""

    @abstractmethod
    def reservations(self, state: CampaignState) -> list[Reservation]:
        """Reservations in a state, oldest first."""

    @abstractmethod
    def plans(self) -> Mapping[str, str]:
        """How the store would run each of its queries, by name: what its `explain` calls the way to the rows."""

    @abstractmethod
    def check(self) -> None:
        """Ask the store for anything, quickly; raises Unavailable when it does not answer."""

    @abstractmethod
    def uri(self) -> str:
        """Where it lies, without credentials."""
