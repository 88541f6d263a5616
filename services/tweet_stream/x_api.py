"""X's API v2 over HTTP: rules and streams of one app, known by its bearer token.

What X answers becomes bytes, rules, `Interrupted` or `Unavailable` here; when to try again is decided elsewhere.
"""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import httpx
import msgspec

from resources.unavailable import Unavailable
from services.tweet_stream.backoff import Periods, Reason
from services.tweet_stream.rules import Rule

_RULES: Final = "/2/tweets/search/stream/rules"
_TO_DO: Final = {
    401: "correct X_BEARER_TOKEN",
    402: "add credits to the account at X",
    403: "give the app access to this endpoint at X",
    404: "correct X_API_URL",
}
_USER_AGENT: Final = "quadrant-tweet-stream/1"


class Interrupted(Exception):  # noqa: N818 - it names what happened to a connection
    """A connection ended, or none came about, in a way that the next one may cure."""

    def __init__(self, reason: Reason, detail: str, resets_in_s: float | None = None) -> None:
        """`resets_in_s` is how long a rate limit lasts, where X said so."""
        super().__init__(f"{reason}: {detail}")
        self.reason: Final = reason
        self.detail: Final = detail
        self.resets_in_s: Final = resets_in_s


class _Problem(msgspec.Struct):
    title: str = ""
    detail: str = ""
    message: str = ""
    details: list[str] = []
    value: str = ""
    connection_issue: str = ""

    def said(self) -> str:
        """All its words, shortened."""
        return ", ".join(filter(None, (self.title, self.detail, self.message, *self.details)))[:300]


class _Rule(msgspec.Struct):
    id: str
    value: str
    tag: str = ""


class _Meta(msgspec.Struct):
    next_token: str | None = None


class _Answer(_Problem):
    data: list[_Rule] = []
    errors: list[_Problem] = []
    meta: _Meta = msgspec.field(default_factory=_Meta)


class XApi:
    """One app at X. Raises Interrupted where another try may help, Unavailable where a person must act."""

    def __init__(self, url: str, bearer_token: str, periods: Periods) -> None:
        """Nothing is connected yet."""
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {bearer_token}", "User-Agent": _USER_AGENT},
            timeout=httpx.Timeout(periods.connect_s, read=periods.stalled_after_s),
        )

    async def close(self) -> None:
        """Leave X."""
        await self._client.aclose()

    async def rules(self) -> list[Rule]:
        """All rules of the app, whoever made them."""
        found: list[Rule] = []
        parameters = {"max_results": "1000"}
        while True:
            answer = _answer(await self._asked("GET", _RULES, parameters))
            found += [Rule(rule.value, rule.tag, rule.id) for rule in answer.data]
            if not answer.meta.next_token:
                return found
            parameters["pagination_token"] = answer.meta.next_token

    async def add_rules(self, rules: Sequence[Rule], *, is_dry_run: bool) -> None:
        """Add rules, or only ask whether X would; one that is there already, by another tag, is as good."""
        body = {"add": [{"value": rule.value, "tag": rule.tag} for rule in rules]}
        response = await self._asked("POST", _RULES, {"dry_run": "true"} if is_dry_run else {}, body, (400,))
        answer = _answer(response)
        refused = [problem for problem in answer.errors if problem.title != "DuplicateRule"]
        if response.status_code == 400 and not answer.errors:
            refused = [answer]
        if refused:
            problem = refused[0]
            of = f" {problem.value!r}" if problem.value else "s"
            raise Unavailable(
                f"X refuses the rule{of} ({problem.said()}): correct X_WORDS, X_ANYWHERE, X_LANGUAGES."
            )

    async def delete_rules(self, rules: Sequence[Rule]) -> None:
        """Delete rules by their ids."""
        await self._asked("POST", _RULES, {}, {"delete": {"ids": [rule.id for rule in rules]}})

    @asynccontextmanager
    async def stream(
        self, path: str, parameters: Mapping[str, str]
    ) -> AsyncGenerator[AsyncIterator[bytes], None]:
        """The bytes of a stream as they come, until it ends."""
        is_open = False
        try:
            async with self._client.stream("GET", path, params=dict(parameters)) as response:
                await _raise_for(response)
                is_open = True
                yield response.aiter_bytes()
        except httpx.ReadTimeout as error:
            raise Interrupted(
                "stalled" if is_open else "unreachable", "nothing came, not even a keep-alive"
            ) from error
        except httpx.RequestError as error:
            raise Interrupted("dropped" if is_open else "unreachable", _told(error)) from error

    async def _asked(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str],
        body: object = None,
        expected: tuple[int, ...] = (),
    ) -> httpx.Response:
        try:
            response = await self._client.request(method, path, params=dict(parameters), json=body)
        except httpx.RequestError as error:
            raise Interrupted("unreachable", _told(error)) from error
        if response.status_code not in expected:
            await _raise_for(response)
        return response


def _told(error: httpx.RequestError) -> str:
    return f"{type(error).__name__} {error}".strip()[:300]


def _answer(response: httpx.Response) -> _Answer:
    try:
        return msgspec.json.decode(response.content, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Interrupted("server_error", f"an answer that cannot be read ({error})"[:300]) from error


def _problem(response: httpx.Response) -> _Problem:
    """The first problem of an answer; an empty one where the answer is not X's, as of a proxy."""
    try:
        answer = _answer(response)
    except Interrupted:
        return _Problem()
    return answer.errors[0] if answer.errors and not answer.title else answer


async def _raise_for(response: httpx.Response) -> None:
    """Nothing for an answer that is one; the error that the status stands for otherwise."""
    status = response.status_code
    if response.is_success:
        return
    await response.aread()
    problem = _problem(response)
    detail = f"HTTP {status}" + (f", {problem.said()}" if problem.said() else "")
    if status == 409:
        raise Interrupted("no_rules", detail)
    if problem.connection_issue == "TooManyConnections":
        raise Interrupted("too_many_connections", detail)
    if status in (420, 429):
        raise Interrupted("rate_limited", detail, _resets_in_s(response.headers))
    if status >= 500 or status == 408:
        raise Interrupted("server_error", detail)
    what = _TO_DO.get(status, "correct X_API_URL" if status < 400 else "change what is asked for")
    raise Unavailable(f"X refuses {response.request.url.path} ({detail}): {what}.")


def _resets_in_s(headers: httpx.Headers) -> float | None:
    """Seconds until `x-rate-limit-reset`, a Unix time, or of `retry-after`; None when neither is a number."""
    reset, after = headers.get("x-rate-limit-reset", ""), headers.get("retry-after", "")
    if reset.isascii() and reset.isdigit() and len(reset) < 12:
        return int(reset) - time.time()
    return float(after) if after.isascii() and after.isdigit() and len(after) < 12 else None
