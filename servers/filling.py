"""`python -m servers fill`: the sample world in the servers, where a deployment expects its data.

It fills what is empty and refuses the rest; what the world holds is made in `samples`.
"""

from collections.abc import Callable

from resources.crm_source.sql import SqlCrmSource
from resources.message_log import KafkaMessageLog
from resources.unavailable import Unavailable
from samples import crm, crm_server, world
from servers.installation import Installation
from servers.kafka import Kafka
from servers.postgresql import PostgreSql
from servers.s3 import S3

_AGAIN = (
    "to begin anew, make stop-servers and remove .quadrant/servers/kafka/data, s3/data and postgresql/data"
)


def fill(installation: Installation, say: Callable[[str], None], config: world.WorldConfig) -> None:
    """Put address and sales files, tweets and the CRM into the servers, the CRM last.

    Raises Unavailable when a server does not run, or holds data already.
    """
    kafka, s3, postgresql = Kafka(), S3(), PostgreSql()
    running = {server.name for server in installation.running()}
    for server in (kafka, s3, postgresql):
        if server.name not in running:
            raise Unavailable(
                f"{server.title} does not run: start it with python -m servers start {server.name}."
            )
    url = postgresql.settings(installation.place(postgresql))["CRM_URL"]
    _refuse_filled(url)
    made = world.make(config)
    with KafkaMessageLog(kafka.address(installation.place(kafka))) as log:
        if any(bounds.end for bounds in log.bounds(world.TOPIC).values()):
            raise Unavailable(f"Topic {world.TOPIC} has messages already; {_AGAIN}.")
        for key, blocks in made.objects():
            s3.put(installation.place(s3), key, b"".join(blocks))
        sent = log.append(world.TOPIC, made.tweets())
    crm_server.write(url, crm.tables(config.seed, made.people))
    say(
        f"The sample world is there: {len(made.people):,} customers and {sent:,} messages. Use it with make run."
    )


def _refuse_filled(url: str) -> None:
    try:
        found = len(SqlCrmSource(url).keys("customers"))
    except Unavailable:
        # No table, as it should be.
        return
    raise Unavailable(f"The CRM has {found:,} customers already; {_AGAIN}.")
