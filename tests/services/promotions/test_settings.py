"""Settings of the promotions service and of the request log, and what is said about wrong ones."""

from pathlib import Path

import pytest

from resources.promotion_store import MongoPromotionStore, SqlitePromotionStore
from resources.request_log import MongoRequestLog, SqliteRequestLog
from resources.unavailable import Unavailable
from services.promotions.settings import settings_from
from services.request_log.settings import settings_from as log_settings_from

URL = "mongodb://shop:hunter2@mongo/?authSource=admin"
PROD = {"QUADRANT_DEPLOYMENT": "prod", "MONGO_URL": URL}


def test_a_laptop_needs_no_setting_and_keeps_everything_in_the_home_folder() -> None:
    settings, log = settings_from({}), log_settings_from({"QUADRANT_HOME": "/tmp/q"})
    assert (settings.port, settings.log_url, settings.keys) == (8080, "http://127.0.0.1:8000", None)
    assert (settings.staleness_s, settings.memory_mb) == (10, 64)
    assert settings.outbox == Path(".quadrant/promotions-outbox").absolute()
    assert isinstance(settings.promotion_store(), SqlitePromotionStore)
    assert (log.port, log.home) == (8000, Path("/tmp/q"))
    assert isinstance(log.request_log(), SqliteRequestLog)


def test_production_keeps_in_mongodb_needs_keys_and_delivers_to_the_originals_name() -> None:
    settings = settings_from({**PROD, "PROMOTIONS_API_KEYS": "/keys", "LOG_API_KEY": "hunter3"})
    log = log_settings_from({**PROD, "REQUEST_LOG_API_KEYS": "/keys"})
    assert settings.log_url == "http://promo-logging:8000"
    assert isinstance(settings.promotion_store(), MongoPromotionStore)
    assert isinstance(log.request_log(), MongoRequestLog)
    assert "hunter" not in repr(settings) + repr(log)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"PROMOTIONS_PORT": "http"}, "PROMOTIONS_PORT is 'http'"),
        ({"PROMOTIONS_OUTBOX_MB": "0"}, "PROMOTIONS_OUTBOX_MB is '0'; allowed is a number from 1"),
        ({"PROMOTIONS_STALENESS_S": "0.5"}, "PROMOTIONS_STALENESS_S is '0.5'; allowed is a number from 0"),
        ({"PROMOTIONS_MEMORY_MB": "0"}, "PROMOTIONS_MEMORY_MB is '0'; allowed is a number from 1"),
        ({"LOG_URL": "promo-logging"}, "LOG_URL is no address"),
        ({"LOG_URL": "http://log:port"}, "LOG_URL is no address"),
        ({"LOG_URL": "http://user:hunter2@log"}, "LOG_URL is no address"),
        ({"LOG_API_KEY": "hunter2\n"}, "LOG_API_KEY holds a blank"),
        ({"QUADRANT_DEPLOYMENT": "prod"}, "MONGO_URL is not set"),
        ({"MONGO_URL": "hunter2"}, "MONGO_URL is no address that can be used; allowed is mongodb://"),
        ({"MONGO_URL": "mongodb://shop:hunter2@"}, "MONGO_URL is no address that can be used"),
        (PROD, "PROMOTIONS_API_KEYS is not set"),
        ({"QUADRANT_DEPLOYMENT": "test"}, "QUADRANT_DEPLOYMENT is 'test'"),
    ],
)
def test_a_setting_that_is_not_allowed_is_told_in_one_sentence_without_secrets(
    given: dict[str, str], said: str
) -> None:
    with pytest.raises(Unavailable) as raised:
        settings_from(given)
    assert said in str(raised.value)
    assert "hunter" not in str(raised.value)


def test_the_request_log_too_is_never_open_outside_local_and_needs_an_address() -> None:
    with pytest.raises(Unavailable, match="REQUEST_LOG_API_KEYS is not set"):
        log_settings_from(PROD)
    with pytest.raises(Unavailable, match="MONGO_URL is no address"):
        log_settings_from({"MONGO_URL": "nonsense"})
