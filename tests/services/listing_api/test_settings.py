"""Settings of the listing API, and what is said about wrong ones."""

import socket
from pathlib import Path

import pytest

from resources.listing_store import MongoListingStore, SqliteListingStore
from resources.unavailable import Unavailable
from services.listing_api.settings import settings_from

PROD = {"QUADRANT_DEPLOYMENT": "prod", "MONGO_URL": "mongodb://lists:hunter2@mongo/?authSource=admin"}


def test_a_laptop_needs_no_setting_and_keeps_everything_in_the_home_folder() -> None:
    settings = settings_from({})
    assert (settings.port, settings.keys, settings.container) == (8081, None, socket.gethostname())
    assert settings.home == Path(".quadrant").absolute()
    assert isinstance(settings.listing_store(), SqliteListingStore)


def test_production_keeps_in_mongodb_needs_keys_and_answers_with_the_name_of_the_pod() -> None:
    settings = settings_from({**PROD, "LISTING_API_KEYS": "/keys", "HOSTNAME": "listing-api-7d4b9"})
    assert (settings.keys, settings.container) == (Path("/keys"), "listing-api-7d4b9")
    assert isinstance(settings.listing_store(), MongoListingStore)
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"LISTING_API_PORT": "http"}, "LISTING_API_PORT is 'http'"),
        ({"QUADRANT_DEPLOYMENT": "prod"}, "MONGO_URL is not set"),
        (PROD, "LISTING_API_KEYS is not set"),
    ],
)
def test_a_setting_that_is_not_allowed_is_told_in_one_sentence_without_secrets(
    given: dict[str, str], said: str
) -> None:
    with pytest.raises(Unavailable) as raised:
        settings_from(given)
    assert said in str(raised.value)
    assert "hunter2" not in str(raised.value)
