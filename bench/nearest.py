"""The nearest address within 50 m: the model located_tweets on DuckDB against geopandas' `sjoin_nearest`.

Both read points and addresses that are there already, and give every match with its distance.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from bench import inputs as made
from bench.measuring import Bench, Claim, Result, faster, within

POINTS = {"10k": 10_000, "100k": 100_000, "1M": 1_000_000}
_ADDRESSES = 2_000_000
_FEWER = 100
"""How much smaller a small bench is."""
METRIC = "+proj=tmerc +lat_0=41.6 +lon_0=-72.7 +R=6371000 +units=m +type=crs"
"""A metric projection of the sphere on which both sides measure, true to 0.01 % in Connecticut."""


def prepare(inputs: Path, is_small: bool) -> None:
    """Warehouses with tweets at random points, and the same points and addresses as arrays."""
    fewer = _FEWER if is_small else 1
    lon, lat = made.points(_ADDRESSES // fewer, seed=3)
    np.savez(inputs / "addresses.npz", lon=lon, lat=lat)
    for name, count in POINTS.items():
        lon, lat = made.points(count // fewer, seed=4)
        np.savez(inputs / f"{name}.npz", lon=lon, lat=lat)
        _fill(inputs, name)


def _fill(inputs: Path, name: str) -> None:
    """The tables that the model reads, as far as it reads them."""
    import pyarrow as pa

    from platform_assets.geo.quadrants import PARAMETERS
    from platform_assets.tweets.tweets import TWEETS
    from resources.sql import statement
    from resources.warehouse import DuckDbWarehouse

    addresses, points = np.load(inputs / "addresses.npz"), np.load(inputs / f"{name}.npz")
    warehouse = DuckDbWarehouse(inputs / f"{name}.duckdb")
    with warehouse.spool("geo.addresses") as homes, warehouse.spool("tweets.raw_tweets") as tweets:
        ids = pa.array(np.arange(len(addresses["lon"]))).cast(pa.string())
        homes.write(
            pa.table({"address_id": ids, "building_id": ids, "lon": addresses["lon"], "lat": addresses["lat"]}),
            house_number="1", street="ELM ST", unit="", city="HARTFORD", building_dwellings=1, sources=1, files="",
        )  # fmt: skip
        offsets = pa.array(np.arange(len(points["lon"])))
        tweets.write(
            pa.table({"tweet_id": offsets.cast(pa.string()), "log_offset": offsets, **points}),
            topic="tweets", log_partition=0, shape="v2", text="",
        )  # fmt: skip
        with warehouse.session() as session:
            session.append(homes)
            session.append(tweets)
            session.build(TWEETS, values=PARAMETERS)
            session.execute(statement("DELETE FROM tweets.raw_tweets"), {})


def ours(name: str, inputs: Path, scratch: Path) -> Iterator[Result]:
    """The four parts of tweets.located_tweets."""
    import shutil

    from platform_assets.geo.quadrants import QUADRANTS
    from platform_assets.tweets.located_tweets import LOCATED_TWEETS
    from resources.warehouse import DuckDbWarehouse

    warehouse = DuckDbWarehouse(Path(shutil.copy(inputs / f"{name}.duckdb", scratch)))
    with warehouse.session():
        pass
    yield {}
    with warehouse.session() as session:
        for quadrant in QUADRANTS:
            session.build(LOCATED_TWEETS, ("quadrant", quadrant), {"quadrant": quadrant})
    yield {"units": float(len(np.load(inputs / f"{name}.npz")["lon"]))}
    with warehouse.session() as session:
        (found,) = session.rows(
            "SELECT COUNT(*) AS matched, SUM(distance_m) AS distance_m FROM tweets.located_tweets"
        )
    yield {"matched": int(str(found["matched"])), "distance_m": float(str(found["distance_m"]))}


def geopandas_nearest(inputs: Path, scratch: Path) -> Iterator[Result]:
    """Points to a metric projection, `sjoin_nearest`, and the exact distance where it has to be told."""
    import geopandas as gpd  # type: ignore[import-untyped]

    from bench.sphere import distance_m

    addresses, points = np.load(inputs / "addresses.npz"), np.load(inputs / "100k.npz")
    sites = {
        name: (each["lon"], each["lat"]) for name, each in (("addresses", addresses), ("points", points))
    }
    yield {}
    frames = {
        name: gpd.GeoDataFrame(
            {"lon": lon, "lat": lat}, geometry=gpd.points_from_xy(lon, lat, crs="EPSG:4326").to_crs(METRIC)
        )
        for name, (lon, lat) in sites.items()
    }
    joined = frames["points"].sjoin_nearest(frames["addresses"], max_distance=50.1)
    exact = distance_m(joined["lon_left"], joined["lat_left"], joined["lon_right"], joined["lat_right"])
    joined["distance_m"] = exact.round(3)
    joined = joined[joined["distance_m"] <= 50]
    yield {"units": float(len(points["lon"]))}
    nearest = joined.groupby(level=0)["distance_m"].min()
    yield {"matched": len(nearest), "distance_m": float(nearest.sum())}


SIDES: dict[str, Callable[[Path, Path], Iterator[Result]]] = {name: partial(ours, name) for name in POINTS}
BENCH = Bench(
    "nearest",
    prepare,
    {**SIDES, "geopandas": geopandas_nearest},
    (
        Claim("a point's nearest of 2M addresses, 100k points: geopandas", "100k", "geopandas", *faster(4)),
        Claim("a point of 1M against a point of 100k", "1M", "100k", *within(1.2), agree=False),
        Claim("a point of 100k against a point of 10k", "100k", "10k", *within(1.2), agree=False),
    ),
)
