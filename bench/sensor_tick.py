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
from platform_assets.geo.arrival import version_of
from platform_assets.geo.raw_addresses import INCOMING, VERSION
from platform_assets.partitions import address_files, partition_of
from platform_assets.tables import asset_key
from resources.object_store import FolderObjectStore, ObjectStore, S3ObjectStore
from sensors.new_address_files import PAGE, Cursor, look

COUNTS = {"10k": 10_000, "100k": 100_000, "1M": 1_000_000}
_FEWER = 100
_RAW = asset_key("geo.raw_addresses")


def prepare(inputs: Path, is_small: bool) -> None:
    """Folders of links to one page of files, and for folder and server an instance that has loaded a page."""
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
    _load(FolderObjectStore(inputs / "1M"), inputs / "folder")
    with ListServer(PAGE) as server:
        _load(_s3(server), inputs / "s3")


def _load(store: ObjectStore, storage: Path) -> None:
    """An instance that has loaded the first page, which is what the sweep of a tick compares."""
    storage.mkdir()
    (storage / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    page = store.list(INCOMING, limit=PAGE)
    with dg.DagsterInstance.from_config(str(storage)) as instance:
        instance.add_dynamic_partitions(
            str(address_files.name), [partition_of(stored.key) for stored in page]
        )
        for stored in page:
            partition, version = partition_of(stored.key), version_of(stored)
            instance.report_runless_asset_event(
                dg.AssetMaterialization(_RAW, partition=partition, metadata={VERSION: version})
            )


def folder(name: str, inputs: Path, scratch: Path) -> Iterator[Result]:
    """A tick of a code server that has ticked before."""
    count = int((inputs / f"{name}.count").read_text())
    yield from _ticked(FolderObjectStore(inputs / name), inputs / "folder", count)


def s3(name: str, inputs: Path, scratch: Path) -> Iterator[Result]:
    """The same over HTTP; the server's own time is in it."""
    count = int((inputs / f"{name}.count").read_text())
    with ListServer(count) as server:
        yield from _ticked(_s3(server), inputs / "s3", count)


def _s3(server: ListServer) -> ObjectStore:
    os.environ |= {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
    return S3ObjectStore("bench", server.url, "us-east-1")


def _ticked(store: ObjectStore, storage: Path, count: int) -> Iterator[Result]:
    with dg.DagsterInstance.from_config(str(storage)) as instance:
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
