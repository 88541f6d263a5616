"""The two sides of a series have what the graph that runs on them asks for."""

import dataclasses

import dagster as dg

from platform_assets.definitions import ASSETS
from soak.sides import Opened


def test_a_side_has_every_port_that_the_graph_asks_for() -> None:
    asked = {
        key
        for asset in ASSETS
        if isinstance(asset, dg.AssetsDefinition)
        for key in asset.required_resource_keys
    }
    assert asked - {"io_manager"} <= {field.name for field in dataclasses.fields(Opened)}
