"""The few named runs, and how large a pod each gets.

A run belongs here when a person, a sensor or a schedule starts it by name; what it makes is in the domains.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from platform_assets.history import prune_history
from platform_assets.partitions import quadrants, range_tags

LOADS = ("geo/raw_addresses", "geo/rejected_addresses", "geo/address_files")
EXTRACTS = ("crm/raw_customers", "crm/rejected_customers", "crm/raw_portfolios", "crm/rejected_portfolios")
SEGMENTS = (
    "promotions/sales",
    "promotions/rejected_sales",
    "promotions/sales_files",
    "promotions/segments",
)
LAUNCHES = ("promotions/assignments", "promotions/campaigns")

_MAX_RUNTIME = {"dagster/max_runtime": "7200"}


def _process(
    name: str, pod: tuple[str, str] = ("1", "2Gi"), tags: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What a job of this name has that is one process: `pod` is its CPUs and memory on Kubernetes."""
    cpu, memory = pod
    resources = {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory}}
    kubernetes = {"dagster-k8s/config": {"container_config": {"resources": resources}}}
    return {
        "name": name,
        "tags": {**_MAX_RUNTIME, **(tags or {}), "quadrant/job": name, **kubernetes},
        "executor_def": dg.in_process_executor,
    }


# A range of all four quadrants in one run; one that `locate_tweets` has just located is left as it is.
ALL_QUADRANTS = range_tags(
    quadrants.get_first_partition_key() or "", quadrants.get_last_partition_key() or ""
)

load_addresses = dg.define_asset_job(
    **_process("load_addresses"),
    selection=dg.AssetSelection.assets(*LOADS),
    description="Take address files in: one partition per file. Launching it by hand releases a file that waits.",
)

extract_crm = dg.define_asset_job(
    **_process("extract_crm"),
    selection=dg.AssetSelection.assets(*EXTRACTS),
    description="Extract what changed in the CRM since the last time, and what is gone from it.",
)

locate_tweets = dg.define_asset_job(
    **_process("locate_tweets", pod=("2", "4Gi")),
    selection=dg.AssetSelection.assets("tweets/located_tweets"),
    description="Locate the tweets of one quadrant in a run, and a pod, of its own.",
)

segment_shoppers = dg.define_asset_job(
    **_process("segment_shoppers"),
    selection=dg.AssetSelection.assets(*SEGMENTS),
    description="Take new sales in and segment the shoppers anew, before a campaign is launched.",
)

refresh = dg.define_asset_job(
    **_process("refresh", tags=ALL_QUADRANTS),
    selection=dg.AssetSelection.groups("geo", "crm", "tweets", "customer360", "promotions")
    - dg.AssetSelection.assets(*LOADS, *EXTRACTS, *LAUNCHES),
    description="Take new tweets in and bring everything up to date, addresses through customer 360 and promotions.",
)

replay_file = dg.define_asset_job(
    **_process("replay_file"),
    selection=dg.AssetSelection.assets(*LOADS),
    description="Take one address file in again although its version is known; a refresh follows.",
    config={"ops": {"geo__raw_addresses": {"config": {"again": True}}}},
)

repair_rejects = dg.define_asset_job(
    **_process("repair_rejects"),
    selection=dg.AssetSelection.assets(*LOADS),
    description="Hand the corrected rejects of one address file back: its partition, and the object with the sheet.",
    config={"ops": {"geo__raw_addresses": {"config": {"repaired": "geo/repaired/NAME.csv"}}}},
)

replay_quadrant = dg.define_asset_job(
    **_process("replay_quadrant", pod=("2", "4Gi")),
    selection=dg.AssetSelection.assets("tweets/located_tweets").downstream(),
    description="Locate the tweets of one quadrant anew, and bring up to date what depends on them.",
    config={"ops": {"tweets__located_tweets": {"config": {"again": True}}}},
)

list_files = dg.define_asset_job(
    # The next tick tries a batch again, and the one after it must not wait for hours.
    **_process("list_files", tags={"dagster/max_runtime": "900", "dagster/max_retries": "0"}),
    selection=dg.AssetSelection.groups("listings"),
    description="One batch of the listings: text, CSV, JSON, API. Its partition is the minute of its tick.",
)

repost_dead_letters = dg.define_asset_job(
    **_process("repost_dead_letters"),
    selection=dg.AssetSelection.assets("listings/posted_listings"),
    description="Post every dead document of the listings again, of any batch, once its cause is mended; the partition "
    "to choose is any batch.",
    config={"ops": {"listings__posted_listings": {"config": {"again": True}}}},
)

JOBS = (
    load_addresses,
    extract_crm,
    locate_tweets,
    segment_shoppers,
    refresh,
    replay_file,
    repair_rejects,
    replay_quadrant,
    list_files,
    repost_dead_letters,
    prune_history,
)
