"""The settings of a deployment, read from an environment that is passed in. No Dagster here, and no secret.

A setting belongs here with what is allowed for it; which adapter it chooses is told in `deployments`, and a service
has settings of its own besides.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from resources.unavailable import Unavailable

NAMES = ("local", "dev", "prod")
SETTINGS = (
    "QUADRANT_DEPLOYMENT",
    "QUADRANT_HOME",
    "GEO_CONFIRM",
    "DAGSTER_PORT",
    "DAGSTER_URL",
    "SNOWFLAKE_ACCOUNT",
    "SNOWFLAKE_USER",
    "SNOWFLAKE_PASSWORD",
    "SNOWFLAKE_PRIVATE_KEY",
    "SNOWFLAKE_DATABASE",
    "SNOWFLAKE_WAREHOUSE",
    "SNOWFLAKE_ROLE",
    "SNOWFLAKE_HOST",
    "SNOWFLAKE_PORT",
    "SNOWFLAKE_PROTOCOL",
    "S3_BUCKET",
    "S3_ENDPOINT_URL",
    "OBJECTS_FOLDER",
    "KAFKA_BOOTSTRAP_SERVERS",
    "KAFKA_SECURITY_PROTOCOL",
    "KAFKA_SASL_MECHANISM",
    "KAFKA_SASL_USERNAME",
    "KAFKA_SASL_PASSWORD",
    "KAFKA_SSL_CA_LOCATION",
    "MONGO_URL",
    "CRM_URL",
    "CRM_MAPPING",
    "DELIVERY_URL",
    "DELIVERY_TOKEN",
    "LISTING_ROOT",
    "LISTING_API_URL",
    "LISTING_API_KEY",
    "LISTING_API_BULK",
    "NOTIFY_URL",
    "NOTIFY_PASSWORD",
)

SECRETS = frozenset(
    {
        "SNOWFLAKE_PASSWORD",
        "SNOWFLAKE_PRIVATE_KEY",
        "KAFKA_SASL_PASSWORD",
        "MONGO_URL",
        "CRM_URL",
        "DELIVERY_URL",
        "DELIVERY_TOKEN",
        "LISTING_API_KEY",
        "NOTIFY_URL",
        "NOTIFY_PASSWORD",
    }
)
"""Read by the resource itself when a run starts; here they are only known to be set."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""Hosts to which a secret may travel without TLS."""

_PASSWORDS = {
    "DELIVERY_URL": "DELIVERY_TOKEN",
    "LISTING_API_URL": "LISTING_API_KEY",
    "NOTIFY_URL": "NOTIFY_PASSWORD",
}
"""Where the secret of an address belongs."""

_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[^\s,/?@:\[\]]+)(?::[1-9][0-9]{0,4})?"
_MONGO = re.compile(rf"mongodb(?:\+srv)?://(?:[^@/]+@)?{_HOST}(?:,{_HOST})*(?:[/?].*)?")

KAFKA_SECURITY = {
    "security.protocol": "KAFKA_SECURITY_PROTOCOL",
    "sasl.mechanism": "KAFKA_SASL_MECHANISM",
    "sasl.username": "KAFKA_SASL_USERNAME",
    "ssl.ca.location": "KAFKA_SSL_CA_LOCATION",
}
"""Settings by librdkafka's names for them, but for the password."""


@dataclass(frozen=True)
class Deployment:
    """A named deployment and its settings; secrets are not in it, only whether they are set."""

    name: str
    home: Path
    is_confirm_required: bool
    ui_port: int
    ui_url: str
    """Where people reach Dagster's UI, without a slash at its end."""
    settings: Mapping[str, str]

    @property
    def is_local(self) -> bool:
        """Whether ports fall back to their embedded adapters."""
        return self.name == "local"


def deployment_from(environ: Mapping[str, str]) -> Deployment:
    """The deployment that an environment describes; raises Unavailable for a name or value that is not allowed."""
    name = deployment_name(environ)
    is_confirm_required = _switch(environ, "GEO_CONFIRM", "load at once", "a person releases each file")
    _switch(
        environ, "LISTING_API_BULK", "a request for each document", "many in one, as our own API takes them"
    )
    settings = {key: "set" if key in SECRETS else environ[key] for key in SETTINGS if environ.get(key)}
    _check_snowflake(settings)
    _check_objects(settings)
    _check_url(environ, "DELIVERY_URL", "http", "https")
    _check_url(environ, "DAGSTER_URL", "http", "https")
    _check_url(environ, "LISTING_API_URL", "http", "https")
    _check_url(environ, "NOTIFY_URL", "http", "https", "smtp", "smtps")
    mongo_url(environ)
    home = Path(environ.get("QUADRANT_HOME") or ".quadrant").absolute()
    if name == "local":
        _check_home(home)
    ui_port = port(environ, "DAGSTER_PORT", 3000)
    ui_url = settings.get("DAGSTER_URL", f"http://127.0.0.1:{ui_port}").rstrip("/")
    return Deployment(name, home, is_confirm_required, ui_port, ui_url, settings)


