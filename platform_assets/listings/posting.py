"""Documents on their way to the API: entered, posted and settled, so that each is there once, whoever is killed when.

The steps and their order belong here; how a document travels, and when it is tried again at once, in the port.
"""

import datetime as dt
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Final

from platform_assets.listings.batch import JSON
from resources.listing_api import Document, ListingApi, Receipt
from resources.sql import Value
from resources.warehouse import Amend, Commit, OvertakenError, Session, Warehouse

TABLE: Final = "listings.posted_listings"

PAGE: Final = 20_000
"""Documents that are read at once."""

SETTLED: Final = 5_000
"""Receipts between two commits: what a kill posts again at most, for the API to know by its content."""

MOST_ATTEMPTS: Final = 30
"""Of one document, in runs in which the API took others: after these it is dead."""

_OVERTAKEN_TIMES: Final = 20

Row = dict[str, Any]

_ENTER = (
    f"INSERT INTO {TABLE} (content_hash, batch_id, state, document, attempts, queued_at)"
    " SELECT j.content_hash, :batch_id, 'pending', MIN(j.document), 0, :now"
    f" FROM {JSON} AS j WHERE j.batch_id = :batch_id"
    f" AND NOT EXISTS (SELECT 1 FROM {TABLE} AS p WHERE p.content_hash = j.content_hash)"
    " GROUP BY j.content_hash"
)
_FORGET = (
    f"DELETE FROM {TABLE} WHERE content_hash IN"
    f" (SELECT j.content_hash FROM {JSON} AS j WHERE j.batch_id = :batch_id)"
)
_AGAIN = f"UPDATE {TABLE} SET state = 'pending', attempts = 0, detail = NULL, settled_at = NULL WHERE state = 'dead'"
_COUNTED = (
    "SELECT COUNT(DISTINCT j.content_hash) AS documents, COUNT(DISTINCT p.content_hash) AS known"
    f" FROM {JSON} AS j LEFT JOIN {TABLE} AS p ON p.content_hash = j.content_hash WHERE j.batch_id = :batch_id"
)
_PAGE = (
    f"SELECT content_hash, batch_id, document, attempts, queued_at FROM {TABLE} WHERE state = 'pending'"
    " AND (batch_id > :batch_id OR batch_id = :batch_id AND content_hash > :content_hash)"
    " ORDER BY batch_id, content_hash"
)
# A settled row comes with a mark before its state. It replaces its pending row; where another run has settled the
# document meanwhile there is none, and that run's receipt stays. Nobody sees a mark: it is gone before the commit.
_MARKED = "state IN ('+posted', '+known', '+dead', '+pending')"
_SETTLE = (
    f"DELETE FROM {TABLE} WHERE {_MARKED}"
    f" AND content_hash NOT IN (SELECT p.content_hash FROM {TABLE} AS p WHERE p.state = 'pending')",
    f"DELETE FROM {TABLE} WHERE state = 'pending'"
    f" AND content_hash IN (SELECT p.content_hash FROM {TABLE} AS p WHERE p.{_MARKED})",
    f"UPDATE {TABLE} SET state = SUBSTR(state, 2) WHERE {_MARKED}",
)


@dataclass
class Posted:
    """What a run did: documents of its batches that were new to the ledger or known to it, and receipts."""

    entered: int = 0
    known_before: int = 0
    receipts: Counter[str] = field(default_factory=Counter)
    """By the state in which they left a document."""
    containers: Counter[str] = field(default_factory=Counter)

    @property
    def is_answered(self) -> bool:
        """Whether the API has taken or refused anything, and so is there."""
        return any(self.receipts[state] for state in ("posted", "known", "dead"))


