"""Which adapter stands behind each port, by deployment and settings."""

from pathlib import Path

import dagster as dg
import pytest

from platform_assets.definitions import definitions_for
from resources.deployments import Deployment, deployment_from, resources_for
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
from resources.deployments.listings import HttpListingsResource, SqliteListingsResource
from resources.lister import Lister
from resources.unavailable import Unavailable

SECRETS = {
    "NOTIFY_URL": "https://chat.example/hush-notify",
    "NOTIFY_PASSWORD": "hush-mail",
    "DELIVERY_URL": "https://crm.example/hush-inbox",
    "DELIVERY_TOKEN": "hush-delivery",
    "SNOWFLAKE_PASSWORD": "hush-password",
    "KAFKA_SASL_PASSWORD": "hush-kafka",
    "MONGO_URL": "mongodb://app:hush-mongo@mongo.example/promo",
    "LISTING_API_KEY": "hush-listings",
    "CRM_URL": "postgresql+psycopg://crm:hush-crm@crm.example/bank",
}
REAL = {
    **SECRETS,
    "SNOWFLAKE_ACCOUNT": "acme",
    "S3_BUCKET": "bucket",
    "LISTING_API_URL": "http://listing-api/",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092",
}
EMBEDDED = {
    "warehouse": DuckDbResource,
    "object_store": FolderResource,
    "message_log": SqliteLogResource,
    "promotion_store": SqlitePromotionsResource,
    "request_log": SqliteRequestsResource,
    "crm_source": CrmResource,
    "outlet": FolderOutletResource,
    "lister": ListerResource,
    "listing_api": SqliteListingsResource,
    "notifier": NotifierResource,
}


def _deployment(tmp_path: Path, name: str, **settings: str) -> Deployment:
    return deployment_from({"QUADRANT_DEPLOYMENT": name, "QUADRANT_HOME": str(tmp_path), **settings})


def _kinds(deployment: Deployment) -> dict[str, type]:
    return {name: type(resource) for name, resource in resources_for(deployment).items()}


def test_without_settings_the_deployment_is_local_and_keeps_its_state_beside_the_code() -> None:
    deployment = deployment_from({})
    assert (deployment.name, deployment.ui_port, deployment.is_confirm_required) == ("local", 3000, False)
    assert deployment.home == Path(".quadrant").absolute()
    assert deployment == deployment_from({"QUADRANT_DEPLOYMENT": "", "DAGSTER_PORT": "", "GEO_CONFIRM": ""})


def test_local_uses_the_embedded_adapters(tmp_path: Path) -> None:
    assert _kinds(_deployment(tmp_path, "local")) == EMBEDDED


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_elsewhere_a_missing_address_is_no_adapter_and_all_addresses_are_the_real_ones(
    tmp_path: Path, name: str
) -> None:
    bare = _kinds(_deployment(tmp_path, name))
    # Without an address people are told in the log.
    assert bare.pop("notifier") is NotifierResource
    # Without a root nothing is listed.
    assert bare.pop("lister") is ListerResource
    assert set(bare.values()) == {UnsetResource}
    assert _kinds(_deployment(tmp_path, name, **REAL)) == {
        "warehouse": SnowflakeResource,
        "object_store": S3Resource,
        "message_log": KafkaResource,
        "promotion_store": MongoPromotionsResource,
        "request_log": MongoRequestsResource,
        "crm_source": CrmResource,
        "outlet": WebhookOutletResource,
        "lister": ListerResource,
        "listing_api": HttpListingsResource,
        "notifier": NotifierResource,
    }


