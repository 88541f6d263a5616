"""Records, quotes and line numbers: no quote swallows a file, and every record is counted once."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from platform_assets.geo import csv_lines
from tests.platform_assets.geo.address_files import GOOD, HEADER, read


def test_lines_are_counted_across_quoted_line_breaks_blank_lines_and_crlf() -> None:
    data = (
        HEADER
        + b"\r\n\n"
        + GOOD
        + GOOD.replace(b"MAIN ST", b'"MAIN\r\n""OLD"" ST"')
        + b"  \n"
        + GOOD
        + b"x\r\n"
        + GOOD
    )
    found = read(data)
    assert [row["line"] for row in found.rows] == [4, 5, 8, 10]
    assert found.rows[1]["street"] == 'MAIN\r\n"OLD" ST'
    assert found.reasons == [(9, "wrong_number_of_fields")]


def test_a_quote_that_is_never_closed_costs_one_line_however_long_the_file() -> None:
    data = (
        HEADER
        + GOOD.replace(b"MAIN ST", b'"MAIN ST')
        + GOOD * 100
        + GOOD.replace(b"MAIN ST", b'"MAIN ST')
        + GOOD
    )
    found = read(data, block_bytes=1000)
    assert found.reasons == [(2, "unclosed_quote"), (103, "unclosed_quote")]
    assert [row["line"] for row in found.rows] == [*range(3, 103), 104]


def test_an_unclosed_quote_does_not_swallow_a_row_that_has_quotes_of_its_own() -> None:
    data = HEADER + GOOD.replace(b"MAIN ST", b'"MAIN ST') + GOOD.replace(b"MAIN ST", b'"ELM, ST"')
    found = read(data)
    assert found.reasons == [(2, "unclosed_quote")]
    assert [row["street"] for row in found.rows] == ["ELM, ST"]


def test_a_record_may_have_many_lines_but_not_more_than_stated() -> None:
    most = csv_lines.MAX_RECORD_LINES
    many = GOOD.replace(b"MAIN ST", b'"MAIN' + b"\n" * (most - 1) + b'ST"')
    assert [row["line"] for row in read(HEADER + many + GOOD).rows] == [2, 2 + most]
    more = GOOD.replace(b"MAIN ST", b'"MAIN' + b"\n" * most + b'ST"')
    assert read(HEADER + more + GOOD).reasons[0] == (2, "unclosed_quote")


def test_quotes_commas_nul_bytes_and_foreign_letters_survive() -> None:
    streets = ['RUE "HAUTE"', "MAIN, ST", "NU\0L ST", "ÉGLISE ST", 'O"NEILL']
    written = [f'"{street.replace(chr(34), chr(34) * 2)}"'.encode() for street in streets[:4]] + [b'O"NEILL']
    found = read(HEADER + b"".join(GOOD.replace(b"MAIN ST", street) for street in written))
    assert [row["street"] for row in found.rows] == streets
    assert found.rejects == []


def test_a_lone_carriage_return_is_no_line_break() -> None:
    found = read(HEADER + GOOD.replace(b"MAIN ST", b"MAIN\rST") + GOOD)
    assert [(row["line"], row["street"]) for row in found.rows] == [(2, "MAIN ST"), (3, "MAIN ST")]


def records_of(data: bytes, fields: int) -> list[int]:
    """First lines of the records of CSV, counted letter by letter: slowly, and in another way than the parser."""
    every = data.split(b"\n")
    first, found = 1, []
    while first < len(every):
        line = every[first].rstrip(b"\r") if every[first].endswith(b"\r") else every[first]
        last = first
        if line.strip():
            found.append(first + 1)
            if not _closes(every[first]):
                last = next(
                    (
                        end
                        for end in range(first + 1, min(first + 50, len(every)))
                        if _whole(every[first : end + 1], fields)
                    ),
                    first,
                )
        first = last + 1
    return found


def _closes(line: bytes) -> bool:
    """Whether all quotes that open a field on this line are closed on it."""
    at_start, quoted = True, False
    for place in range(len(line)):
        letter = line[place : place + 1]
        if letter == b'"' and (at_start or quoted):
            quoted = not quoted
            # After a closing quote only another quote, at once, opens again.
            at_start = not quoted and line[place + 1 : place + 2] == b'"'
        else:
            at_start = letter == b"," and not quoted
    return not quoted


def _whole(part: list[bytes], fields: int) -> bool:
    text = b"\n".join(part)
    if len(text) > 64_000 or text.count(b'"') % 2:
        return False
    bare = re.sub(rb'"[^"]*"', b"Q", text)
    while b"QQ" in bare:
        bare = bare.replace(b"QQ", b"Q")
    parts = bare.removesuffix(b"\r").split(b",")
    return (
        b"\n" not in bare and len(parts) == fields and all(b"Q" not in each or each == b"Q" for each in parts)
    )


FRAGMENTS = st.sampled_from(
    [GOOD, GOOD.replace(b"\n", b"\r\n"), GOOD.replace(b"MAIN ST", b'"MAIN, ST"'), GOOD.replace(b"MAIN", b'"MA\nIN" '),
     GOOD.replace(b"MAIN ST", b'"A\nB"'), GOOD.replace(b"MAIN ST", b'"A'), b'"', b",", b"\n", b"\r\n", b"\r", b" ", b'""', b"-72,41,1,X,",
     b"\xc3\xa9", b"\xff", b"\0", b"0,0,", b"\xef\xbb\xbf", b"nan,", b"+1e5,", b"1,2,3,4,5,6,7,8,9,10,11\n"]
)  # fmt: skip
BODIES = st.lists(st.one_of(FRAGMENTS, st.binary(max_size=4)), max_size=12).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(BODIES, st.integers(1, 200))
def test_every_record_is_one_row_or_one_reject_wherever_a_block_ends(body: bytes, block_bytes: int) -> None:
    found = read(HEADER + body)
    numbers = [row["line"] for row in found.rows]
    rejected = [reject["line"] for reject in found.rejects]
    assert numbers == sorted(set(numbers))
    assert rejected == sorted(set(rejected))
    assert not set(numbers) & set(rejected)
    if b"Q" not in body:
        assert sorted(numbers + rejected) == records_of(HEADER + body, 11)
    assert read(HEADER + body, block_bytes=block_bytes) == found