@dataclass
class Posting:
    """The ledger as one run uses it. Runs at the same time may post the same, but settle it once.

    It reads so many documents at once, `page`, and commits so many receipts, `settled`.
    """

    warehouse: Warehouse
    label: str = ""
    page: int = PAGE
    settled: int = SETTLED
    done: Posted = field(default_factory=Posted)

    def enter(self, batch_id: str, *, again: bool = False, whole: bool = False) -> None:
        """Enter what the ledger lacks of a batch as pending, and with `again` what is dead, in one commit.

        With `whole` the ledger forgets before what it knows of the batch, so that all of it is posted.
        """
        with self.warehouse.session(self.label) as session:
            counted = session.rows(_COUNTED, batch_id=batch_id)[0]
            known = 0 if whole else int(str(counted["known"]))
            entered = int(str(counted["documents"])) - known
            self.done.entered += entered
            self.done.known_before += known
            now = dt.datetime.now(dt.UTC)
            amends = [Amend(TABLE, _FORGET, {"batch_id": batch_id})] if whole else []
            amends += [Amend(TABLE, _ENTER, {"batch_id": batch_id, "now": now})] if entered else []
            amends += [Amend(TABLE, _AGAIN)] if again else []
            if amends:
                _commit(session, Commit(TABLE, None, "", 0, amends=amends))

    def post(self, api: ListingApi, budget_s: float) -> Posted:
        """Post what is pending of any batch, each once in a run, for about so many seconds.

        Pages are the oldest first; a page is mixed, so that what the API fails at is among what it takes. Ends early
        with a page of which it takes nothing. What is not settled stays pending.
        """
        until = time.monotonic() + budget_s
        after: dict[str, Value] = {"batch_id": "", "content_hash": ""}
        while page := self._page(after):
            after = {name: page[-1][name] for name in after}
            taken = 0
            # Closed also when a receipt cannot be kept: nothing is posted behind an error.
            with closing(_grouped(api, page, self.settled, until)) as groups:
                for receipts in groups:
                    taken += self._settle(page, receipts)
            if not taken or time.monotonic() > until:
                break
        return self.done

    def _page(self, after: dict[str, Value]) -> list[Row]:
        with self.warehouse.session(self.label) as session:
            return session.rows(f"{_PAGE} LIMIT {self.page}", **after)

    def _settle(self, page: Sequence[Row], receipts: Sequence[Receipt]) -> int:
        """Keep receipts; how many the API gave at all. Where it gave none in this run, that is no document's fault."""
        answered = sum(receipt.outcome != "failed" for receipt in receipts)
        is_away = not (answered or self.done.is_answered)
        known = {row["content_hash"]: row for row in page}
        rows = [
            _settled(known[receipt.content_hash], receipt, is_away=is_away)
            for receipt in receipts
            if receipt.attempts
        ]
        with self.warehouse.spool(TABLE) as spool:
            spool.write_rows(rows)
            amends = [Amend(TABLE, text) for text in _SETTLE]
            with self.warehouse.session(self.label) as session:
                _commit(session, Commit(TABLE, None, "", 0, ledger=[spool], amends=amends))
        unsent = len(receipts) - len(rows)
        self.done.receipts.update(str(row["state"])[1:] for row in rows)
        self.done.receipts["pending"] += unsent
        self.done.containers.update(receipt.container for receipt in receipts if receipt.container)
        return answered


def _grouped(
    api: ListingApi, page: Sequence[Row], size: int, until: float
) -> Generator[list[Receipt], None, None]:
    """Receipts of a page, `size` at once, until the time is over."""
    # By their hashes, which are of no batch's choice.
    documents = sorted(Document(row["content_hash"], row["document"]) for row in page)
    group: list[Receipt] = []
    with closing(api.post(documents)) as receipts:
        for receipt in receipts:
            group.append(receipt)
            is_over = time.monotonic() > until
            if len(group) == size or is_over:
                yield group
                group = []
            if is_over:
                return
    if group:
        yield group


def _settled(row: Row, receipt: Receipt, *, is_away: bool) -> Row:
    attempts = row["attempts"] + (0 if is_away else receipt.attempts)
    state: str = receipt.outcome
    if state == "refused" or state == "failed" and not is_away and attempts >= MOST_ATTEMPTS:
        state = "dead"
    elif state == "failed":
        state = "pending"
    is_kept, is_settled = state in ("pending", "dead"), state != "pending"
    return {
        **row,
        "state": f"+{state}",
        "document": row["document"] if is_kept else None,
        "attempts": attempts,
        "container": receipt.container or None,
        "detail": receipt.detail or None,
        "settled_at": dt.datetime.now(dt.UTC).replace(tzinfo=None) if is_settled else None,
    }


def _commit(session: Session, commit: Commit) -> None:
    """From wherever the position is: what is committed here does not depend on it, only on being alone."""
    for left in reversed(range(_OVERTAKEN_TIMES)):
        position = session.position(TABLE)
        number = str(int(position or 0) + 1)
        try:
            return session.commit(replace(commit, expected=position, next_position=number))
        except OvertakenError:
            if not left:
                raise
    return None
