"""The whole graph on real servers, by Dagster's own daemon: the same tables as a local deployment, quadrants side by side."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import dagster as dg
import pytest

from platform_assets.console.ports import Ports, opened
from platform_assets.console.run import arrivals, loads
from platform_assets.geo.quadrants import QUADRANTS
from platform_assets.tables import POOL
from resources.deployments import deployment_from
from resources.sql import statement
from samples import crm, crm_server, world
from servers.snowflake import ACCOUNT, Snowflake
from tests.graph import SMALL, Graph, graph_at
from tests.http_services import NOWHERE
from tests.real.broker import own_broker
from tests.real.gate import Gate, gate_before
from tests.real.site import Site, eventually, site
from tests.real_servers import RealServers
from tests.test_dev_deployment import COMPARED

STALE = "UPDATE ledger.table_versions SET inputs = 'stale' WHERE table_name = 'tweets.located_tweets'"


@dataclass(frozen=True)
class Production:
    """A deployment on real servers, whose every run has ended well."""

    site: Site
    ports: Ports
    gate: Gate

    def rows(self, table: str) -> list[dict[str, object]]:
        """The compared columns of a table."""
        columns = COMPARED[table]
        with self.ports.warehouse.session("test") as session:
            return session.rows(f"SELECT {columns} FROM {table} ORDER BY {columns}")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    home = tmp_path_factory.mktemp("local") / "home"
    world.write(world.make(SMALL), home)
    with graph_at(home) as graph:
        graph.bring_up_to_date()
        yield graph


@pytest.fixture(scope="module")
def production(real: RealServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """The sample world, taken in by jobs that the daemon runs."""
    home = tmp_path_factory.mktemp("production")
    with (
        own_broker(real, home) as broker,
        gate_before(real.place(Snowflake()).port) as gate,
        real.postgresql() as crm_url,
        real.dagster_storage() as storage,
        pytest.MonkeyPatch.context() as patch,
    ):
        settings = {**_settings(real, gate.port, crm_url), **storage}
        settings["KAFKA_BOOTSTRAP_SERVERS"] = broker.address
        for name, value in settings.items():
            patch.setenv(name, value)
        with (
            opened(deployment_from(settings), "warehouse", "object_store", "message_log") as ports,
            site(home / "dagster", settings) as dagster,
        ):
            _fill(ports, crm_url)
            for tags in loads(dagster.instance, arrivals(ports.object_store, ports.warehouse)):
                dagster.launch("load_addresses", **tags)
            dagster.launch("extract_crm")
            dagster.launch("refresh")
            yield Production(dagster, ports, gate)


def test_every_table_is_the_same_as_in_a_local_deployment(local: Graph, production: Production) -> None:
    # The campaign of the sample world is one of `make run`; after it the local shoppers have bought more.
    # Listings are of the minute of a tick.
    told = {t: columns for t, columns in COMPARED.items() if not t.startswith(("promotions.", "listings."))}
    for table, columns in told.items():
        ours = local.rows(f"SELECT {columns} FROM {table} ORDER BY {columns}")
        theirs = production.rows(table)
        assert ours, table
        assert len(theirs) == len(ours), table
        for one, other in zip(ours, theirs, strict=True):
            assert one == pytest.approx(other), table


def test_four_quadrants_are_located_at_one_time(production: Production) -> None:
    before = production.rows("tweets.located_tweets")
    assert before
    with production.ports.warehouse.session("test") as session:
        session.execute(statement(STALE), {})
        session.execute(statement("DELETE FROM tweets.located_tweets"), {})
    dagster, partitions = production.site, ",".join(QUADRANTS)
    with production.gate.shut():
        dagster.command("job", "backfill", "-j", "locate_tweets", "--partitions", partitions, "--noprompt")
        # Each run has taken its slot and stands before the warehouse: so they work side by side.
        eventually(lambda: _slots(dagster.instance) == len(QUADRANTS) or None)
    runs = dagster.finished("locate_tweets", len(QUADRANTS), set())
    assert {run.status for run in runs} == {dg.DagsterRunStatus.SUCCESS}
    assert sorted(run.tags["dagster/partition"] for run in runs) == sorted(QUADRANTS)
    spans = [dagster.instance.get_run_step_stats(run.run_id)[0] for run in runs]
    assert max(span.start_time or 0 for span in spans) < min(span.end_time or 0 for span in spans)
    assert production.rows("tweets.located_tweets") == before


def test_a_second_refresh_finds_nothing_to_do(production: Production) -> None:
    production.site.launch("refresh")
    with production.ports.warehouse.session("test") as session:
        versions = session.rows("SELECT table_name, part, version, written_at FROM ledger.table_versions")
    production.site.launch("refresh")
    with production.ports.warehouse.session("test") as session:
        assert (
            session.rows("SELECT table_name, part, version, written_at FROM ledger.table_versions")
            == versions
        )


def _settings(real: RealServers, warehouse_port: int, crm_url: str) -> dict[str, str]:
    s3 = real.s3()
    return {
        **ACCOUNT,
        "QUADRANT_DEPLOYMENT": "dev",
        "SNOWFLAKE_DATABASE": real.stand_in().new_database(),
        "SNOWFLAKE_PORT": str(warehouse_port),
        "S3_BUCKET": s3.new_bucket(),
        "S3_ENDPOINT_URL": s3.url,
        "AWS_ACCESS_KEY_ID": s3.access_key,
        "AWS_SECRET_ACCESS_KEY": s3.secret_key,
        "AWS_REGION": "us-east-1",
        "CRM_URL": crm_url,
        # The daemon ticks; what landed waits for an API that is away.
        "LISTING_API_URL": NOWHERE,
        "MONGO_URL": real.mongodb(f"t{uuid.uuid4().hex[:12]}"),
    }


def _fill(ports: Ports, crm_url: str) -> None:
    made = world.make(SMALL)
    crm_server.write(crm_url, crm.tables(SMALL.seed, made.people))
    for key, blocks in made.objects():
        ports.object_store.put(key, b"".join(blocks))
    ports.message_log.append(world.TOPIC, made.tweets())


def _slots(instance: dg.DagsterInstance) -> int:
    return instance.event_log_storage.get_concurrency_info(POOL).active_slot_count
