"""Text to CSV to JSON and back: nothing is lost, whatever a name holds; and the command that does it by hand."""

import csv
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_assets.listings import conversion, documents, sheets
from platform_assets.listings.conversion import Part, Reject
from resources.listing_store.canonical import canonical
from tests.platform_assets.listings.listed_lines import LISTED, Written, line_of, read, written

ROOT = Path(__file__).parents[3]
LINE = b"-rw-r--r--    1 root     root            19 Mar 19 23:57 %s\n"


def _output(parts: Iterable[Part]) -> bytes:
    return b"".join(bytes(buffer) for part in parts for buffer in part.outputs[0])


@settings(max_examples=50, deadline=None)
@given(st.lists(written(), min_size=1, max_size=8))
def test_text_to_csv_to_json_to_text_loses_nothing(listed: list[Written]) -> None:
    rows = read(*(each.line for each in listed)).rows
    sheet = "".join(sheets.written(rows).to_pylist())
    parts = list(conversion.of_csv(io.BytesIO(sheet.encode())))
    assert not [reject for part in parts for reject in part.rejects]
    # A document has no line feed, so each is a line.
    lines = _output(parts).decode().removesuffix("\n").split("\n")
    assert lines == documents.documents(rows).column("document").to_pylist()
    assert read(*map(line_of, lines)).rows.to_pylist() == rows.to_pylist()


@settings(max_examples=50, deadline=None)
@given(st.lists(written(), min_size=1, max_size=8))
def test_a_document_is_canonical_and_the_csv_is_what_any_reader_of_csv_reads(listed: list[Written]) -> None:
    rows = read(*(each.line for each in listed)).rows
    found = documents.documents(rows).to_pylist()
    assert [each["document"] for each in found] == [
        canonical(json.loads(each["document"])).decode() for each in found
    ]
    assert [list(json.loads(each["document"]))[:7] for each in found] == [list(documents.KEYS)] * len(found)
    fields = csv.reader(io.StringIO("".join(sheets.written(rows).to_pylist()), newline=""))
    for record, each in zip(fields, found, strict=True):
        assert record[:7] == list(json.loads(each["document"]).values())[:7]
        assert len(record) == (10 if len(json.loads(each["document"])) > 7 else 7)


