"""Which adapter stands behind each port in a deployment; the only place where the environment is read.

In `local` a port without an address uses its embedded adapter, in `dev` and `prod` it fails when a run needs it.
"""

import os
from typing import Any

import dagster as dg

from resources.deployments.adapters import (
    CrmResource,
    DuckDbResource,
    FolderOutletResource,
    FolderResource,
    KafkaResource,
    ListerResource,
    MongoPromotionsResource,
    MongoRequestsResource,
    NotifierResource,
    S3OutletResource,
    S3Resource,
    SnowflakeResource,
    SqliteLogResource,
    SqlitePromotionsResource,
    SqliteRequestsResource,
    UnsetResource,
    WebhookOutletResource,
)
from resources.deployments.listings import (
    HttpListingsResource,
    MongoListingsResource,
    SqliteListingsResource,
)
from resources.settings import KAFKA_SECURITY, Deployment, deployment_from, port

__all__ = ["Deployment", "current", "deployment_from", "resources_for"]


def current() -> Deployment:
    """The deployment of this process."""
    return deployment_from(os.environ)


def resources_for(deployment: Deployment) -> dict[str, Any]:
    """The resources of one deployment: always the same keys."""
    return {
        "warehouse": _warehouse(deployment),
        "object_store": _object_store(deployment),
        "message_log": _message_log(deployment),
        "promotion_store": _promotion_store(deployment),
        "request_log": _request_log(deployment),
        "crm_source": _crm_source(deployment),
        "outlet": _outlet(deployment),
        "lister": _lister(deployment),
        "listing_api": _listing_api(deployment),
        "notifier": _notifier(deployment),
    }


def _warehouse(deployment: Deployment) -> Any:  # noqa: ANN401 - one of several resource classes
    given = deployment.settings
    if "SNOWFLAKE_ACCOUNT" not in given:
        path = str(deployment.home / "warehouse.duckdb")
        return DuckDbResource(path=path) if deployment.is_local else _unset(deployment, "SNOWFLAKE_ACCOUNT")
    plain = {
        name: given[f"SNOWFLAKE_{name.upper()}"]
        for name in ("account", "user", "database", "warehouse", "role", "host", "protocol")
        if f"SNOWFLAKE_{name.upper()}" in given
    }
    secret = {
        name: dg.EnvVar(f"SNOWFLAKE_{name.upper()}")
        for name in ("password", "private_key")
        if f"SNOWFLAKE_{name.upper()}" in given
    }
    defaults = {"user": "QUADRANT", "database": "QUADRANT"}
    return SnowflakeResource(**{**defaults, **plain, **secret}, port=port(given, "SNOWFLAKE_PORT", 443))


def _object_store(deployment: Deployment) -> Any:  # noqa: ANN401 - one of several resource classes
    given = deployment.settings
    if "S3_BUCKET" in given:
        return S3Resource(bucket=given["S3_BUCKET"], endpoint_url=given.get("S3_ENDPOINT_URL", ""))
    root = _objects_folder(deployment)
    return FolderResource(root=root) if root else _unset(deployment, "S3_BUCKET")


def _objects_folder(deployment: Deployment) -> str:
    """A mounted volume anywhere, in `local` a folder of its own; empty where objects have no folder."""
    own = str(deployment.home / "objects") if deployment.is_local else ""
    return deployment.settings.get("OBJECTS_FOLDER", own)


def _message_log(deployment: Deployment) -> Any:  # noqa: ANN401 - one of several resource classes
    given = deployment.settings
    if "KAFKA_BOOTSTRAP_SERVERS" not in given:
        path = str(deployment.home / "log.sqlite")
        return (
            SqliteLogResource(path=path)
            if deployment.is_local
            else _unset(deployment, "KAFKA_BOOTSTRAP_SERVERS")
        )
    return KafkaResource(
        bootstrap_servers=given["KAFKA_BOOTSTRAP_SERVERS"],
        security={option: given[name] for option, name in KAFKA_SECURITY.items() if name in given},
        sasl_password=dg.EnvVar("KAFKA_SASL_PASSWORD") if "KAFKA_SASL_PASSWORD" in given else "",
    )


def _promotion_store(deployment: Deployment) -> Any:  # noqa: ANN401 - one of several resource classes
    if "MONGO_URL" in deployment.settings:
        return MongoPromotionsResource(url=dg.EnvVar("MONGO_URL"))
    path = str(deployment.home / "promotions.sqlite")
    return SqlitePromotionsResource(path=path) if deployment.is_local else _unset(deployment, "MONGO_URL")


def _request_log(deployment: Deployment) -> Any:  # noqa: ANN401 - one of several resource classes
    if "MONGO_URL" in deployment.settings:
        return MongoRequestsResource(url=dg.EnvVar("MONGO_URL"))
    path = str(deployment.home / "request_log.sqlite")
    return SqliteRequestsResource(path=path) if deployment.is_local else _unset(deployment, "MONGO_URL")


def _crm_source(deployment: Deployment) -> Any:  # noqa: ANN401 - one of several resource classes
    mapping = deployment.settings.get("CRM_MAPPING", "")
    if "CRM_URL" in deployment.settings:
        return CrmResource(url=dg.EnvVar("CRM_URL"), mapping=mapping)
    url = f"sqlite:///{deployment.home / 'crm.sqlite'}"
    return CrmResource(url=url, mapping=mapping) if deployment.is_local else _unset(deployment, "CRM_URL")


def _outlet(deployment: Deployment) -> Any:  # noqa: ANN401 - one of several resource classes
    given = deployment.settings
    if "DELIVERY_URL" in given:
        token = dg.EnvVar("DELIVERY_TOKEN") if "DELIVERY_TOKEN" in given else ""
        return WebhookOutletResource(url=dg.EnvVar("DELIVERY_URL"), token=token)
    if "S3_BUCKET" in given:
        return S3OutletResource(bucket=given["S3_BUCKET"], endpoint_url=given.get("S3_ENDPOINT_URL", ""))
    root = _objects_folder(deployment)
    return FolderOutletResource(root=root) if root else _unset(deployment, "DELIVERY_URL")


def _lister(deployment: Deployment) -> ListerResource:
    if "LISTING_ROOT" in deployment.settings:
        return ListerResource(root=deployment.settings["LISTING_ROOT"])
    if deployment.is_local:
        return ListerResource(root=str(deployment.home / "listed"), may_be_absent=True)
    return ListerResource()


def _listing_api(deployment: Deployment) -> Any:  # noqa: ANN401 - one of several resource classes
    given = deployment.settings
    if "LISTING_API_URL" in given:
        return HttpListingsResource(
            url=given["LISTING_API_URL"],
            key=dg.EnvVar("LISTING_API_KEY") if "LISTING_API_KEY" in given else "",
            is_bulk=given.get("LISTING_API_BULK") == "1",
        )
    if not deployment.is_local:
        return _unset(deployment, "LISTING_API_URL")
    # The store of the service itself, which may run beside.
    if "MONGO_URL" in given:
        return MongoListingsResource(url=dg.EnvVar("MONGO_URL"))
    return SqliteListingsResource(path=str(deployment.home / "listings.sqlite"))


def _notifier(deployment: Deployment) -> NotifierResource:
    secret = {
        field: dg.EnvVar(name)
        for field, name in (("url", "NOTIFY_URL"), ("password", "NOTIFY_PASSWORD"))
        if name in deployment.settings
    }
    return NotifierResource(**secret)


def _unset(deployment: Deployment, setting: str) -> UnsetResource:
    return UnsetResource(deployment=deployment.name, setting=setting)
