"""What the promotions service counts besides its requests: questions, what memory answers, entries for the log.

Requests are counted by `asgi.measures`, in the same registry.
"""

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from services.asgi.measures import Measures
from services.promotions.memory import AGES_S, Memory
from services.promotions.outbox import Outbox

_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Tallies:
    """Counters and gauges; `log_is_reached` is False while deliveries fail."""

    def __init__(self, measures: Measures, outbox: Outbox, memory: Memory) -> None:
        """The gauges look at the outbox and at the memory when they are read."""
        self.log_is_reached = True
        self.delivered = measures.counter("log_delivered", "Entries that the request log has taken.")
        self.failures = measures.counter("log_failures", "Deliveries that failed and were tried again.")
        self.together = measures.histogram("together", "Requests answered by one question.", _SIZES)
        self.alone = measures.counter("alone", "Questions of one request, since its page was long.")
        self.promotions = measures.counter("given", "Promotions in answers.")
        measures.gauge("outbox_entries", "Entries on disk.").set_function(lambda: outbox.count)
        measures.gauge("outbox_bytes", "Their bytes.").set_function(lambda: outbox.bytes)
        measures.gauge("outbox_full", "1 when requests are refused for it.").set_function(
            lambda: outbox.is_full
        )
        measures.gauge("log_reached", "0 while the request log takes no entries.").set_function(
            lambda: self.log_is_reached
        )
        measures.registry.register(_Remembered(measures.prefix, memory))


class _Remembered(Collector):
    """What memory counts itself, in plain numbers: it is asked several times in each request."""

    def __init__(self, prefix: str, memory: Memory) -> None:
        self._prefix = prefix
        self._memory = memory

    def collect(self) -> Iterator[Metric]:
        """As they are now."""
        memory, prefix = self._memory, self._prefix
        yield CounterMetricFamily(f"{prefix}hits", "Shoppers answered from memory.", memory.hits)
        yield CounterMetricFamily(f"{prefix}misses", "Shoppers asked of the store.", memory.misses)
        yield GaugeMetricFamily(f"{prefix}remembered", "Shoppers in memory.", len(memory))
        yield GaugeMetricFamily(f"{prefix}remembered_bytes", "Their bytes, about.", memory.bytes)
        bounds = [*map(str, AGES_S), "+Inf"]
        counts = list(accumulate(memory.ages))
        buckets = list(zip(bounds, counts, strict=True))
        about = "How long ago the store was asked for the oldest part of an answer."
        yield HistogramMetricFamily(f"{prefix}age_seconds", about, buckets, memory.ages_s)