@pytest.mark.parametrize(
    ("settings", "port", "kind"),
    [
        ({"SNOWFLAKE_ACCOUNT": "acme", "SNOWFLAKE_PORT": "8443"}, "warehouse", SnowflakeResource),
        ({"S3_BUCKET": "b"}, "object_store", S3Resource),
        ({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092"}, "message_log", KafkaResource),
    ],
)
def test_in_local_a_single_real_service_stands_among_embedded_ones(
    tmp_path: Path, settings: dict[str, str], port: str, kind: type
) -> None:
    expected = {**EMBEDDED, port: kind}
    if kind is S3Resource:
        # Deliveries without a webhook go where the objects are.
        expected["outlet"] = S3OutletResource
    assert _kinds(_deployment(tmp_path, "local", **settings)) == expected


@pytest.mark.parametrize("name", ["local", "dev", "prod"])
def test_objects_may_lie_on_a_mounted_volume_in_each_deployment(tmp_path: Path, name: str) -> None:
    resources = resources_for(_deployment(tmp_path, name, OBJECTS_FOLDER="/objects"))
    assert (resources["object_store"].root, resources["outlet"].root) == ("/objects", "/objects")


@pytest.mark.parametrize(
    "settings", [{"OBJECTS_FOLDER": "objects"}, {"OBJECTS_FOLDER": "/o", "S3_BUCKET": "b"}]
)
def test_a_folder_of_objects_is_an_absolute_path_and_stands_alone(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    with pytest.raises(Unavailable, match="OBJECTS_FOLDER"):
        _deployment(tmp_path, "prod", **settings)


def test_what_is_listed_is_the_root_or_a_folder_of_the_home_or_outside_local_nothing(tmp_path: Path) -> None:
    def uri(name: str, **settings: str) -> str:
        resource = resources_for(_deployment(tmp_path, name, **settings))["lister"]
        lister: Lister = resource.create_resource(dg.build_init_resource_context())
        return lister.uri()

    assert [uri("local"), uri("prod")] == ["", ""]
    (tmp_path / "listed").mkdir()
    assert [uri("local"), uri("prod")] == [(tmp_path / "listed").as_uri(), ""]
    assert {uri(name, LISTING_ROOT="/data/x") for name in ("local", "dev", "prod")} == {"file:///data/x"}


@pytest.mark.parametrize("settings", [{}, REAL], ids=["no_settings", "all_settings"])
@pytest.mark.parametrize("name", ["local", "dev", "prod"])
def test_definitions_of_each_deployment_load_without_a_network_or_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, settings: dict[str, str]
) -> None:
    for secret in SECRETS:
        monkeypatch.delenv(secret, raising=False)
    dg.Definitions.validate_loadable(definitions_for(_deployment(tmp_path, name, **settings)))


def test_secrets_are_named_in_the_definitions_and_never_held(tmp_path: Path) -> None:
    resources = resources_for(_deployment(tmp_path, "prod", **REAL))
    shown = repr(resources)
    # As the UI and the run storage see it.
    for name, resource in resources_for(_deployment(tmp_path, "prod", **REAL)).items():
        definition = resource.get_resource_definition()
        shown += (
            f"{name} {definition.configured_default if hasattr(definition, 'configured_default') else ''}"
        )
        shown += repr(
            definition.config_schema.default_value if definition.config_schema.default_provided else ""
        )
    assert "hush" not in shown
    assert all(secret in shown for secret in SECRETS)


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example/hush",
        "http://127.0.0.1.crm.example/hush",
        "ftp://crm.example/hush",
        "https://u:hush/x@crm.example",
        "https://u:hush@crm.example",
    ],
)
def test_deliveries_leave_over_tls_only_and_a_bad_address_is_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(Unavailable, match="DELIVERY_URL") as told:
        _deployment(tmp_path, "prod", DELIVERY_URL=url)
    assert "hush" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    [
        "hush",
        "https://app:hush@mongo.example",
        "mongodb://",
        "mongodb:///hush",
        "mongodb://app:hush@",
        "mongodb://app:hush@/promo",
        "mongodb://app:hush@h@mongo.example",
        "mongodb://app:hush/@mongo.example",
        "mongodb://mongo.example:hush",
        "mongodb://a.example,,b.example",
        " mongodb://a.example",
    ],
)
def test_an_address_that_is_no_mongodb_s_is_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(Unavailable, match="^MONGO_URL is no address that can be used; allowed is ") as told:
        _deployment(tmp_path, "prod", MONGO_URL=url)
    assert "hush" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    [
        "mongodb://a.example",
        "mongodb://app:%40hush@a.example:27017,[::1]:27018/promo?replicaSet=rs0&authSource=admin&tls=true",
        "mongodb+srv://app:hush@cluster.example/?retryWrites=true",
        "mongodb://%2Ftmp%2Fmongodb-27017.sock/promo",
        "mongodb://a.example?directConnection=true",
    ],
)
def test_any_address_of_mongodb_is_allowed(tmp_path: Path, url: str) -> None:
    assert _deployment(tmp_path, "prod", MONGO_URL=url).settings["MONGO_URL"] == "set"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:8080"])
def test_on_loopback_deliveries_need_no_tls(tmp_path: Path, host: str) -> None:
    deployment = _deployment(tmp_path, "prod", DELIVERY_URL=f"http://{host}/in")
    assert deployment.settings["DELIVERY_URL"] == "set"


@dg.op
def asks_the_store(object_store: dg.ResourceParam[object]) -> None:
    """Needs one port."""


@dg.op
def asks_nobody() -> None:
    """Needs none."""


def test_a_missing_address_fails_the_runs_that_need_it_in_a_sentence_and_no_other(tmp_path: Path) -> None:
    resources = resources_for(_deployment(tmp_path, "prod", SNOWFLAKE_ACCOUNT="acme"))
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

    @dg.job(resource_defs=resources)
    def needs_it() -> None:
        asks_the_store()

    @dg.job(resource_defs=resources)
    def does_not() -> None:
        asks_nobody()

    assert does_not.execute_in_process(run_config=quiet).success
    failed = needs_it.execute_in_process(run_config=quiet, raise_on_error=False)
    said = [event.event_specific_data for event in failed.all_events if event.is_failure]
    assert "S3_BUCKET is not set, and deployment 'prod' has no embedded stand-in" in str(said)


def test_a_deployment_tells_no_secret() -> None:
    shown = repr(
        deployment_from(
            {"SNOWFLAKE_PASSWORD": "hush-password", "CRM_URL": "postgresql://crm:hush-crm@host/bank"}
        )
    )
    assert "hush" not in shown
