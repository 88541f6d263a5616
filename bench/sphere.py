"""Distances on the sphere of Snowflake's HAVERSINE, in numpy, for sides that have no warehouse."""

import numpy as np
import numpy.typing as npt

RADIUS_M = 6_371_000.0


def distance_m(
    lon: npt.ArrayLike, lat: npt.ArrayLike, other_lon: npt.ArrayLike, other_lat: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Great-circle distances in metres of points in degrees, by the haversine formula."""
    x, y, other_x, other_y = (np.radians(np.asarray(each)) for each in (lon, lat, other_lon, other_lat))
    root = np.sin((other_y - y) / 2) ** 2 + np.cos(y) * np.cos(other_y) * np.sin((other_x - x) / 2) ** 2
    return np.asarray(2 * RADIUS_M * np.arcsin(np.sqrt(root)))
