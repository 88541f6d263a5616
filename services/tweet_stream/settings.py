"""The settings of the tweet stream, and the only place where it reads the environment.

What is allowed for each is checked here, with a sentence; the token is in no sentence and no repr.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from resources.message_log import KafkaMessageLog, MessageLog, SqliteMessageLog
from resources.settings import KAFKA_SECURITY, LOOPBACK, deployment_name, missing
from resources.unavailable import Unavailable

_KAFKA: Final = {**KAFKA_SECURITY, "sasl.password": "KAFKA_SASL_PASSWORD"}
_MOST_BYTES: Final = 990_000
"""Kafka's client and its topics take a megabyte, with what surrounds a message."""
_APPEND_S: Final = 5.0
"""An append that the log does not answer ends after twice this."""


@dataclass(frozen=True)
class Settings:
    """What one process needs to know."""

    bearer_token: str = field(repr=False)
    home: Path
    kafka_servers: str = ""
    kafka_security: Mapping[str, str] = field(default_factory=dict, repr=False)
    api_url: str = "https://api.x.com"
    words: tuple[str, ...] = ()
    anywhere: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en", "es", "fr")
    backfill_minutes: int = 0
    line_limit: int = 900_000
    topic: str = "tweets"
    host: str = "127.0.0.1"
    port: int = 9101

    def message_log(self) -> MessageLog:
        """Kafka, or the embedded log; nothing is connected yet."""
        if self.kafka_servers:
            return KafkaMessageLog(self.kafka_servers, self.kafka_security, _APPEND_S)
        return SqliteMessageLog(self.home / "log.sqlite", wait_s=_APPEND_S)


def current() -> Settings:
    """The settings of this process."""
    return settings_from(os.environ)


def settings_from(environ: Mapping[str, str]) -> Settings:
    """The settings that an environment describes; raises Unavailable for one that is missing or not allowed."""
    given = {name: value for name, value in environ.items() if value}
    deployment = deployment_name(given)
    if deployment != "local" and "KAFKA_BOOTSTRAP_SERVERS" not in given:
        raise missing(deployment, "KAFKA_BOOTSTRAP_SERVERS")
    return Settings(
        bearer_token=_token(given),
        home=Path(given.get("QUADRANT_HOME", ".quadrant")).absolute(),
        kafka_servers=given.get("KAFKA_BOOTSTRAP_SERVERS", ""),
        kafka_security={option: given[name] for option, name in _KAFKA.items() if name in given},
        api_url=_url(given),
        words=_listed(given, "X_WORDS"),
        anywhere=_listed(given, "X_ANYWHERE"),
        languages=_languages(given),
        backfill_minutes=_number(given, "X_BACKFILL_MINUTES", 0, 0, 5),
        line_limit=_number(given, "X_LINE_LIMIT", 900_000, 1_000, _MOST_BYTES),
        topic=given.get("TWEET_STREAM_TOPIC", "tweets"),
        host=given.get("TWEET_STREAM_HOST", "127.0.0.1"),
        port=_number(given, "TWEET_STREAM_PORT", 9101, 0, 65_535),
    )


def _token(given: Mapping[str, str]) -> str:
    token = given.get("X_BEARER_TOKEN", "").strip()
    if not token:
        raise Unavailable("X_BEARER_TOKEN is not set: set it to the bearer token of your app at X.")
    # An HTTP client would show what it refuses to send.
    if not re.fullmatch(r"[!-~]+", token):
        raise Unavailable("X_BEARER_TOKEN holds a blank or a character that no token has: copy it again.")
    return token


def _url(given: Mapping[str, str]) -> str:
    url = given.get("X_API_URL", "https://api.x.com").rstrip("/")
    parts = urlsplit(url)
    is_plain = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not (parts.hostname and (parts.scheme == "https" or is_plain)) or parts.username:
        raise Unavailable(f"X_API_URL is {_shown(parts.hostname)}; allowed is https, or http on 127.0.0.1.")
    return url


def _shown(host: str | None) -> str:
    return f"an address at {host!r} without TLS or with a password" if host else "no address"


def _listed(given: Mapping[str, str], name: str, default: str = "") -> tuple[str, ...]:
    parts = [part.strip() for part in given.get(name, default).split(",")]
    return tuple(dict.fromkeys(part for part in parts if part))


def _languages(given: Mapping[str, str]) -> tuple[str, ...]:
    languages = _listed(given, "X_LANGUAGES", "en,es,fr")
    if languages == ("all",):
        return ()
    for language in languages:
        if not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", language):
            raise Unavailable(f"X_LANGUAGES has {language!r}; allowed are codes such as en,es,fr, or all.")
    return languages


def _number(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most):
        raise Unavailable(f"{name} is {text!r}; allowed is a number from {least} to {most}.")
    return int(text)
