"""The whole graph once more, over the wire: the protocols of Snowflake, S3, Kafka and MongoDB in place of the embedded adapters."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from platform_assets.console.ports import of_a_run, opened
from platform_assets.definitions import definitions_for
from resources.deployments import deployment_from
from samples import world
from samples.listing_tree import FOLDER
from tests.graph import SMALL, Graph, graph_at, own_copy
from tests.http_services import listing_service
from tests.servers import S3_ACCESS_KEY, S3_SECRET_KEY, kafka_server, mongo_server, s3_server
from tests.warehouse_servers import SnowflakeServer

COMPARED = {
    "geo.addresses": "address_id, lon, lat, quadrant, building_dwellings, sources",
    "crm.customer_homes": "customer_id, address_id, method, score",
    "crm.households": "household_id, kind, customers, head_customer_id",
    "tweets.located_tweets": "tweet_id, address_id, distance_m, runner_up_distance_m",
    "tweets.scored_tweets": "tweet_id, language, topic, is_complaint",
    "customer360.categories": "tweet_id, category, customer_id, match_level",
    "customer360.support_cases": "case_id, state, priority, complaints",
    "customer360.offers": "offer_id, rule_id",
    "customer360.household_merges": "household_id, customers",
    "promotions.segments": "user_id, segment, frequency, monetary_eur",
    "promotions.assignments": "user_id, is_holdout, stored_id",
    "promotions.uses": "stored_id, user_id, used_request_id",
    "promotions.effects": "campaign_id, uses, incremental_revenue_eur, revenue_low_eur, revenue_high_eur, verdict",
    "listings.rejected_listings": "source, line, reason, raw",
    "listings.listing_csv": "line, mode, link_target, size_bytes",
    "listings.posted_listings": "state, attempts",
}


@pytest.fixture
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    """The same world, after its first run on the embedded adapters."""
    with graph_at(own_copy(tmp_path_factory)) as graph:
        yield graph


@pytest.fixture
def dev(tmp_path: Path, snowflake: SnowflakeServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Graph]:
    made = world.make(SMALL)
    world.write(made, tmp_path / "dev")
    with (
        s3_server(tmp_path / "s3") as s3,
        kafka_server() as brokers,
        mongo_server() as mongo,
        listing_service(tmp_path / "dev") as api,
    ):
        settings = {
            "QUADRANT_DEPLOYMENT": "dev",
            "QUADRANT_HOME": str(tmp_path / "dev"),
            "SNOWFLAKE_ACCOUNT": "fakesnow",
            "SNOWFLAKE_USER": "fake",
            "SNOWFLAKE_PASSWORD": "snow",
            "SNOWFLAKE_DATABASE": snowflake.new_database(),
            "SNOWFLAKE_HOST": "localhost",
            "SNOWFLAKE_PORT": str(snowflake.port),
            "SNOWFLAKE_PROTOCOL": "http",
            "S3_BUCKET": s3.new_bucket(),
            "S3_ENDPOINT_URL": s3.url,
            "KAFKA_BOOTSTRAP_SERVERS": brokers,
            "MONGO_URL": mongo,
            "LISTING_ROOT": str(tmp_path / "dev" / FOLDER),
            "LISTING_API_URL": api.url,
            "CRM_URL": f"sqlite:///{tmp_path / 'dev' / 'crm.sqlite'}",
        }
        secrets = {
            "AWS_ACCESS_KEY_ID": S3_ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": S3_SECRET_KEY,
            "AWS_REGION": "us-east-1",
            "SNOWFLAKE_PASSWORD": "snow",
            "CRM_URL": settings["CRM_URL"],
            "MONGO_URL": mongo,
        }
        for name, value in secrets.items():
            monkeypatch.setenv(name, value)
        deployment = deployment_from(settings)
        with (
            opened(deployment, "message_log", *of_a_run(deployment)) as ports,
            dg.DagsterInstance.ephemeral() as instance,
        ):
            for key, blocks in made.objects():
                ports.object_store.put(key, b"".join(blocks))
            ports.message_log.append("tweets", made.tweets())
            graph = Graph(deployment, definitions_for(deployment), instance, ports)
            graph.bring_up_to_date()
            yield graph


def test_every_table_is_the_same_on_snowflake_s3_kafka_and_mongodb(local: Graph, dev: Graph) -> None:
    for table, columns in COMPARED.items():
        text = f"SELECT {columns} FROM {table} ORDER BY {columns}"
        ours, theirs = local.rows(text), dev.rows(text)
        assert ours, table
        assert len(theirs) == len(ours), table
        for one, other in zip(ours, theirs, strict=True):
            assert one == pytest.approx(other), table
