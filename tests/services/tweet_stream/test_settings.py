"""Settings of the tweet stream, and what is said about wrong ones."""

import pytest

from resources.message_log import KafkaMessageLog, SqliteMessageLog
from resources.unavailable import Unavailable
from services.tweet_stream.settings import settings_from

TOKEN = {"X_BEARER_TOKEN": "AAAA-secret-token"}


def test_with_a_token_alone_the_laptop_reads_from_x_into_the_embedded_log() -> None:
    settings = settings_from(TOKEN)
    assert (settings.api_url, settings.languages, settings.words) == (
        "https://api.x.com",
        ("en", "es", "fr"),
        (),
    )
    assert isinstance(settings.message_log(), SqliteMessageLog)


def test_lists_are_separated_by_commas_and_all_languages_are_no_languages() -> None:
    settings = settings_from(TOKEN | {"X_WORDS": "401k plan, #metoo,,401k plan", "X_LANGUAGES": "all"})
    assert settings.words == ("401k plan", "#metoo")
    assert settings.languages == ()


def test_no_secret_is_shown() -> None:
    given = TOKEN | {"KAFKA_BOOTSTRAP_SERVERS": "k:9092", "KAFKA_SASL_PASSWORD": "hunter2"}
    settings = settings_from(given)
    assert isinstance(settings.message_log(), KafkaMessageLog)
    assert "secret" not in repr(settings)
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"X_BEARER_TOKEN": ""}, "X_BEARER_TOKEN is not set"),
        ({"X_BEARER_TOKEN": "AAAA-secret\n-token"}, "X_BEARER_TOKEN holds a blank"),
        ({"X_API_URL": "http://api.x.com"}, "X_API_URL is an address at 'api.x.com' without TLS"),
        ({"X_API_URL": "https://user:hunter2@api.x.com"}, "X_API_URL"),
        ({"X_LANGUAGES": "english"}, "X_LANGUAGES has 'english'"),
        ({"X_BACKFILL_MINUTES": "6"}, "X_BACKFILL_MINUTES is '6'; allowed is a number from 0 to 5"),
        ({"TWEET_STREAM_PORT": "http"}, "TWEET_STREAM_PORT is 'http'"),
        ({"QUADRANT_DEPLOYMENT": "prod"}, "KAFKA_BOOTSTRAP_SERVERS is not set"),
        ({"QUADRANT_DEPLOYMENT": "test"}, "QUADRANT_DEPLOYMENT is 'test'"),
    ],
)
def test_a_setting_that_is_not_allowed_is_told_in_one_sentence_without_secrets(
    given: dict[str, str], said: str
) -> None:
    with pytest.raises(Unavailable) as raised:
        settings_from(TOKEN | given)
    assert said in str(raised.value)
    assert "secret" not in str(raised.value)
    assert "hunter2" not in str(raised.value)
