"""Rules, set at X before the stream is opened."""

from services.tweet_stream.sources import filtered
from tests.stream_service import NORTHEAST, Starter
from tests.x_server import Answer, Hold, XServer, tweet, until


def run_once(x: XServer, service: Starter, words: tuple[str, ...]) -> None:
    before = len(x.connections())
    with service(filtered(["northeast"], words, (), ("en",))):
        until(lambda: len(x.connections()) > before, "the stream to be opened")


def test_rules_are_checked_then_set_and_set_again_they_change_nothing(x: XServer, service: Starter) -> None:
    x.rules += [
        {"id": "1", "value": "cats", "tag": "mine"},
        {"id": "2", "value": "old", "tag": "quadrant/northeast"},
    ]
    run_once(x, service, ())
    assert [(change["dry_run"], *(set(change) - {"dry_run"})) for change in x.changes] == [
        (True, "add"),
        (False, "add"),
        (False, "delete"),
    ]
    assert {rule["value"] for rule in x.rules} == {"cats"} | {rule.value for rule in NORTHEAST.rules}
    x.changes.clear()
    run_once(x, service, ())
    assert x.changes == []
    run_once(x, service, ("examplebank",))
    assert [rule["value"] for rule in x.rules if "examplebank" not in rule["value"]] == ["cats"]


def test_a_rule_that_somebody_has_made_by_hand_already_is_as_good(x: XServer, service: Starter) -> None:
    x.rules.append({"id": "1", "value": NORTHEAST.rules[0].value, "tag": "by hand"})
    with service() as running:
        until(lambda: x.connections(), "the stream to be opened")
    assert running.error is None
    assert len(x.rules) == len(NORTHEAST.rules)


def test_a_rule_that_x_refuses_ends_the_service_before_anything_was_changed(
    x: XServer, service: Starter
) -> None:
    x.rules.append({"id": "2", "value": "old", "tag": "quadrant/northeast"})
    with service(filtered(["northeast"], (), (), ("xx",))) as running:
        until(lambda: running.error, "the end")
    assert "unknown language): correct X_WORDS, X_ANYWHERE, X_LANGUAGES" in str(running.error)
    assert [rule["value"] for rule in x.rules] == ["old"]


def test_rules_that_are_gone_are_set_again(x: XServer, service: Starter) -> None:
    x.plays(
        [tweet(1), x.rules.clear],
        Answer(409, {"title": "ConnectionException", "connection_issue": "RuleConfigurationIssue"}),
        [tweet(2), Hold()],
    )
    with service() as running:
        until(lambda: len(running.published()) == 2, "both tweets")
    assert len(x.rules) == len(NORTHEAST.rules)
