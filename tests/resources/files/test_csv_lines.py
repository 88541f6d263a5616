"""Records, quotes and line numbers: no quote swallows a file, and every record is counted once."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.csv_records import first_lines
from resources.files import csv_lines
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
    expected = first_lines(HEADER + body, 11)
    assert expected is None or sorted(numbers + rejected) == expected
    assert read(HEADER + body, block_bytes=block_bytes) == found
