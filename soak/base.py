"""The world that a series begins with, written where the deployment reads its sources.

Embedded sources are a sample world; real ones get its files, messages and CRM over their own protocols.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import dagster as dg
import sqlalchemy as sa

from platform_assets.console import sample_campaign
from resources.deployments import Deployment, resources_for
from resources.message_log import SqliteMessageLog
from resources.unavailable import Unavailable
from samples import sales, world
from samples.world import TOPIC, World
from soak.sides import Opened

PARTITIONS = 4


def emptied(home: Path) -> None:
    """Remove what an earlier series left. Raises Unavailable for a folder that is none of a series."""
    mark = home / ".soak"
    if home.exists() and any(home.iterdir()) and not mark.exists():
        raise Unavailable(f"{home} holds something that no soak made; name another folder with --home.")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    mark.touch()


def write(made: World, deployment: Deployment, opened: Opened) -> None:
    """Write the world into the sources. Raises Unavailable when the topic or the bucket is not empty.

    Its campaign is over before it began: launched on one side, its sales would be those of both.
    """
    _write(made, deployment, opened)
    campaign = str(sample_campaign.GIVEN["campaign_id"])
    opened.object_store.put(sales.campaign_key(campaign), f"{sales.HEADER}\n".encode())


def _write(made: World, deployment: Deployment, opened: Opened) -> None:
    if not {"S3_BUCKET", "KAFKA_BOOTSTRAP_SERVERS", "CRM_URL"} & deployment.settings.keys():
        with SqliteMessageLog(deployment.home / "log.sqlite", PARTITIONS) as log:
            log.append(TOPIC, [])
        world.write(made, deployment.home)
        return
    if any(bounds.end for bounds in opened.message_log.bounds(TOPIC).values()):
        raise Unavailable(f"{opened.message_log.uri(TOPIC)} holds messages; a series needs an empty topic.")
    if opened.object_store.list("", limit=1):
        raise Unavailable(f"{opened.object_store.uri()} holds objects; a series needs an empty bucket.")
    for key, blocks in made.objects():
        opened.object_store.put(key, b"".join(blocks))
    opened.message_log.append(TOPIC, made.tweets())
    crm = engine(deployment)
    if not sa.inspect(crm).has_table("customers"):
        _copy_crm(made, deployment.home / "sample-crm.sqlite", crm)


def engine(deployment: Deployment) -> sa.Engine:
    """The CRM as somebody who writes to it sees it."""
    url = resources_for(deployment)["crm_source"].url
    text = url.get_value() if isinstance(url, dg.EnvVar) else url
    return sa.create_engine(str(text), poolclass=sa.NullPool, hide_parameters=True)


def _copy_crm(made: World, path: Path, crm: sa.Engine) -> None:
    """All columns as text: what is wrong in the sample stays wrong, except bytes that no text is."""
    made.write_crm(path)
    with closing(sqlite3.connect(path)) as file, crm.begin() as connection:
        file.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
        for table in ("customers", "portfolios"):
            rows = file.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in rows.description]
            target = sa.Table(table, sa.MetaData(), *(sa.Column(name, sa.Text) for name in names))
            target.create(connection)
            listed = [dict(zip(names, map(_text, row), strict=True)) for row in rows]
            connection.execute(target.insert(), listed)


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return None if value is None else str(value)