def test_a_document_names_its_file_by_text_and_only_where_needed_by_bytes() -> None:
    name, link = b'/a "b",\\c\t\x7f\xff', b"lrwxrwxrwx 1 root root 1 Mar 19  2021 /l -> t"
    found = documents.documents(read(LINE.replace(b"%s\n", name), link).rows)
    assert found.column("document").to_pylist() == [
        '{"mod":"-rw-r--r--","no":"1","user":"root","group":"root","usrno":"19","date":"Mar 19 23:57",'
        '"file":"/a \\"b\\",\\\\c\\t\\u007f\ufffd","file_base64":"L2EgImIiLFxjCX//"}',
        '{"mod":"lrwxrwxrwx","no":"1","user":"root","group":"root","usrno":"1","date":"Mar 19 2021","file":"/l",'
        '"target":"t"}',
    ]
    for each in found.to_pylist():
        assert each["content_hash"] == hashlib.sha256(each["document"].encode()).hexdigest()


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"\n", "empty_line"),
        (b"-rw-r--r--,1,root,root,19,Mar 19 23:57\n", "missing_fields"),
        (b"-rw-r--r--,1,root,root,19,Mar 19 23:57,/a,b\n", "missing_fields"),
        (b"-rw-r--r--,1,ro ot,root,19,Mar 19 23:57,/a\n", "bad_owner"),
        (b"-rw-r--r--,x,root,root,19,Mar 19 23:57,/a\n", "bad_number"),
        (b"-rw-r--r--,1,root,root,19,Mar 19  2021,/a\n", "not_a_listing"),
        (b"-rw-r--r--,1,root,root,19,Mar 19 23:57,\n", "bad_name"),
        (b"-rw-r--r--,1,root,root,19,Mar 19 23:57,/a\xff\n", "bad_name"),
        (b"-rw-r--r--,1,root,root,19,Mar 19 23:57,/a,,L2I=,\n", "bad_name"),
        (b"-rw-r--r--,1,root,root,19,Mar 19 23:57,/a,,!,\n", "bad_name"),
        (b"-rw-r--r--,1,root,root,19,Mar 19 23:57,/a,t,,\n", "bad_name"),
        (b"lrwxrwxrwx,1,root,root,19,Mar 19 23:57,/a,,,\xff\n", "bad_name"),
        (b"x" * 200_000 + b"\n", "not_a_listing"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_record_that_no_line_becomes_is_rejected_and_the_next_one_read(record: bytes, reason: str) -> None:
    good = b"-rw-r--r--,1,root,root,19,Mar 19 23:57,/good\n"
    (part,) = conversion.of_csv(io.BytesIO(record + good))
    assert part.rejects == [Reject(1, reason)]
    assert _output([part]).count(b"/good") == 1


def test_a_quote_that_nothing_closes_costs_the_line_that_opens_it_and_no_other() -> None:
    good = b'-rw-r--r--,1,root,root,19,Mar 19 23:57,"/good\nname"\n'
    for bad in (b'"', b'-rw-r--r--,1,root,root,19,Mar 19 23:57,"/a', b'"-rw-r--r--"x,1,root,root,19'):
        (part,) = conversion.of_csv(io.BytesIO(good + bad + b"\n" + good * 3 + bad))
        assert part.rejects == [Reject(3, "not_a_listing"), Reject(10, "not_a_listing")]
        assert _output([part]).count(b'"/good\\nname"') == 4


def test_a_record_of_several_lines_is_as_long_as_a_name_can_be_and_no_longer() -> None:
    record = b'-rw-r--r--,1,root,root,19,Mar 19 23:57,"%s"\n'
    parts = list(conversion.of_csv(io.BytesIO(record % (b"\n" * 4_095) + record % (b"\n" * 70_000))))
    assert _output(parts).count(b"\n") == 1
    rejects = [reject for part in parts for reject in part.rejects]
    assert rejects[:2] == [Reject(4_097, "not_a_listing"), Reject(4_098, "empty_line")]
    assert [reject.line for reject in rejects] == list(range(4_097, 4_097 + 70_001))


def test_what_a_rejected_line_shares_with_rows_does_not_disturb_their_documents() -> None:
    text = (
        LINE % b"/a" + LINE.replace(b"1 root", b"1 bob").replace(b"19 M", b"4.0K M") % b"/b" + LINE % b"/\xff"
    )
    (part,) = conversion.of_text(io.BytesIO(text), LISTED, conversion.JSON)
    assert [json.loads(line)["file"] for line in _output([part]).splitlines()] == ["/a", "/\ufffd"]
    assert part.rejects == [Reject(2, "bad_number")]


def test_a_large_stream_comes_out_in_its_order() -> None:
    text = b"".join(LINE % (b"/%d" % number) if number % 5_000 else b"total 4\n" for number in range(100_000))
    parts = list(conversion.of_text(io.BytesIO(text), LISTED, conversion.JSON))
    names = [json.loads(line)["file"] for line in _output(parts).splitlines()]
    assert names == [f"/{number}" for number in range(100_000) if number % 5_000]
    rejects = [reject for part in parts for reject in part.rejects]
    assert rejects == [Reject(number + 1, "total_line") for number in range(0, 100_000, 5_000)]
    assert len(parts) > 1


def _command(form: str, given_bytes: bytes) -> tuple[int, bytes, str]:
    command = [sys.executable, "-m", "platform_assets.listings", form]
    done = subprocess.run(command, input=given_bytes, capture_output=True, check=False, cwd=ROOT)
    return done.returncode, done.stdout, done.stderr.decode()


def test_the_command_makes_csv_of_text_and_json_of_either_and_tells_the_rejects() -> None:
    text = LINE % b"/a" + b"total 4\n" + LINE % b"/b,c"
    status, sheet, told = _command("csv", text)
    assert (status, told) == (1, "2: total_line\n")
    assert sheet == (
        b'-rw-r--r--,1,root,root,19,Mar 19 23:57,/a\n-rw-r--r--,1,root,root,19,Mar 19 23:57,"/b,c"\n'
    )
    assert _command("json", sheet) == (0, _command("json", text)[1], "")


def test_the_command_reads_every_form_of_text_that_the_assets_read() -> None:
    plain = LINE % b"/a" + LINE % b"/b"
    expected = _command("json", plain)
    assert expected[1].count(b"\n") == 2
    for text in (plain.replace(b"\n", b"\r\n"), plain.replace(b"\n", b"\0"), b"\xef\xbb\xbf" + plain):
        assert _command("json", text) == expected
    sheet = b"\xef\xbb\xbf" + _command("csv", plain)[1].replace(b"\n", b"\r\n")
    assert _command("json", sheet) == expected


def test_the_command_ends_without_a_word_when_nobody_reads_on(tmp_path: Path) -> None:
    (tmp_path / "listing.txt").write_bytes(LINE % b"/a" * 200_000)
    piped = f"'{sys.executable}' -m platform_assets.listings csv < {tmp_path}/listing.txt | head -n 1"
    done = subprocess.run(["bash", "-c", piped], capture_output=True, check=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == (b"-rw-r--r--,1,root,root,19,Mar 19 23:57,/a\n", b"")
