"""The Dagster resources: each hands out a plain port, so that assets never meet resource machinery."""

from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from resources.crm_source import CrmSource, load_mapping
from resources.lister import FolderLister, Lister, NoLister
from resources.message_log import KafkaMessageLog, MessageLog, SqliteMessageLog
from resources.notifier import LogNotifier, MailNotifier, Notifier, WebhookNotifier
from resources.object_store import FolderObjectStore, ObjectStore, S3ObjectStore
from resources.outlet import ObjectOutlet, Outlet, WebhookOutlet
from resources.promotion_store import MongoPromotionStore, PromotionStore, SqlitePromotionStore
from resources.request_log import MongoRequestLog, RequestLog, SqliteRequestLog
from resources.settings import missing
from resources.warehouse import DuckDbWarehouse, SnowflakeWarehouse, Warehouse
from resources.warehouse.snowflake import Account


class DuckDbResource(dg.ConfigurableResource[Warehouse]):
    """The embedded warehouse."""

    path: str = Field(description="The database file; made when absent.")

    def create_resource(self, context: dg.InitResourceContext) -> Warehouse:
        """The plain port."""
        return DuckDbWarehouse(Path(self.path))


class SnowflakeResource(dg.ConfigurableResource[Warehouse]):
    """The warehouse on an account."""

    account: str = Field(description="Account identifier.")
    user: str = Field(description="User of the service.")
    database: str = Field(description="Database that holds Quadrant's schemas.")
    warehouse: str = Field(default="", description="Virtual warehouse that computes.")
    role: str = Field(default="", description="Role to take.")
    password: str = Field(default="", description="Password; or give a key.")
    private_key: str = Field(default="", description="Private key, PEM; or give a password.")
    host: str = Field(default="", description="Host of a stand-in.")
    port: int = Field(default=443, description="Port of a stand-in.")
    protocol: str = Field(default="https", description="Protocol of a stand-in.")

    def create_resource(self, context: dg.InitResourceContext) -> Warehouse:
        """The plain port."""
        return SnowflakeWarehouse(Account(**{name: getattr(self, name) for name in type(self).model_fields}))


class FolderResource(dg.ConfigurableResource[ObjectStore]):
    """A folder as object store."""

    root: str = Field(description="The folder; made when absent.")

    def create_resource(self, context: dg.InitResourceContext) -> ObjectStore:
        """The plain port."""
        return FolderObjectStore(Path(self.root))


class S3Resource(dg.ConfigurableResource[ObjectStore]):
    """An S3 bucket; credentials come from AWS's own chain."""

    bucket: str = Field(description="Name of the bucket.")
    endpoint_url: str = Field(default="", description="Endpoint of another S3 server than Amazon's.")

    def create_resource(self, context: dg.InitResourceContext) -> ObjectStore:
        """The plain port."""
        return S3ObjectStore(self.bucket, self.endpoint_url or None)


class SqliteLogResource(dg.ConfigurableResource[MessageLog]):
    """The embedded message log."""

    path: str = Field(description="The SQLite file; made when absent.")

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[MessageLog, None, None]:
        """The plain port, closed afterwards."""
        with closing(SqliteMessageLog(Path(self.path))) as log:
            yield log


class KafkaResource(dg.ConfigurableResource[MessageLog]):
    """A Kafka cluster."""

    bootstrap_servers: str = Field(description="Brokers to ask first, host:port, comma separated.")
    security: dict[str, str] = Field(
        default={}, description="librdkafka's security settings, without the password."
    )
    sasl_password: str = Field(default="", description="SASL password.")

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[MessageLog, None, None]:
        """The plain port, closed afterwards."""
        secret = {"sasl.password": self.sasl_password} if self.sasl_password else {}
        with closing(KafkaMessageLog(self.bootstrap_servers, {**self.security, **secret})) as log:
            yield log


class SqlitePromotionsResource(dg.ConfigurableResource[PromotionStore]):
    """The embedded promotion store."""

    path: str = Field(description="The SQLite file; made when absent.")

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[PromotionStore, None, None]:
        """The plain port, closed afterwards."""
        with SqlitePromotionStore(Path(self.path)) as store:
            yield store


