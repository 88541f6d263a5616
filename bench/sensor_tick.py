"""One tick of new_address_files when nothing is new, over prefixes of 10k, 100k and 1M objects.

Over folders, and over S3's protocol with a server that makes up its listing.
"""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import dagster as dg

from bench.list_server import ListServer, key_of
from bench.measuring import Bench, Claim, Result, Side, below, within
from platform_assets.geo.raw_addresses import INCOMING
from platform_assets.jobs import load_addresses
from platform_assets.partitions import address_files, partition_of, range_tags
from resources.object_store import FolderObjectStore, ObjectStore, S3ObjectStore
from sensors.new_address_files import PAGE, Cursor, look

COUNTS = {"10k": 10_000, "100k": 100_000, "1M": 1_000_000}
_FEWER = 100


def prepare(inputs: Path, is_small: bool) -> None:
    """Folders of links to one page of files, and an instance in which a load of all of them is under way.

    So each object of the swept page is looked up, which is the most that a tick with nothing new does.
    """
    fewer = _FEWER if is_small else 1
    pool = inputs / "pool"
    pool.mkdir()
    for number in range(PAGE):
        (pool / str(number)).write_text("LON,LAT,NUMBER,STREET\n")
    for name, wanted in COUNTS.items():
        count = max(wanted // fewer, 2 * PAGE)
        (inputs / name / INCOMING).mkdir(parents=True)
        (inputs / f"{name}.count").write_text(str(count))
        for number in range(count):
            os.link(pool / str(number % PAGE), inputs / name / key_of(number))
    storage = inputs / "instance"
    storage.mkdir()
    (storage / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    with dg.DagsterInstance.from_config(str(storage)) as instance:
        page = [partition_of(key_of(number)) for number in range(PAGE)]
        instance.add_dynamic_partitions(str(address_files.name), page)
        tags = range_tags(page[0], partition_of(key_of(max(COUNTS.values()))))
        instance.add_run(dg.DagsterRun(load_addresses.name, status=dg.DagsterRunStatus.STARTED, tags=tags))


def folder(name: str, inputs: Path, scratch: Path) -> Iterator[Result]:
    """A tick of a code server that has ticked before."""
    yield from _ticked(FolderObjectStore(inputs / name), inputs, int((inputs / f"{name}.count").read_text()))


def s3(name: str, inputs: Path, scratch: Path) -> Iterator[Result]:
    """The same over HTTP; the server's own time is in it."""
    count = int((inputs / f"{name}.count").read_text())
    with ListServer(count) as server:
        yield from _ticked(_s3(server), inputs, count)


def _s3(server: ListServer) -> ObjectStore:
    os.environ |= {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
    return S3ObjectStore("bench", server.url, "us-east-1")


def _ticked(store: ObjectStore, inputs: Path, count: int) -> Iterator[Result]:
    with dg.DagsterInstance.from_config(str(inputs / "instance")) as instance:
        cursor = str(Cursor(last_key=key_of(count - 1)))
        look(dg.build_sensor_context(instance=instance, cursor=cursor), store, is_confirm_required=False)
        context = dg.build_sensor_context(instance=instance, cursor=cursor)
        yield {}
        result = look(context, store, is_confirm_required=False)
        yield {}
        yield {"requests": len(result.run_requests or []), "swept": Cursor.parse(result.cursor).sweep_key}


_SIDES: dict[str, Side] = {f"folder_{name}": partial(folder, name) for name in COUNTS}
_SIDES |= {f"s3_{name}": partial(s3, name) for name in COUNTS}
BENCH = Bench(
    "sensor_tick",
    prepare,
    _SIDES,
    (
        Claim("a tick, folder of 1M objects: of 10k", "folder_1M", "folder_10k", *within(1.5)),
        Claim("a tick, folder of 1M objects: time", "folder_1M", "folder_100k", *below(1)),
        Claim("a tick, S3 prefix of 1M objects: of 10k", "s3_1M", "s3_10k", *within(1.5)),
        Claim("a tick, S3 prefix of 1M objects: time", "s3_1M", "s3_100k", *below(1)),
    ),
)
