"""The few named runs, and how large a pod each gets.

A run belongs here when a person, a sensor or a schedule starts it by name; what it makes is in the domains.
"""

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


def _pod(cpu: str, memory: str) -> dict[str, object]:
    size = {"cpu": cpu, "memory": memory}
    return {"container_config": {"resources": {"requests": size, "limits": {"memory": memory}}}}


# A range of all four quadrants in one run; one that `locate_tweets` has just located is left as it is.
ALL_QUADRANTS = range_tags(
    quadrants.get_first_partition_key() or "", quadrants.get_last_partition_key() or ""
)

load_addresses = dg.define_asset_job(
    "load_addresses",
    selection=dg.AssetSelection.assets(*LOADS),
    description="Take address files in: one partition per file. Launching it by hand releases a file that waits.",
    tags={**_MAX_RUNTIME, "quadrant/job": "load_addresses", "dagster-k8s/config": _pod("1", "2Gi")},
    executor_def=dg.in_process_executor,
)

extract_crm = dg.define_asset_job(
    "extract_crm",
    selection=dg.AssetSelection.assets(*EXTRACTS),
    description="Extract what changed in the CRM since the last time, and what is gone from it.",
    tags={**_MAX_RUNTIME, "quadrant/job": "extract_crm", "dagster-k8s/config": _pod("1", "2Gi")},
    executor_def=dg.in_process_executor,
)

locate_tweets = dg.define_asset_job(
    "locate_tweets",
    selection=dg.AssetSelection.assets("tweets/located_tweets"),
    description="Locate the tweets of one quadrant in a run, and a pod, of its own.",
    tags={**_MAX_RUNTIME, "quadrant/job": "locate_tweets", "dagster-k8s/config": _pod("2", "4Gi")},
    executor_def=dg.in_process_executor,
)

segment_shoppers = dg.define_asset_job(
    "segment_shoppers",
    selection=dg.AssetSelection.assets(*SEGMENTS),
    description="Take new sales in and segment the shoppers anew, before a campaign is launched.",
    tags={**_MAX_RUNTIME, "quadrant/job": "segment_shoppers", "dagster-k8s/config": _pod("1", "2Gi")},
    executor_def=dg.in_process_executor,
)

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.groups("geo", "crm", "tweets", "customer360", "promotions")
    - dg.AssetSelection.assets(*LOADS, *EXTRACTS, *LAUNCHES),
    description="Take new tweets in and bring everything up to date, addresses through customer 360 and promotions.",
    tags={
        **_MAX_RUNTIME,
        **ALL_QUADRANTS,
        "quadrant/job": "refresh",
        "dagster-k8s/config": _pod("1", "2Gi"),
    },
    executor_def=dg.in_process_executor,
)

replay_file = dg.define_asset_job(
    "replay_file",
    selection=dg.AssetSelection.assets(*LOADS),
    description="Take one address file in again although its version is known; a refresh follows.",
    config={"ops": {"geo__raw_addresses": {"config": {"again": True}}}},
    tags={**_MAX_RUNTIME, "quadrant/job": "replay_file", "dagster-k8s/config": _pod("1", "2Gi")},
    executor_def=dg.in_process_executor,
)

repair_rejects = dg.define_asset_job(
    "repair_rejects",
    selection=dg.AssetSelection.assets(*LOADS),
    description="Hand the corrected rejects of one address file back: its partition, and the object with the sheet.",
    config={"ops": {"geo__raw_addresses": {"config": {"repaired": "geo/repaired/NAME.csv"}}}},
    tags={**_MAX_RUNTIME, "quadrant/job": "repair_rejects", "dagster-k8s/config": _pod("1", "2Gi")},
    executor_def=dg.in_process_executor,
)

replay_quadrant = dg.define_asset_job(
    "replay_quadrant",
    selection=dg.AssetSelection.assets("tweets/located_tweets").downstream(),
    description="Locate the tweets of one quadrant anew, and bring up to date what depends on them.",
    config={"ops": {"tweets__located_tweets": {"config": {"again": True}}}},
    tags={**_MAX_RUNTIME, "quadrant/job": "replay_quadrant", "dagster-k8s/config": _pod("2", "4Gi")},
    executor_def=dg.in_process_executor,
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
    prune_history,
)
