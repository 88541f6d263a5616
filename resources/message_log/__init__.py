"""The message log port: topics of messages with offsets, and its two adapters, a SQLite file and Kafka.

Messages are bytes here; what they mean belongs to the domain that decodes them.
"""

from resources.message_log.kafka import KafkaMessageLog
from resources.message_log.port import Batch, Bounds, Message, MessageLog, NewMessage, OffsetsLost
from resources.message_log.sqlite import SqliteMessageLog

__all__ = [
    "Batch",
    "Bounds",
    "KafkaMessageLog",
    "Message",
    "MessageLog",
    "NewMessage",
    "OffsetsLost",
    "SqliteMessageLog",
]
