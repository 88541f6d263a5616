"""Sales files: formats, columns, every reason for a reject, and that no bytes do harm."""

import datetime as dt
import gzip
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_assets.promotions import receipts
from resources.files.containers import UnreadableFile
from resources.promotion_store.port import MAX_USER_ID
from tests.platform_assets.geo.address_files import zipped
from tests.platform_assets.promotions.sales_files import GOOD, HEADER, read, receipt

SOLD = dt.datetime(2026, 10, 31, 17, 5)
ROW = {
    "line": 2, "sale_id": "R1", "user_id": 15, "sold_at": SOLD, "amount_eur": 12.5, "promotion_id": "4",
}  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        HEADER + GOOD,
        HEADER.upper() + GOOD,
        b"\xef\xbb\xbf" + (HEADER + GOOD).replace(b"\n", b"\r\n"),
        HEADER + GOOD.rstrip(),
        b"Amount_EUR,store,promotion_id,SALE_ID,user_id,sold_at\n+12.50,Gent,4,R1,15,2026-10-31 17:05\n",
        b'"sale_id","user_id","sold_at","amount_eur","promotion_id"\n" R1 "," 15","2026-10-31T17:05:00Z"," 12.5 ","4"',
    ],
    ids=["plain", "upper case", "bom and crlf", "no last line feed", "other columns", "quoted"],
)
@pytest.mark.parametrize("stored", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_receipt_is_the_same_however_it_is_written(data: bytes, stored: Callable[[bytes], bytes]) -> None:
    found = read(stored(data))
    assert found.rows == [ROW]
    assert found.rejects == []


def test_a_file_may_do_without_promotions() -> None:
    found = read(b"sale_id,user_id,sold_at,amount_eur\nR1,15,2026-10-31T17:05:00,-3\n")
    assert found.rows == [{**ROW, "amount_eur": -3.0, "promotion_id": None}]


@pytest.mark.parametrize(
    ("written", "sold_at"),
    [
        ("2026-10-31", dt.datetime(2026, 10, 31)),
        ("2026-10-31 17:05", SOLD),
        ("2026-10-31T17:05:00.1", SOLD.replace(microsecond=100_000)),
        ("2026-10-31T17:05:00.123456789Z", SOLD.replace(microsecond=123_456)),
        ("2026-10-31T17:05:00+02:00", dt.datetime(2026, 10, 31, 15, 5)),
        ("2026-10-31T17:05-0530", dt.datetime(2026, 10, 31, 22, 35)),
        ("2026-10-31 17:05:00+02", dt.datetime(2026, 10, 31, 15, 5)),
        ("2024-02-29T23:30:00-01:00", dt.datetime(2024, 3, 1, 0, 30)),
    ],
)
def test_a_time_without_an_offset_is_utc_and_one_with_it_becomes_utc(
    written: str, sold_at: dt.datetime
) -> None:
    found = read(HEADER + GOOD.replace(b"2026-10-31T17:05:00", written.encode()))
    assert [row["sold_at"] for row in found.rows] == [sold_at]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"R2,15,2026-10-31", "wrong_number_of_fields"),
        (b"R2,15,2026-10-31T17:05:00,12.50,4,5", "wrong_number_of_fields"),
        (b"R2,15,2026-10-31T17:05:00,12.50,caf\xe9", "not_utf8"),
        (b'R2,15,2026-10-31T17:05:00,12.50,"4', "unclosed_quote"),
        (b" ,15,2026-10-31T17:05:00,12.50,4", "missing_sale_id"),
        (b"R2,,2026-10-31T17:05:00,12.50,4", "missing_user_id"),
        (b"R2,card 7,2026-10-31T17:05:00,12.50,4", "bad_user_id"),
        (b"R2,-1,2026-10-31T17:05:00,12.50,4", "bad_user_id"),
        (b"R2,15.0,2026-10-31T17:05:00,12.50,4", "bad_user_id"),
        (b"R2,0x1F,2026-10-31T17:05:00,12.50,4", "bad_user_id"),
        (b"R2,%d,2026-10-31T17:05:00,12.50,4" % (MAX_USER_ID + 1), "bad_user_id"),
        (b"R2,15,,12.50,4", "bad_sold_at"),
        (b"R2,15,31/10/2026 17:05,12.50,4", "bad_sold_at"),
        (b"R2,15,2026-09-31,12.50,4", "bad_sold_at"),
        (b"R2,15,2026-02-29T10:00:00,12.50,4", "bad_sold_at"),
        (b"R2,15,2026-10-31T24:00:00,12.50,4", "bad_sold_at"),
        (b"R2,15,1999-12-31T10:00:00,12.50,4", "bad_sold_at"),
        (b"R2,15,1793462700,12.50,4", "bad_sold_at"),
        (b"R2,15,2026-10-31T17:05:00,,4", "bad_amount"),
        (b'R2,15,2026-10-31T17:05:00,"12,50",4', "bad_amount"),
        (b"R2,15,2026-10-31T17:05:00,NaN,4", "bad_amount"),
        (b"R2,15,2026-10-31T17:05:00,1e999,4", "bad_amount"),
        (b"R1,99,2026-10-30T17:05:00,1,", "duplicate_sale_id"),
    ],
)
def test_a_bad_record_is_rejected_with_its_line_and_bytes_and_harms_no_other(
    record: bytes, reason: str
) -> None:
    found = read(HEADER + GOOD + record + b"\r\n" + receipt(3))
    assert found.reasons == [(3, reason)]
    assert found.rejects[0]["raw"] == record.decode(errors="backslashreplace")
    assert found.rejects[0]["detail"].endswith(".")
    assert [row["line"] for row in found.rows] == [2, 4]


