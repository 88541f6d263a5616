"""Parcels as POST requests with an Idempotency-Key, repeated while the receiver is away or asks for patience.

What is sent belongs elsewhere; so does what is remembered of it.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from resources.outlet.port import Outlet, Parcel, Receipt
from resources.retry_after import retry_after_s

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState

AGAIN = frozenset({408, 409, 425, 429})
"""Answers below 500 that ask for patience: RFC 9110 and 6585; 409 while a request with the same key is worked on."""

ASTRAY = frozenset({401, 403, 404, 405, 407, 410})
"""Answers that speak of the address or the token, not of the parcel: it waits until they are right."""


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
        with (
            httpx.Client(timeout=self._timeout_s, limits=limits, headers=self._headers) as client,
            ThreadPoolExecutor(self._at_once) as pool,
        ):
            return list(pool.map(partial(self._delivered, client, deadline), parcels))

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
        if answer.is_success:
            return Receipt(parcel.key, "delivered", attempts)
        is_refusal = answer.is_client_error and answer.status_code not in ASTRAY
        return Receipt(parcel.key, "refused" if is_refusal else "failed", attempts, _said(answer))

    def _post(self, client: "httpx.Client", parcel: Parcel) -> "httpx.Response":
        import httpx

        headers = {"Content-Type": "application/json", "Idempotency-Key": parcel.key}
        try:
            answer = client.post(self._url, content=msgspec.json.encode(parcel.content), headers=headers)
        except httpx.TimeoutException as error:
            raise _AwayError(f"The receiver did not answer within {self._timeout_s:g} s.") from error
        except httpx.TransportError as error:
            raise _AwayError(f"The connection to the receiver broke ({type(error).__name__}).") from error
        if answer.is_server_error or answer.status_code in AGAIN:
            raise _AwayError(_said(answer), retry_after_s(answer.headers.get("Retry-After", "")))
        return answer


def _pause(state: "RetryCallState") -> float:
    from tenacity import wait_random_exponential

    failed = state.outcome.exception() if state.outcome else None
    asked = failed.after_s if isinstance(failed, _AwayError) else 0.0
    return asked + wait_random_exponential(multiplier=0.2, max=5)(state)


def _said(answer: "httpx.Response") -> str:
    """The status only: a receiver may repeat the parcel in what it says."""
    known = {status.value: status.phrase for status in HTTPStatus}
    return f"The receiver answered {answer.status_code} {known.get(answer.status_code, '')}".rstrip() + "."
