"""Labels found by shape are those that the grammar itself gives."""

import usaddress  # noqa: TID253 - what is compared with
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_assets.geo.grammar import labelled

_KNOWN = sorted(word.upper() for word in usaddress.STREET_NAMES | usaddress.DIRECTIONS)
_SIGNS = [
    "1",
    "12-14",
    "1/2",
    "&",
    "#",
    "4B",
    "CT,",
    "06103",
    "2ND",
    "O",
    "MAIN,",
    "PO",
    "BOX",
    "APT",
    "UNIT",
    "-",
    "/",
]
_WORD = st.one_of(
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=14),
    st.sampled_from(["MAIN", "OAK", "MAPLEWOOD", "HARTFORD", "QUINNIPIAC", "XAXXX", *_SIGNS]),
    st.sampled_from(_KNOWN),
    st.text("ABCXYZ0129&#/,-", min_size=1, max_size=6),
)


@settings(max_examples=2000, deadline=None)
@given(st.lists(_WORD, min_size=1, max_size=7).map(" ".join))
def test_a_line_gets_the_labels_of_the_grammar(line: str) -> None:
    assert labelled(line) == usaddress.parse(line)


def test_every_word_that_the_model_knows_stays_itself() -> None:
    lines = [f"1 {word} {suffix}" for word in _KNOWN for suffix in ("ST", "ZEBRAWOOD", "APT 4")]
    assert [labelled(line) for line in lines] == [usaddress.parse(line) for line in lines]
