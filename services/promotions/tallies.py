"""What the promotions service counts besides its requests: batches of questions, and entries on their way to the log.

Requests are counted by `asgi.measures`, in the same registry.
"""

from services.asgi.measures import Measures
from services.promotions.outbox import Outbox

_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Tallies:
    """Counters and gauges; `log_is_reached` is False while deliveries fail."""

    def __init__(self, measures: Measures, outbox: Outbox) -> None:
        """The gauges look at the outbox when they are read."""
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
