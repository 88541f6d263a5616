"""The partitions of the graph. Few and coarse: Dagster stays quick below some ten thousand.

A new dimension belongs here with the reason for its grain; what runs on it does not.
"""

import re

import dagster as dg

from platform_assets.geo.quadrants import QUADRANTS

quadrants = dg.StaticPartitionsDefinition(list(QUADRANTS))
"""Four parts of the state: one pod each in production, one range in a local run."""

address_files = dg.DynamicPartitionsDefinition(name="address_files")
"""One partition per object key, so that a missing file, its rows and its failure are seen and can be run again."""

campaigns = dg.DynamicPartitionsDefinition(name="campaigns")
"""One partition per campaign id, so that each campaign's launch and its failure are seen; a few hundred in a year."""

listing_batches = dg.DynamicPartitionsDefinition(name="listing_batches")
"""One partition per tick of the listings, by its minute; those of the last day are kept, at most 1,440."""

PARTITION = "dagster/partition"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
"""Tags by which Dagster knows the partition, or the range of partitions, of a run."""


def range_tags(first: str, last: str) -> dict[str, str]:
    """Tags of one run of all partitions from `first` to `last`."""
    return {RANGE_START: first, RANGE_END: last}


# Dagster refuses these in a partition's name; a percent sign must stay readable back.
_REFUSED = re.compile(r"%|\.\.\.|[\x00-\x1f]|,")


def partition_of(key: str) -> str:
    """The partition of an object key; `key_of` reads it back."""
    return _REFUSED.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), key)


def key_of(partition: str) -> str:
    """The object key of a partition."""
    return re.sub(r"%([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), partition)
