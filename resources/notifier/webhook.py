"""Notices as JSON to a webhook: chat rooms, pagers, or a program of the bank's own.

The member `text` is what Slack, Mattermost and Teams show; the others are for programs.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from resources.notifier.port import Notice, Notifier
from resources.unavailable import Unavailable

if TYPE_CHECKING:
    import httpx

_ATTEMPTS = 3
_PAUSE_S = 2.0


class WebhookNotifier(Notifier):
    """A receiver at an http or https address, which may itself be a secret."""

    def __init__(self, url: str, timeout_s: float = 5.0) -> None:
        """`timeout_s` is for each attempt."""
        self._url = url
        self._timeout_s = timeout_s

    def notify(self, notice: Notice) -> None:
        """POST with the notice's key as Idempotency-Key; repeated while the receiver fails, not when it refuses."""
        import httpx
        from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

        retrying = Retrying(
            retry=retry_if_exception(_is_passing),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_random_exponential(multiplier=0.2, max=_PAUSE_S),
            reraise=True,
        )
        said = {
            "key": notice.key,
            "title": notice.title,
            "text": notice.text,
            "link": notice.link,
            "facts": dict(notice.facts),
        }
        try:
            # httpx waits for each byte anew; to close the client ends a request that waits.
            with ThreadPoolExecutor(1) as pool, httpx.Client(timeout=self._timeout_s) as client:
                pool.submit(retrying, self._post, client, said).result(
                    _ATTEMPTS * (self._timeout_s + _PAUSE_S)
                )
        except httpx.HTTPStatusError as error:
            raise self._unavailable(f"it answered {error.response.status_code}") from None
        except httpx.HTTPError as error:
            raise self._unavailable(type(error).__name__) from None
        except TimeoutError:
            raise self._unavailable("it did not end its answer") from None

    def _post(self, client: "httpx.Client", said: dict[str, object]) -> None:
        headers = {"Idempotency-Key": str(said["key"])}
        # The body of the answer is not read: it may have no end.
        with client.stream("POST", self._url, json=said, headers=headers) as answer:
            answer.raise_for_status()

    def _unavailable(self, reason: str) -> Unavailable:
        # Only the host: the path of such an address is often its password.
        return Unavailable(
            f"The webhook of NOTIFY_URL at {urlsplit(self._url).hostname} took no notice ({reason}); "
            "check NOTIFY_URL and the network."
        )


def _is_passing(error: BaseException) -> bool:
    import httpx

    if isinstance(error, httpx.HTTPStatusError):
        return error.response.is_server_error or error.response.status_code in (408, 429)
    return isinstance(error, httpx.TransportError)
