"""Every bench by name, in the order of the table."""

from bench import (
    addresses,
    assignments,
    code_location,
    effects,
    end_to_end,
    first_run,
    get_promotions,
    listing_parse,
    listing_posts,
    nearest,
    sales,
    segments,
    sensor_tick,
    tweet_log,
)

_ALL = (
    addresses.BENCH,
    nearest.BENCH,
    sales.BENCH,
    tweet_log.EMBEDDED,
    tweet_log.KAFKA,
    end_to_end.BENCH,
    sensor_tick.BENCH,
    get_promotions.BENCH,
    listing_parse.BENCH,
    segments.BENCH,
    assignments.BENCH,
    effects.BENCH,
    listing_posts.BENCH,
    code_location.BENCH,
    first_run.BENCH,
)
BENCHES = {bench.name: bench for bench in _ALL}
