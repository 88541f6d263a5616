"""A picture of the shoppers: recency across, frequency upwards, each cell coloured by how many there are.

Drawing belongs here; what is drawn is read by the asset that shows it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from platform_assets.pictures import png

TITLE: Final = "Shoppers by recency and frequency"
_INK, _PAPER = "#2b2d31", "#ffffff"
_SCORES = range(1, 6)


def draw(cells: Iterable[Mapping[str, object]]) -> bytes:
    """A PNG of at most 50 kB; `cells` have recency_score and frequency_score, 1 to 5, and shoppers, a count."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    counts = np.zeros((5, 5), np.int64)
    for cell in cells:
        recency, frequency = (int(str(cell[f"{name}_score"])) for name in ("recency", "frequency"))
        counts[frequency - 1, recency - 1] = int(str(cell["shoppers"]))
    figure = Figure(figsize=(5.2, 4.4), dpi=100, facecolor=_PAPER, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    most = max(1, int(counts.max()))
    axes.imshow(counts, cmap="Blues", origin="lower", vmin=0, vmax=most)
    for place, shoppers in np.ndenumerate(counts):
        ink = _PAPER if shoppers > 0.6 * most else _INK
        axes.text(place[1], place[0], f"{shoppers:,}", ha="center", va="center", color=ink, fontsize=9)
    axes.set_xticks(range(5), list(map(str, _SCORES)))
    axes.set_yticks(range(5), list(map(str, _SCORES)))
    axes.set_xlabel("recency: 5 bought last", color=_INK)
    axes.set_ylabel("frequency: 5 buys most often", color=_INK)
    axes.tick_params(length=0, colors=_INK)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return png(canvas, 32)
