"""A tweet is deleted: neither its id nor its text is anywhere in the warehouse, but for the id in the ledger."""

import json
from collections.abc import Iterator

import pytest

from resources import catalog
from tests.graph import Graph, graph_at, own_copy

LEDGER = "tweets.deleted_tweets"
CHOSEN = """
SELECT k.first_tweet_id AS tweet_id, t.text
FROM customer360.support_cases AS k
JOIN tweets.tweets AS t ON t.tweet_id = k.first_tweet_id
JOIN tweets.located_tweets AS l ON l.tweet_id = t.tweet_id
WHERE NOT STARTSWITH(t.tweet_id, 'content:')
  AND (SELECT COUNT(DISTINCT r.tweet_id) FROM tweets.raw_tweets AS r WHERE r.text = t.text) = 1
ORDER BY k.first_tweet_id
LIMIT 1
"""


@pytest.fixture
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    """A graph of its own whose first run is done."""
    with graph_at(own_copy(tmp_path_factory)) as graph:
        yield graph


def _holding(graph: Graph, *words: str) -> set[str]:
    """Tables of the warehouse in which one of the words is part of some column of some row."""
    return {
        table.name
        for table in catalog.tables().values()
        for row in graph.rows(
            f"SELECT {', '.join(column.name for column in table.columns)} FROM {table.name}"
        )
        for value in row.values()
        if any(word in str(value) for word in words)
    }


def test_a_deleted_tweet_leaves_every_table_and_does_not_come_back(graph: Graph) -> None:
    chosen = graph.rows(CHOSEN)[0]
    tweet_id, text = str(chosen["tweet_id"]), str(chosen["text"])
    held = _holding(graph, tweet_id, text)
    assert held >= {
        "tweets.raw_tweets", "tweets.tweets", "tweets.located_tweets", "tweets.scored_tweets",
        "customer360.categories", "customer360.support_cases",
    }  # fmt: skip
    log = graph.ports.message_log
    log.append("tweets", [(tweet_id.encode(), None)])
    assert graph.run("refresh").success
    assert _holding(graph, text) == set()
    assert _holding(graph, tweet_id) == {LEDGER}
    log.append("tweets", [(None, json.dumps({"id_str": tweet_id, "text": text}).encode())])
    assert graph.run("replay_topic", config={"ops": {"move_back": {"config": {"earliest": True}}}}).success
    assert graph.run("refresh").success
    assert _holding(graph, text) == set()
    assert _holding(graph, tweet_id) == {LEDGER}
    assert graph.one(f"SELECT COUNT(*) AS n FROM {LEDGER}") == 1