def deployment_name(environ: Mapping[str, str]) -> str:
    """The name of the deployment; raises Unavailable for one that is not allowed."""
    name = environ.get("QUADRANT_DEPLOYMENT") or "local"
    if name not in NAMES:
        raise Unavailable(f"QUADRANT_DEPLOYMENT is {name!r}; allowed are {', '.join(NAMES)}.")
    return name


def missing(deployment: str, setting: str) -> Unavailable:
    """What to tell a person whose deployment lacks an address."""
    return Unavailable(
        f"{setting} is not set, and deployment {deployment!r} has no embedded stand-in for it: "
        f"set {setting}, or QUADRANT_DEPLOYMENT=local."
    )


def mongo_url(environ: Mapping[str, str]) -> str:
    """The address of MongoDB, empty when there is none; raises Unavailable, which never shows it, for what is none.

    Options and the name of the database are the driver's to read.
    """
    url = environ.get("MONGO_URL") or ""
    if url and not _MONGO.fullmatch(url):
        raise Unavailable(
            "MONGO_URL is no address that can be used; allowed is mongodb:// or mongodb+srv:// with a host, "
            "special characters of user and password as %NN."
        )
    return url


def _check_home(home: Path) -> None:
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise Unavailable(
            f"QUADRANT_HOME is {str(home)!r}, and {there} is no folder that can be written to; allowed is a folder, "
            "which is made when absent."
        )


def _check_snowflake(settings: Mapping[str, str]) -> None:
    port(settings, "SNOWFLAKE_PORT", 443)
    protocol = settings.get("SNOWFLAKE_PROTOCOL", "https")
    if protocol not in ("http", "https"):
        raise Unavailable(f"SNOWFLAKE_PROTOCOL is {protocol!r}; allowed are http and https.")
    if "SNOWFLAKE_PASSWORD" in settings and "SNOWFLAKE_PRIVATE_KEY" in settings:
        raise Unavailable("SNOWFLAKE_PASSWORD and SNOWFLAKE_PRIVATE_KEY are both set; set one of them.")


def _check_objects(settings: Mapping[str, str]) -> None:
    if "OBJECTS_FOLDER" not in settings:
        return
    if "S3_BUCKET" in settings:
        raise Unavailable("S3_BUCKET and OBJECTS_FOLDER are both set; set one of them.")
    folder = settings["OBJECTS_FOLDER"]
    if not Path(folder).is_absolute():
        raise Unavailable(f"OBJECTS_FOLDER is {folder!r}; allowed is an absolute path, such as /objects.")


def _check_url(environ: Mapping[str, str], name: str, *schemes: str) -> None:
    """Never shows the address: it may hold a secret where it should not."""
    text = environ.get(name)
    if not text:
        return
    unusable = Unavailable(
        f"{name} is no address that can be used; allowed is {' or '.join(f'{scheme}://' for scheme in schemes)}"
        " with a host."
    )
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise unusable from None
    if parts.scheme not in schemes or not parts.hostname:
        raise unusable
    if name == "DELIVERY_URL" and parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise Unavailable(
            f"{name} would send people's data without TLS; allowed is https://, or http:// on 127.0.0.1."
        )
    if parts.password:
        place = _PASSWORDS.get(name, "its own setting")
        raise Unavailable(f"{name} holds a password; take it out and put the secret in {place}.")


def _switch(environ: Mapping[str, str], name: str, off: str, on: str) -> bool:
    text = environ.get(name) or "0"
    if text not in ("0", "1"):
        raise Unavailable(f"{name} is {text!r}; allowed are 0 ({off}) and 1 ({on}).")
    return text == "1"


def port(settings: Mapping[str, str], name: str, default: int) -> int:
    """A network port; raises Unavailable for a value that is none."""
    text = settings.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise Unavailable(f"{name} is {text!r}; allowed is a number from 1 to 65535.")
    return int(text)
