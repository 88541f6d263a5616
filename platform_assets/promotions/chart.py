"""A picture of effects: for each campaign what a treated shopper brought more, with its interval.

Drawing belongs here; what is drawn is read by the asset that shows it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from platform_assets.pictures import png

TITLE: Final = "What each campaign brought"
SHOWN: Final = 15
_INK, _PAPER, _SURE, _UNSURE = "#2b2d31", "#ffffff", "#2e6f95", "#9a9da1"


def draw(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A PNG of at most 50 kB of rows of `promotions.effects`: those measured last, and that have an interval."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = [row for row in rows if row["revenue_low_eur"] is not None]
    shown = sorted(shown, key=lambda row: (row["measured_to"], row["campaign_id"]))[-SHOWN:]
    figure = Figure(figsize=(7.2, 1.3 + 0.34 * len(shown)), dpi=100, facecolor=_PAPER, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.axvline(0, color=_INK, linewidth=0.8, linestyle=(0, (4, 3)))
    for place, row in enumerate(shown):
        colour = _SURE if row["is_significant"] and row["is_balanced"] else _UNSURE
        axes.plot(
            [row["revenue_low_eur"], row["revenue_high_eur"]], [place, place], color=colour, linewidth=2.2
        )
        axes.plot(row["incremental_revenue_eur"], place, "o", color=colour, markersize=6)
    axes.set_yticks(range(len(shown)), [_name(row) for row in shown], fontsize=9, color=_INK)
    axes.set_xlabel("EUR more per shopper than those held out, 95 % interval; grey may be chance", fontsize=9)
    axes.set_ylim(-0.7, len(shown) - 0.3)
    for spine in ("top", "right", "left"):
        axes.spines[spine].set_visible(False)
    return png(canvas, 16)


def _name(row: Mapping[str, Any]) -> str:
    return str(row["campaign_id"]) + (" (running)" if row["state"] == "running" else "")
