"""The grammar of street lines: which word is a number, a name, a suffix, a unit (usaddress, a linear-chain CRF).

Labels are found here, and found once for lines that the grammar cannot tell apart; what is made of them is in `postal`.
"""

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

_WORD_IN_MODEL: Final = re.compile(rb"word:([^\0]+)\0")
_PLAIN: Final = re.compile(r"[A-Z]{2,}")
_VOWELS: Final = frozenset("AEIOU")


def labelled(line: str) -> list[tuple[str, str]]:
    """Words of a line in capitals, one blank between them, each with its label: what `usaddress.parse` gives.

    The model knows some 700 words by themselves. Of another one it sees length, vowels and the like, so a word of the
    same shape stands for it, and lines of the same shapes are labelled once.
    """
    import usaddress

    return list(zip(usaddress.tokenize(line), _labels(" ".join(map(_shape, line.split(" ")))), strict=True))


@lru_cache(maxsize=20_000)
def _labels(line: str) -> tuple[str, ...]:
    import usaddress

    return tuple(label for _word, label in usaddress.parse(line))


@lru_cache(maxsize=20_000)
def _shape(word: str) -> str:
    """A word of letters that has the same features as `word`; itself where it is known or no word of letters."""
    if not _PLAIN.fullmatch(word):
        return word
    shape = f"X{'X' if _VOWELS.isdisjoint(word[1:]) else 'A'}{'X' * (len(word) - 2)}"
    return word if {word.lower(), shape.lower()} & _known() else shape


@cache
def _known() -> frozenset[str]:
    """Words that are a feature of their own: those of the model, directions and suffixes."""
    import usaddress

    in_model = {word.decode() for word in _WORD_IN_MODEL.findall(Path(usaddress.MODEL_PATH).read_bytes())}
    return frozenset(in_model | usaddress.DIRECTIONS | usaddress.STREET_NAMES)
