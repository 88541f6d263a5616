"""How tests read a port to its end, as a sensor or an ingest does."""

from resources.message_log import Message, MessageLog
from resources.object_store import ObjectStore


def keys(store: ObjectStore, prefix: str, after: str = "", limit: int = 1000) -> list[str]:
    """Only the keys of a listing."""
    return [stored.key for stored in store.list(prefix, after, limit)]


def everything(store: ObjectStore, key: str) -> bytes:
    """The bytes of the present version."""
    stored = store.head(key)
    assert stored is not None
    with store.open(stored) as stream:
        return stream.read()


def all_messages(log: MessageLog, topic: str, limit: int = 10_000) -> dict[int, list[Message]]:
    """Everything in a topic, read as an ingest does: batch by batch until the end."""
    found: dict[int, list[Message]] = {}
    for partition, bounds in log.bounds(topic).items():
        found[partition] = []
        position = bounds.earliest
        while (batch := log.read(topic, partition, position, limit)).messages:
            assert len(batch.messages) <= limit
            found[partition] += batch.messages
            position = batch.next_offset
        assert position == bounds.end
    return found
