"""Iterables in lists of a size, for stores that take many at once. What is in them does not matter here."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter; none of an empty iterable."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch
