"""What Kafka's errors mean for the person who has to act on them.

Only words; which error is fatal is decided in `kafka`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from confluent_kafka import KafkaError


def sentence(error: "KafkaError | None", topic: str, servers: str, timeout_s: float) -> str:
    """One sentence for an error that the client gave, or for its silence (None). Never holds a credential."""
    from confluent_kafka import KafkaError

    where = f"KAFKA_BOOTSTRAP_SERVERS {servers!r}"
    code = None if error is None else error.code()
    if code in (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED):
        return (
            f"{where} does not allow this user to use topic {topic!r}: grant READ and DESCRIBE on it, "
            "WRITE too where messages are published."
        )
    if code in (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION):
        return f"Topic {topic!r} does not exist at {where}: create it."
    if code == KafkaError.MSG_SIZE_TOO_LARGE:
        return f"A message for topic {topic!r} is larger than message.max.bytes: publish it in smaller parts."
    if error is not None and code in (KafkaError.INVALID_RECORD, KafkaError.INVALID_TIMESTAMP):
        return (
            f"{where} refused a message for topic {topic!r} ({error.name()}): the topic's own rules, such as "
            "message.timestamp.after.max.ms or compaction, do not allow its time or its key."
        )
    if error is not None and code in (KafkaError._INVALID_ARG, KafkaError._CONFLICT):
        return f"The Kafka client refused its settings ({error.str()}): correct the KAFKA_ settings."
    reason = "no answer" if error is None else error.name()
    return (
        f"{where} did not answer within {timeout_s:g} s ({reason}): start the broker or correct the address, "
        "and if it is up, check user and password, for a wrong password shows only as this time-out."
    )
