"""The HTTP services as tests run them: in threads of this process, on ports of their own.

What they must do is the matter of the tests.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx

from resources.listing_store import ListingStore
from resources.promotion_store import Promotion, PromotionStore, SqlitePromotionStore
from resources.request_log import Entry, RequestLog, SqliteRequestLog
from services.asgi.store_service import Place, StoreService
from services.listing_api import service as listing_api
from services.listing_api import settings as listing_settings
from services.promotions import service as promotions
from services.promotions import settings as promotions_settings
from services.request_log import service as request_log
from services.request_log import settings as log_settings
from tests.x_server import until

NOWHERE = "http://127.0.0.1:9"
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


@dataclass
class Running:
    """A service that runs in a thread of its own."""

    url: str = ""
    stop: Callable[[], None] = lambda: None
    error: BaseException | None = None
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """An answer to JSON."""
        return self.client.post(self.url + path, json=body, headers=dict(headers or {}))

    def get(self, path: str) -> httpx.Response:
        """An answer."""
        return self.client.get(self.url + path)

    def metric(self, name: str) -> float:
        """The value of a metric without labels."""
        lines = self.get("/metrics").text.splitlines()
        return next(float(line.split(" ")[1]) for line in lines if line.startswith(f"{name} "))


def promotions_service(
    home: Path, store: PromotionStore | None = None, **settings: object
) -> AbstractContextManager[Running]:
    """The service on a SQLite store in `home`, unless another is given; its log is away unless its URL is given."""
    given = promotions_settings.Settings(home, home / "outbox", port=0, log_url=NOWHERE, dagster_url=NOWHERE)
    chosen = replace(given, **settings)  # type: ignore[arg-type]
    return _running(lambda: promotions.Service(chosen, store or chosen.promotion_store()), chosen)


def log_service(
    home: Path, log: RequestLog | None = None, **settings: object
) -> AbstractContextManager[Running]:
    """The request log on SQLite in `home`, unless another log is given."""
    chosen = replace(log_settings.Settings(home, port=0), **settings)  # type: ignore[arg-type]
    return _running(lambda: request_log.Service(chosen, log or chosen.request_log()), chosen)


def listing_service(
    home: Path, store: ListingStore | None = None, **settings: object
) -> AbstractContextManager[Running]:
    """The listing API on SQLite in `home`, unless another store is given."""
    chosen = replace(listing_settings.Settings(home, port=0, container="pod-1"), **settings)  # type: ignore[arg-type]
    return _running(lambda: listing_api.Service(chosen, store or chosen.listing_store()), chosen)


@contextmanager
def both(home: Path, **settings: object) -> Iterator[tuple[Running, Running]]:
    """The promotions service and the log that it delivers to."""
    with ExitStack() as stack:
        log = stack.enter_context(log_service(home))
        yield stack.enter_context(promotions_service(home, None, log_url=log.url, **settings)), log


def filled(home: Path, *promotions_: tuple[int, str]) -> None:
    """Give shoppers promotions, by the embedded store."""
    with SqlitePromotionStore(home / "promotions.sqlite") as store:
        store.add(given(*promotions_))


def given(*promotions_: tuple[int, str]) -> list[Promotion]:
    """Unused promotions of a campaign."""
    return [Promotion(f"c/{user}/{name}", "c", user, name, False, AT, "c") for user, name in promotions_]


def logged(home: Path) -> list[Entry]:
    """What the embedded log has."""
    with SqliteRequestLog(home / "request_log.sqlite") as log:
        return log.entries()


@contextmanager
def _running(make: Callable[[], StoreService], settings: Place) -> Iterator[Running]:
    running, services = Running(), list[StoreService]()

    async def serving() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        running.stop = lambda: None if loop.is_closed() else _later(loop, stop)
        services.append(make())
        await services[0].run(settings, stop)

    def run() -> None:
        try:
            asyncio.run(serving())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            running.error = error

    thread = threading.Thread(target=run)
    thread.start()
    try:
        until(lambda: running.error or (services and services[0].url), "the service to listen")
        running.url = services[0].url if services else ""
        yield running
    finally:
        running.client.close()
        running.stop()
        thread.join(30)


def _later(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    loop.call_soon_threadsafe(stop.set)
