"""What operators do by hand: take a file or the topic in again, locate a quadrant anew, hand corrected rejects back.

Each is a job that the UI has too; here it runs in this process, with its progress, and a refresh follows.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from rich.console import Console

from platform_assets import jobs
from platform_assets.console.ports import Ports
from platform_assets.console.progress import Progress
from platform_assets.geo.quadrants import QUADRANTS
from platform_assets.geo.repair import corrections, sheet
from platform_assets.geo.repaired_rejects import rejects
from platform_assets.partitions import PARTITION, address_files, partition_of, range_tags
from platform_assets.promotions.campaign import campaign_from
from platform_assets.promotions.launch_campaign import TAG
from platform_assets.tweets.replay import from_settings
from resources.unavailable import Unavailable
from resources.warehouse import Warehouse

REPAIRED = "geo/repaired/"


def sheet_of(file: str, warehouse: Warehouse) -> str:
    """The rejects of a file as CSV; raises Unavailable when it has none."""
    with warehouse.session("rejects") as session:
        found = rejects(session, file)
    if not found:
        raise Unavailable(
            f"{file} has no rejects: it is not loaded, or every record of it is a row; "
            "geo.address_files tells which files have some."
        )
    return sheet(found)


def repair(console: Console, definitions: dg.Definitions, ports: Ports, path: str) -> None:
    """Put a corrected sheet into the object store, and run `repair_rejects` with it."""
    if not Path(path).is_file():
        raise Unavailable(f"There is no file {path!r}; give the path of the corrected sheet.")
    data = Path(path).read_bytes()
    given = corrections(data.decode("utf-8", errors="backslashreplace"))
    key = f"{REPAIRED}{Path(given.file).name}.{hashlib.sha256(data).hexdigest()[:12]}.csv"
    ports.object_store.put(key, data)
    config = {"ops": {"geo__raw_addresses": {"config": {"repaired": key}}}}
    _run(console, definitions, jobs.repair_rejects.name, _of_file(given.file), config)


def replay_file(console: Console, definitions: dg.Definitions, file: str) -> None:
    """Run `replay_file` for an object key."""
    config = {"ops": {"geo__raw_addresses": {"config": {"again": True}}}}
    _run(console, definitions, jobs.replay_file.name, _of_file(file), config)


def replay_quadrant(console: Console, definitions: dg.Definitions, quadrant: str) -> None:
    """Run `replay_quadrant`; raises Unavailable for a quadrant that is none."""
    if quadrant not in QUADRANTS:
        raise Unavailable(f"There is no quadrant {quadrant!r}; there are {', '.join(QUADRANTS)}.")
    config = {"ops": {"tweets__located_tweets": {"config": {"again": True}}}}
    _run(console, definitions, jobs.replay_quadrant.name, range_tags(quadrant, quadrant), config)


def replay_topic(
    console: Console, definitions: dg.Definitions, offsets: Sequence[str], time: str, *, is_earliest: bool
) -> None:
    """Run `replay_topic`; `offsets` are texts such as 0=1200. Raises Unavailable unless one place is given."""
    found = {partition: offset for partition, _, offset in (each.partition("=") for each in offsets)}
    if wrong := [each for each in offsets if not re.fullmatch(r"[0-9]+=[0-9]+", each)]:
        raise Unavailable(f"--from-offset is {wrong[0]!r}: give PARTITION=OFFSET, such as 0=1200.")
    from_offsets = {partition: int(offset) for partition, offset in found.items()}
    if bool(from_offsets) + bool(time) + is_earliest != 1:
        raise Unavailable("A replay begins at one place: give --earliest, or --from-time, or --from-offset.")
    from_settings(from_offsets, time, is_earliest=is_earliest)
    place = {"from_offsets": from_offsets, "from_time": time, "earliest": is_earliest}
    _run(console, definitions, "replay_topic", {}, {"ops": {"move_back": {"config": place}}})


def launch_campaign(console: Console, definitions: dg.Definitions, given: Mapping[str, Any]) -> None:
    """Run `launch_campaign` with the fields of a campaign; raises Unavailable for what may not be launched."""
    inputs = campaign_from(given)
    config = {name: value for name, value in given.items() if value is not None}
    config["audience"] = list(inputs.audience)
    tags = {TAG: inputs.campaign_id}
    _run(console, definitions, "launch_campaign", tags, {"ops": {"launch": {"config": config}}})


def _of_file(file: str) -> dict[str, str]:
    return {PARTITION: partition_of(file)}


def _run(
    console: Console,
    definitions: dg.Definitions,
    name: str,
    tags: Mapping[str, str],
    config: Mapping[str, Any],
) -> None:
    with dg.DagsterInstance.get() as instance, Progress(console) as progress:
        file = tags.get(PARTITION)
        if file and not instance.has_dynamic_partition(str(address_files.name), file):
            raise Unavailable(f"{file} was never taken in; `make run` takes new files in.")
        progress.run(definitions.resolve_job_def(name), instance, tags, config)
        if name != jobs.replay_quadrant.name:
            progress.run(definitions.resolve_job_def(jobs.refresh.name), instance)
