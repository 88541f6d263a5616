"""Which topic of its name a Kafka topic is, by the id that the cluster gave it when it was made (KIP-516).

Only that; what the topic holds is read in `kafka`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from confluent_kafka import Consumer, Uuid
    from confluent_kafka.admin import AdminClient


def topic_id(asker: "Consumer", admin: "AdminClient", topic: str, timeout_s: float) -> str:
    """The topic's id, or `cluster/name` where the brokers give none; empty when there is no such topic.

    Raises KafkaException when the brokers do not answer.
    """
    from confluent_kafka import KafkaError, KafkaException, TopicCollection

    # The consumer's question, because the admin client's would create the topic where brokers allow that.
    metadata = asker.list_topics(topic, timeout_s)
    error = metadata.topics[topic].error
    if error is not None:
        if error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            return ""
        raise KafkaException(error)
    vague = f"{metadata.cluster_id}/{topic}"
    # The client asks the controller; one that is no broker, as during an election, would be waited for in vain.
    if metadata.controller_id not in metadata.brokers:
        return vague
    try:
        described = admin.describe_topics(TopicCollection([topic]), request_timeout=timeout_s)
        found = described[topic].result()
    except KafkaException as refused:
        if refused.args[0].code() == KafkaError._UNSUPPORTED_FEATURE:
            return vague
        if refused.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            return ""
        raise
    return _readable(found.topic_id) or vague


def _readable(found: "Uuid | None") -> str:
    """The id as Kafka's own tools show it, which has no slash; empty for the id of zeros, which stands for none."""
    shown = str(found or "").replace("/", "_").replace("+", "-")
    return shown if shown.strip("A") else ""