class SqliteRequestsResource(dg.ConfigurableResource[RequestLog]):
    """The embedded request log."""

    path: str = Field(description="The SQLite file; made when absent.")

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[RequestLog, None, None]:
        """The plain port, closed afterwards."""
        with SqliteRequestLog(Path(self.path)) as log:
            yield log


class MongoPromotionsResource(dg.ConfigurableResource[PromotionStore]):
    """The promotion store in MongoDB."""

    url: str = Field(description="MongoDB's URL; it may hold a password.")

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[PromotionStore, None, None]:
        """The plain port, closed afterwards."""
        with MongoPromotionStore(self.url) as store:
            yield store


class MongoRequestsResource(dg.ConfigurableResource[RequestLog]):
    """The request log in MongoDB."""

    url: str = Field(description="MongoDB's URL; it may hold a password.")

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[RequestLog, None, None]:
        """The plain port, closed afterwards."""
        with MongoRequestLog(self.url) as log:
            yield log


class CrmResource(dg.ConfigurableResource[CrmSource]):
    """The CRM, by any SQLAlchemy URL."""

    url: str = Field(description="SQLAlchemy URL; it may hold a password.")
    mapping: str = Field(default="", description="YAML file that names another system's tables and columns.")

    def create_resource(self, context: dg.InitResourceContext) -> CrmSource:
        """The plain port."""
        from resources.crm_source.sql import SqlCrmSource

        return SqlCrmSource(self.url, load_mapping(Path(self.mapping)) if self.mapping else None)


class FolderOutletResource(dg.ConfigurableResource[Outlet]):
    """Deliveries as objects of the folder. The store is made here, because Dagster warns of nested resources."""

    root: str = Field(description="The folder; made when absent.")

    def create_resource(self, context: dg.InitResourceContext) -> Outlet:
        """The plain port."""
        return ObjectOutlet(FolderObjectStore(Path(self.root)))


class S3OutletResource(dg.ConfigurableResource[Outlet]):
    """Deliveries as objects of the bucket."""

    bucket: str = Field(description="Name of the bucket.")
    endpoint_url: str = Field(default="", description="Endpoint of another S3 server than Amazon's.")

    def create_resource(self, context: dg.InitResourceContext) -> Outlet:
        """The plain port."""
        return ObjectOutlet(S3ObjectStore(self.bucket, self.endpoint_url or None))


class WebhookOutletResource(dg.ConfigurableResource[Outlet]):
    """Deliveries to a webhook."""

    url: str = Field(description="Address of the receiver; its path may be a secret.")
    token: str = Field(default="", description="Token sent as Bearer.")

    def create_resource(self, context: dg.InitResourceContext) -> Outlet:
        """The plain port."""
        return WebhookOutlet(self.url, self.token)


class ListerResource(dg.ConfigurableResource[Lister]):
    """A folder whose files are listed."""

    root: str = Field(default="", description="The folder; empty when nothing is to be listed.")
    may_be_absent: bool = Field(default=False, description="Nothing is listed while there is no such folder.")

    def create_resource(self, context: dg.InitResourceContext) -> Lister:
        """The plain port."""
        is_there = self.root and not (self.may_be_absent and not Path(self.root).is_dir())
        return FolderLister(Path(self.root)) if is_there else NoLister()


class NotifierResource(dg.ConfigurableResource[Notifier]):
    """Notices to the log, a webhook or by mail, as the address says."""

    url: str = Field(default="", description="Address of a webhook or a mail server; empty for the log.")
    password: str = Field(default="", description="Password of the mail server's user.")

    def create_resource(self, context: dg.InitResourceContext) -> Notifier:
        """The plain port."""
        if not self.url:
            return LogNotifier()
        if self.url.startswith("smtp"):
            return MailNotifier(self.url, self.password)
        return WebhookNotifier(self.url)


class UnsetResource(dg.ConfigurableResource[Any]):
    """A port without an address, in a deployment that has no embedded adapters."""

    deployment: str = Field(description="Name of the deployment.")
    setting: str = Field(description="Variable that is missing.")

    def create_resource(self, context: dg.InitResourceContext) -> None:
        """Fails with the name of the missing variable."""
        raise missing(self.deployment, self.setting)
