"""Parcels as POST requests with an Idempotency-Key, repeated while the receiver is away or asks for patience.

What is sent belongs elsewhere; so does what is remembered of it.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from resources.answers import meaning, pause_s, said
from resources.outlet.port import Outcome, Outlet, Parcel, Receipt
from resources.retry_after import retry_after_s

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState

_SHORT_BYTES = 65536
_SHORT_S = 1.0


class _AwayError(Exception):
    """The receiver cannot take the parcel now; `after_s` is how long it asks to be left alone."""

    def __init__(self, detail: str, after_s: float = 0.0) -> None:
        super().__init__(detail)
        self.after_s = after_s


class WebhookOutlet(Outlet):
    """A receiver at an http or https address. It must take a key that it knows as done: a break may hide its yes."""

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        timeout_s: float = 10.0,
        patience_s: float = 20.0,
        budget_s: float = 60.0,
        at_once: int = 8,
    ) -> None:
        """`patience_s` is spent on one parcel, `budget_s` on one call of `deliver`; `token` is sent as Bearer."""
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._timeout_s = timeout_s
        self._patience_s = patience_s
        self._budget_s = budget_s
        self._at_once = at_once

    def deliver(self, parcels: Sequence[Parcel]) -> list[Receipt]:
        """Over at most `at_once` connections, kept alive; no redirect is followed."""
        import httpx

        deadline = time.monotonic() + self._budget_s
        limits = httpx.Limits(max_connections=self._at_once, max_keepalive_connections=self._at_once)
        with ThreadPoolExecutor(self._at_once) as pool:
            with httpx.Client(timeout=self._timeout_s, limits=limits, headers=self._headers) as client:
                sent = [pool.submit(self._delivered, client, deadline, parcel) for parcel in parcels]
                done = wait(sent, timeout=self._budget_s + self._timeout_s).done
            # httpx waits for each byte anew. Its connections are closed now, which ends who still waits.
            late = "The receiver did not end its answer in time."
            return [
                future.result() if future in done else Receipt(parcel.key, "failed", 1, late)
                for future, parcel in zip(sent, parcels, strict=True)
            ]

    def uri(self) -> str:
        """Scheme, host and port only: user, path and query are often secrets."""
        parts = urlsplit(self._url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    def _delivered(self, client: "httpx.Client", deadline: float, parcel: Parcel) -> Receipt:
        from tenacity import Retrying, retry_if_exception_type, stop_before_delay

        left = min(self._patience_s, deadline - time.monotonic())
        if left <= 0:
            return Receipt(parcel.key, "failed", 0, "There was no time left to send it.")
        attempts = 0
        try:
            for attempt in Retrying(
                retry=retry_if_exception_type(_AwayError),
                stop=stop_before_delay(left),
                wait=_pause,
                reraise=True,
            ):
                with attempt:
                    attempts += 1
                    answer = self._post(client, parcel)
        except _AwayError as away:
            return Receipt(parcel.key, "failed", attempts, str(away))
        means = meaning(answer.status_code)
        if means == "taken":
            return Receipt(parcel.key, "delivered", attempts)
        outcome: Outcome = "refused" if means == "refused" else "failed"
        return Receipt(parcel.key, outcome, attempts, said(answer.status_code))

    def _post(self, client: "httpx.Client", parcel: Parcel) -> "httpx.Response":
        import httpx

        headers = {"Content-Type": "application/json", "Idempotency-Key": parcel.key}
        try:
            content = msgspec.json.encode(parcel.content)
            with client.stream("POST", self._url, content=content, headers=headers) as answer:
                _pass_over(answer)
        except httpx.TimeoutException as error:
            raise _AwayError(f"The receiver did not answer within {self._timeout_s:g} s.") from error
        except httpx.TransportError as error:
            raise _AwayError(f"The connection to the receiver broke ({type(error).__name__}).") from error
        if meaning(answer.status_code) == "away":
            raise _AwayError(said(answer.status_code), retry_after_s(answer.headers.get("Retry-After", "")))
        return answer


def _pass_over(answer: "httpx.Response") -> None:
    """The status is all; a short body is read so that the connection can be kept, of another it is closed."""
    import httpx

    until, size = time.monotonic() + _SHORT_S, 0
    with suppress(httpx.TransportError):
        for chunk in answer.iter_raw():
            size += len(chunk)
            if size > _SHORT_BYTES or time.monotonic() > until:
                return


def _pause(state: "RetryCallState") -> float:
    failed = state.outcome.exception() if state.outcome else None
    return pause_s(state.attempt_number, failed.after_s if isinstance(failed, _AwayError) else 0.0)
