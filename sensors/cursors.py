"""The cursor of a sensor, which people may edit in the UI: JSON, and a sentence where it cannot be read.

What it holds belongs to each sensor.
"""

from typing import TypeVar

import msgspec

from resources.unavailable import Unavailable

Cursor = TypeVar("Cursor")


def parsed(text: str, kind: type[Cursor], sensor: str, remedy: str) -> Cursor:
    """The cursor as a value of its type. Raises Unavailable for one that was edited wrongly, with what to do."""
    try:
        return msgspec.json.decode(text.encode(), type=kind)
    except msgspec.DecodeError as error:
        raise Unavailable(
            f"The cursor of {sensor} is {text!r}, which cannot be read ({error}); {remedy}."
        ) from error
