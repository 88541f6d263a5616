"""Pictures as asset pages show them: small, because Dagster keeps one at every materialization.

What is drawn belongs to the picture's own module.
"""

import base64
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import FigureCanvasAgg


def png(canvas: "FigureCanvasAgg", colours: int) -> bytes:
    """What is on a canvas as PNG, in a palette of so many colours."""
    import numpy as np
    from PIL import Image

    canvas.draw()  # type: ignore[no-untyped-call]
    buffer = io.BytesIO()
    pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    Image.fromarray(pixels).convert("RGB").quantize(colours).save(buffer, "png", optimize=True)
    return buffer.getvalue()


def as_markdown(picture: bytes, title: str) -> str:
    """A PNG inside Markdown."""
    return f"![{title}](data:image/png;base64,{base64.b64encode(picture).decode()})"
