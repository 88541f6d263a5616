import csv
import io

import pytest

from samples import world
from samples.world import World, WorldConfig

SMALL = WorldConfig(addresses=2_000, customers=300, tweets=400, seed=7, shoppers=200)


@pytest.fixture(scope="session")
def small_world() -> World:
    """The smallest comfortable world, made once and never written to."""
    return world.make(SMALL)


@pytest.fixture(scope="session")
def truth(small_world: World) -> dict[str, list[dict[str, str]]]:
    """Its truth by table, read as a scorer would read it."""
    files = dict(small_world.truth())
    return {
        name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(content.decode())))
        for name, content in files.items()
        if name.endswith(".csv")
    }