def test_a_receipt_later_than_a_day_after_its_file_came_is_rejected_wherever_its_clock_stands() -> None:
    came_at = dt.datetime(2026, 10, 31, 19, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    times = (
        b"2026-11-01T17:00:00", b"2026-11-01T17:00:00.000001", b"2026-11-01T18:00:00+01:00", b"2026-11-01T17:00:00-01:00",
        b"2062-10-31", b"soon",
    )  # fmt: skip
    data = HEADER + b"".join(receipt(n, b"15,%s,1,\n" % sold) for n, sold in enumerate(times))
    found = read(data, came_at=came_at)
    assert [row["line"] for row in found.rows] == [2, 4]
    assert found.reasons == [(3, "sold_ahead"), (5, "sold_ahead"), (6, "sold_ahead"), (7, "bad_sold_at")]
    assert found.rejects[0]["detail"] == "The time is more than a day after the file came."


def test_of_receipts_with_one_number_the_first_that_can_be_loaded_counts_wherever_blocks_end() -> None:
    bad = b"R7,,2026-10-31T17:05:00,12.50,\n"
    data = HEADER + bad + b"".join(receipt(number) for number in (7, 8, 7, 9, 8, 7))
    for block_bytes in (1, 40, 100, 10_000):
        found = read(data, block_bytes)
        assert [(row["line"], row["sale_id"]) for row in found.rows] == [(3, "R7"), (4, "R8"), (6, "R9")]
        assert found.reasons == [
            (2, "missing_user_id"), (5, "duplicate_sale_id"), (7, "duplicate_sale_id"), (8, "duplicate_sale_id"),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf\r\n \n", "empty_file"),
        (b"store,city\n1,Gent\n", "unknown_format"),
        (GOOD + GOOD, "unknown_format"),
        (zipped(a=HEADER + GOOD), "unknown_format"),
        (zipped(), "unknown_format"),
        (b"x" * 1_000_001, "unknown_format"),
        (HEADER.replace(b"sold_at", b"when") + GOOD, "missing_columns"),
        (gzip.compress(HEADER + GOOD * 50)[:-9], "corrupt_archive"),
    ],
    ids=range(9),
)
def test_a_file_that_cannot_be_read_as_a_whole_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(data)
    assert caught.value.reason == reason
    assert str(caught.value).endswith(".")


def test_a_file_above_the_limit_is_unreadable() -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(HEADER + GOOD * 9, limit=100)
    assert caught.value.reason == "too_large"


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                GOOD, receipt(2), receipt(3), b"R4,x,y,z,\n", b"\n", b",", b'"', b"\xff", b"\r", b" \n", b"R5,15,2026-10-31T10:00:00+01:00,1,\n",
                b"R6,15,2026-10-31,-1.50,\n", b"R8,15,2026-10-31,free,\n",
            ]
        ),
        max_size=12,
    ).map(b"".join),
    st.integers(1, 300),
)  # fmt: skip
def test_every_record_is_one_row_or_one_reject_and_the_size_of_blocks_changes_nothing(
    body: bytes, block_bytes: int
) -> None:
    data = HEADER + receipt(0) + body
    found = read(data)
    numbers = [each["line"] for each in (*found.rows, *found.rejects)]
    assert len(numbers) == len(set(numbers))
    if b'"' not in body:
        assert sorted(numbers) == [n for n, text in enumerate(data.split(b"\n"), 1) if n > 1 and text.strip()]
    assert len({row["sale_id"] for row in found.rows}) == len(found.rows)
    assert read(data, block_bytes=block_bytes) == found


@settings(max_examples=200, deadline=None)
@given(st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2099, 12, 31, 23)), st.none() | st.integers(-56, 56))
def test_every_time_that_is_written_in_iso_8601_is_read_as_it_was_meant(
    moment: dt.datetime, quarters: int | None
) -> None:
    zone = None if quarters is None else dt.timezone(dt.timedelta(minutes=15 * quarters))
    written = moment.replace(tzinfo=zone)
    meant = written.astimezone(dt.UTC).replace(tzinfo=None) if zone else moment
    found = read(HEADER + GOOD.replace(b"2026-10-31T17:05:00", written.isoformat().encode()))
    assert [row["sold_at"] for row in found.rows] == [meant]


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.tuples(
            st.sampled_from([HEADER + GOOD + receipt(2) + receipt(3), gzip.compress(HEADER + GOOD)]),
            st.integers(0, 200), st.integers(0, 20), st.binary(max_size=6),
        ).map(lambda cut: cut[0][: cut[1]] + cut[3] + cut[0][cut[1] + cut[2] :]),
    )
)  # fmt: skip
def test_no_bytes_raise_anything_but_that_the_file_is_unreadable(data: bytes) -> None:
    try:
        found = read(data)
    except UnreadableFile as why:
        assert why.reason in receipts.REASONS
    else:
        assert {reject["reason"] for reject in found.rejects} <= set(receipts.REASONS)
