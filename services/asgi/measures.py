"""What every HTTP service counts: requests by route and status, and how long they took.

A service adds its own to the same registry; the raw path of a request is never a label.
"""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Measures:
    """The registry of one process; names begin with `prefix`."""

    def __init__(self, prefix: str) -> None:
        """Each series is there when it is first counted."""
        self.prefix = prefix
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = self.counter("requests", "Requests answered.", "method", "route", "status")
        self._seconds = self.histogram("request_seconds", "Time to the answer.", _BOUNDS_S, "route")
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def answered(self, method: str, route: str, status: int, took_s: float) -> None:
        """Count one answer."""
        key = (method, route, status)
        if (found := self._known.get(key)) is None:
            found = (self._requests.labels(method, route, str(status)), self._seconds.labels(route))
            self._known[key] = found
        found[0].inc()
        found[1].observe(took_s)

    def counter(self, name: str, about: str, *labels: str) -> Counter:
        """A new counter."""
        return Counter(self.prefix + name, about, labels, registry=self.registry)

    def gauge(self, name: str, about: str, *labels: str) -> Gauge:
        """A new gauge."""
        return Gauge(self.prefix + name, about, labels, registry=self.registry)

    def histogram(self, name: str, about: str, bounds: tuple[float, ...], *labels: str) -> Histogram:
        """A new histogram."""
        return Histogram(self.prefix + name, about, labels, registry=self.registry, buckets=bounds)


class Measured:
    """Counts the answers of an application. Paths and methods that nobody knows are one series."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        """As an ASGI middleware."""
        self._app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        began, status = time.perf_counter(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await self._app(scope, receive, noting)
        route = scope.get("route")
        is_known = route is not None and status != 405
        self._measures.answered(
            scope["method"] if is_known else "",
            route.path if route is not None and is_known else "unknown",
            status,
            time.perf_counter() - began,
        )
