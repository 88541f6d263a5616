"""One contract for every notifier: the log, a webhook and a mail server, over real sockets."""

import logging
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes

import pytest

from resources.notifier import LogNotifier, MailNotifier, Notice, Notifier, WebhookNotifier
from resources.unavailable import Unavailable
from tests.receivers import mail_server, receiver

NOTICE = Notice(
    "run-1:failed", "refresh failed", "http://127.0.0.1:3000/runs/run-1", {"error": "Straße gesperrt"}
)
Received = Callable[[], list[str]]


@pytest.fixture(params=["log", "webhook", "mail"])
def notifier(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Iterator[tuple[Notifier, Received]]:
    if request.param == "log":
        caplog.set_level(logging.WARNING)
        yield LogNotifier(), lambda: caplog.messages
    elif request.param == "webhook":
        with receiver() as it:
            yield WebhookNotifier(it.url), lambda: [said["text"] for said in it.taken.values()]
    else:
        with mail_server() as server:
            url = f"smtp://127.0.0.1:{server.port}/?to=ops@bank.example"
            yield MailNotifier(url), lambda: [_text(mail) for mail in server.mails]


def _text(mail: bytes) -> str:
    payload = message_from_bytes(mail).get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def test_a_notice_says_what_with_its_facts_and_its_link(notifier: tuple[Notifier, Received]) -> None:
    it, received = notifier
    it.notify(NOTICE)
    assert len(received()) == 1
    for part in ("refresh failed", "error: Straße gesperrt", "http://127.0.0.1:3000/runs/run-1"):
        assert part in received()[0]


@pytest.mark.parametrize("mood", ["500", "drop", "yes, drop", "429"])
def test_a_webhook_that_fails_and_then_works_is_told_under_one_key(mood: str) -> None:
    with receiver(mood, "yes") as it:
        WebhookNotifier(it.url).notify(NOTICE)
    assert it.asked == {"run-1:failed": 2}
    assert it.taken["run-1:failed"] == {
        "key": "run-1:failed",
        "title": "refresh failed",
        "text": NOTICE.text,
        "link": NOTICE.link,
        "facts": {"error": "Straße gesperrt"},
    }


@pytest.mark.parametrize("mood", ["500", "404", "drop"])
def test_a_webhook_that_takes_nothing_is_told_in_a_sentence_without_its_secret(mood: str) -> None:
    with receiver(mood) as it, pytest.raises(Unavailable) as told:
        WebhookNotifier(f"{it.url}/s3cret").notify(NOTICE)
    assert "NOTIFY_URL at 127.0.0.1" in str(told.value)
    assert "s3cret" not in str(told.value)
    assert it.asked["run-1:failed"] == (1 if mood == "404" else 3)


def test_a_webhook_whose_answer_has_no_end_holds_nobody_up() -> None:
    began = time.monotonic()
    with receiver("yes, drip") as it:
        WebhookNotifier(it.url).notify(NOTICE)
    with receiver("drip") as it, pytest.raises(Unavailable, match="did not end its answer"):
        WebhookNotifier(it.url, timeout_s=0.1).notify(NOTICE)
    assert time.monotonic() - began < 12


def test_a_mail_goes_to_everybody_and_a_repetition_has_the_same_id() -> None:
    with mail_server() as server:
        url = (
            f"smtp://127.0.0.1:{server.port}/?to=a@bank.example&to=b@bank.example&from=quadrant@bank.example"
        )
        for _ in range(2):
            MailNotifier(url).notify(NOTICE)
    first, second = map(message_from_bytes, server.mails)
    assert first["Message-ID"] == second["Message-ID"]
    assert (first["Subject"], first["From"]) == ("refresh failed", "quadrant@bank.example")
    assert server.receivers[:2] == ["a@bank.example", "b@bank.example"]


def test_a_mail_server_that_refuses_or_is_away_is_told_in_a_sentence() -> None:
    with mail_server(refusals=1) as server:
        it = MailNotifier(f"smtp://127.0.0.1:{server.port}/?to=ops@bank.example", "hush")
        with pytest.raises(Unavailable, match="took no notice"):
            it.notify(NOTICE)
        it.notify(NOTICE)
        assert len(server.mails) == 1
    with pytest.raises(Unavailable, match="took no notice") as told:
        it.notify(NOTICE)
    assert "hush" not in str(told.value)


@pytest.mark.parametrize(("host", "is_sent"), [("127.0.0.1", True), ("0.0.0.0", False)])  # noqa: S104 - a name of this machine
def test_a_password_does_not_leave_the_machine_without_tls(host: str, *, is_sent: bool) -> None:
    with mail_server() as server:
        it = MailNotifier(f"smtp://ops@{host}:{server.port}/?to=ops@bank.example", "hush")
        with pytest.raises(Unavailable) as told:
            it.notify(NOTICE)
        # The server knows no login; what counts is whether it was tried.
        assert ("offers no TLS" not in str(told.value)) == is_sent
        assert not server.mails
    assert "hush" not in str(told.value)


def test_an_address_without_a_receiver_is_refused() -> None:
    with pytest.raises(Unavailable, match="no receiver"):
        MailNotifier("smtp://mail.bank.example")
