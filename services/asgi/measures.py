"""What every HTTP service counts: requests by route and status, and how long they took.

A service adds its own to the same registry; the raw path of a request is never a label.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

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
        """Count one answer. Paths and methods that nobody knows should be one series."""
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
