"""A picture of the state: its quadrants, its dwellings, and where tweets were matched.

Drawing belongs here; what is drawn is read by the asset that shows it.
"""

from collections.abc import Mapping
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from platform_assets.geo.quadrants import SPLIT_LAT, SPLIT_LON
from platform_assets.pictures import png

TITLE: Final = "Connecticut, its quadrants and where tweets were matched"
COLOURS = {"customer": "#d1495b", "prospect": "#2e6f95", "unlocated": "#8a8d91"}
_INK, _PAPER, _LAND = "#2b2d31", "#ffffff", "#ccd2d8"


def draw(dwellings: pa.Table, tweets: pa.Table, counts: Mapping[str, int]) -> bytes:
    """A PNG of at most 100 kB: `dwellings` (lon, lat) as ground, `tweets` (lon, lat, category) above it.

    `counts` are tweets per category, for the legend.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.6), dpi=100, facecolor=_PAPER, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.scatter(*_points(dwellings), s=0.4, c=_LAND, linewidths=0, rasterized=True)
    for category, colour in COLOURS.items():
        chosen = tweets.filter(pc.equal(tweets.column("category"), category))
        axes.scatter(
            *_points(chosen),
            s=7,
            c=colour,
            linewidths=0,
            alpha=0.8,
            label=f"{category} {counts.get(category, 0):,}",
        )
    axes.axvline(SPLIT_LON, color=_INK, linewidth=0.7, linestyle=(0, (4, 3)))
    axes.axhline(SPLIT_LAT, color=_INK, linewidth=0.7, linestyle=(0, (4, 3)))
    for name, x, y in (
        ("northwest", 0.02, 0.97),
        ("northeast", 0.98, 0.97),
        ("southwest", 0.02, 0.03),
        ("southeast", 0.98, 0.03),
    ):
        axes.text(
            x,
            y,
            name,
            transform=axes.transAxes,
            ha="left" if x < 0.5 else "right",
            va="bottom" if y < 0.5 else "top",
            color=_INK,
            fontsize=9,
        )
    axes.set(xlim=(-73.78, -71.74), ylim=(40.96, 42.09), xticks=[], yticks=[])
    # A degree of longitude is shorter than one of latitude up here.
    axes.set_aspect(1 / 0.747)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=3, frameon=False, fontsize=9, markerscale=2
    )
    return png(canvas, 24)


def _points(rows: pa.Table) -> tuple[list[float], list[float]]:
    return rows.column("lon").to_pylist(), rows.column("lat").to_pylist()
