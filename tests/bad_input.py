"""Every kind of bad input, and what it gives: the list behind `test_bad_input`.

Each entry also holds good neighbours, which must get through.
"""

import gzip
import io
import json
import zipfile
from typing import NamedTuple

from platform_assets.tweets.message import MAX_BYTES
from resources.files.lines import MAX_LINE_BYTES

HEADER = b"LON,LAT,NUMBER,STREET,UNIT,CITY,DISTRICT,REGION,POSTCODE,ID,HASH\n"
GOOD = b"-72.6734,41.7658,12,MAIN ST,,HARTFORD,,CT,06103,7,\n"
SALES = b"sale_id,user_id,sold_at,amount_eur,promotion_id\n"
SOLD = b"%s,7,2026-10-31T10:00:00,12.50,\n"
FEATURE = (
    b'{"type":"Feature","properties":{"number":"12","street":"MAIN ST"},'
    b'"geometry":{"type":"Point","coordinates":[-72.6734,41.7658]}}\n'
)


class BadFile(NamedTuple):
    """An address or sales file: its bytes, the (line, reason) of each reject, how many good records it holds."""

    name: str
    content: bytes
    rejects: tuple[tuple[int, str], ...]
    loaded: int = 0


class BadMessage(NamedTuple):
    """A message of the topic, and the reason why it is none."""

    name: str
    value: bytes
    reason: str


class BadRow(NamedTuple):
    """A row of a CRM table: what differs from a good one, the reason, and the end of its place."""

    name: str
    table: str
    changes: dict[str, object]
    reason: str
    place: str


class BadSetting(NamedTuple):
    """An environment, and words of the sentence that it gives."""

    name: str
    environ: dict[str, str]
    words: tuple[str, ...]


def _zip(**members: bytes) -> bytes:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stored.getvalue()


def _encrypted() -> bytes:
    """An archive whose directory says that its file needs a password (APPNOTE 4.4.4, bit 0)."""
    data = bytearray(_zip(a=HEADER + GOOD))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    data[data.index(b"PK\x03\x04") + 6] |= 1
    return bytes(data)


def _row(name: str, line: bytes, reason: str) -> BadFile:
    """One bad record on line 3, between two good ones."""
    return BadFile(name, HEADER + GOOD + line + b"\n" + GOOD, ((3, reason),), 2)


def _feature(name: str, line: bytes, reason: str) -> BadFile:
    return BadFile(name, FEATURE + line + b"\n" + FEATURE, ((2, reason),), 2)


FILES = (
    BadFile("empty", b"", ((0, "empty_file"),)),
    BadFile("blank lines", b"\n\n  \n", ((0, "empty_file"),)),
    BadFile("zip of nothing", _zip(), ((0, "empty_file"),)),
    BadFile("picture", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", ((0, "unknown_format"),)),
    BadFile("prose", b"Dear colleague,\nplease find attached\n", ((0, "unknown_format"),)),
    BadFile("feature collection", b'{"type":"FeatureCollection","features":[]}', ((0, "unknown_format"),)),
    BadFile("no header", GOOD + GOOD, ((0, "unknown_format"),)),
    BadFile("no column LAT", b"LON,NUMBER,STREET\n-72.6,1,MAIN ST\n", ((0, "missing_columns"),)),
    BadFile("gzip cut short", gzip.compress(HEADER + GOOD * 99)[:-20], ((0, "corrupt_archive"),)),
    BadFile("zip cut short", _zip(a=HEADER + GOOD * 99)[:-20], ((0, "corrupt_archive"),)),
    BadFile("zip with password", _encrypted(), ((0, "encrypted_archive"),)),
    BadFile("bomb", gzip.compress(HEADER + b"\n" * 70_000_000, 9), ((0, "too_large"),)),
    BadFile("zip with one bad member", _zip(a=b"prose", b=HEADER + GOOD), ((0, "unknown_format"),), 1),
    _row("too few fields", b"-72.6,41.7,12", "wrong_number_of_fields"),
    _row("too many fields", GOOD.strip() + b",x,y", "wrong_number_of_fields"),
    _row("latin-1", b"-72.6,41.7,12,RUE \xe9,,HARTFORD,,CT,06103,7,", "not_utf8"),
    _row("quote never closed", b'-72.6,41.7,12,"MAIN ST,,HARTFORD,,CT,06103,7,', "unclosed_quote"),
    _row("endless line", b"-72.6,41.7,12," + b"x" * (MAX_LINE_BYTES + 1), "line_too_long"),
    _row("no number", b"-72.6,41.7,,MAIN ST,,HARTFORD,,CT,06103,7,", "missing_number"),
    _row("blank number", b"-72.6,41.7,  ,MAIN ST,,HARTFORD,,CT,06103,7,", "missing_number"),
    _row("no street", b"-72.6,41.7,12,,,HARTFORD,,CT,06103,7,", "missing_street"),
    _row("longitude in words", b"west,41.7,12,MAIN ST,,HARTFORD,,CT,06103,7,", "bad_coordinate"),
    _row("no latitude", b"-72.6,,12,MAIN ST,,HARTFORD,,CT,06103,7,", "bad_coordinate"),
    _row("not a number", b"NaN,41.7,12,MAIN ST,,HARTFORD,,CT,06103,7,", "bad_coordinate"),
    _row("swapped", b"41.7,-72.6,12,MAIN ST,,HARTFORD,,CT,06103,7,", "swapped_coordinates"),
    _row("off the Earth", b"-272.6,41.7,12,MAIN ST,,HARTFORD,,CT,06103,7,", "coordinate_out_of_range"),
    _row("null island", b"0,0,12,MAIN ST,,HARTFORD,,CT,06103,7,", "null_island"),
    _feature("broken json", b'{"type":"Feature","geometry":', "invalid_json"),
    _feature("polygon", b'{"type":"Feature","geometry":{"type":"Polygon"}}', "not_an_address"),
    _feature("feature without number", FEATURE.strip().replace(b'"12"', b"null"), "missing_number"),
)


def _receipt(name: str, line: bytes, reason: str) -> BadFile:
    """One bad receipt on line 3, between two good ones."""
    return BadFile(name, SALES + SOLD % b"R1" + line + b"\n" + SOLD % b"R2", ((3, reason),), 2)


SALES_FILES = (
    BadFile("empty", b"", ((0, "empty_file"),)),
    BadFile("zip", _zip(a=SALES + SOLD % b"R1"), ((0, "unknown_format"),)),
    BadFile("zip with password", _encrypted(), ((0, "encrypted_archive"),)),
    BadFile("list of stores", b"store,city\n1,Gent\n", ((0, "unknown_format"),)),
    BadFile("no amount", b"sale_id,user_id,sold_at\nR1,7,2026-10-31\n", ((0, "missing_columns"),)),
    BadFile("gzip cut short", gzip.compress(SALES + SOLD % b"R1" * 99)[:-20], ((0, "corrupt_archive"),)),
    BadFile("bomb", gzip.compress(SALES + b"\n" * 70_000_000, 9), ((0, "too_large"),)),
    _receipt("too few fields", b"R3,7,2026-10-31", "wrong_number_of_fields"),
    _receipt("latin-1", b"R3,7,2026-10-31,12.50,caf\xe9", "not_utf8"),
    _receipt("quote never closed", b'R3,7,2026-10-31,12.50,"x', "unclosed_quote"),
    _receipt("endless line", b"R3,7,2026-10-31,12.50," + b"x" * (MAX_LINE_BYTES + 1), "line_too_long"),
    _receipt("no number", b",7,2026-10-31,12.50,", "missing_sale_id"),
    _receipt("no shopper", b"R3,,2026-10-31,12.50,", "missing_user_id"),
    _receipt("shopper in words", b"R3,card,2026-10-31,12.50,", "bad_user_id"),
    _receipt("31st of September", b"R3,7,2026-09-31,12.50,", "bad_sold_at"),
    _receipt("till of 2062", b"R3,7,2062-10-31,12.50,", "sold_ahead"),
    _receipt("decimal comma", b'R3,7,2026-10-31,"12,50",', "bad_amount"),
    _receipt("sent twice", (SOLD % b"R1").strip(), "duplicate_sale_id"),
)


def original(**fields: object) -> bytes:
    """A message in the shape of the original producer."""
    return json.dumps({"tweet": "hello", "screenName": "sam", "geo": None, **fields}).encode()


def _v1(**fields: object) -> bytes:
    return json.dumps({"id_str": "77", "text": "hello", **fields}).encode()


MESSAGES = (
    BadMessage("empty", b"", "empty_message"),
    BadMessage("huge", original(tweet="x" * MAX_BYTES), "too_large"),
    BadMessage("latin-1", '{"tweet":"café"}'.encode("latin-1"), "not_utf8"),
    BadMessage("broken json", b'{"tweet": "hel', "invalid_json"),
    BadMessage("a list", b"[1, 2]", "unknown_shape"),
    BadMessage("deep nesting", b'{"geo":' * 90_000, "invalid_json"),
    BadMessage("other object", b'{"temperature": 21}', "unknown_shape"),
    BadMessage("limit notice", b'{"limit":{"track":5}}', "control_notice"),
    BadMessage("error of v2", b'{"errors":[{"title":"x"}]}', "control_notice"),
    BadMessage("no text", original(tweet=None), "missing_text"),
    BadMessage("blank text", _v1(text="  "), "missing_text"),
    BadMessage("one coordinate", original(geo={"coordinates": [41.7]}), "bad_coordinates"),
    BadMessage("coordinates in words", original(geo={"coordinates": ["a", "b"]}), "bad_coordinates"),
    BadMessage("off the Earth", original(geo={"coordinates": [141.7, -72.6]}), "bad_coordinates"),
    BadMessage("swapped", original(geo={"coordinates": [-72.6, 41.7]}), "swapped_coordinates"),
    BadMessage("time in words", _v1(created_at="yesterday"), "bad_time"),
    BadMessage("31st of February", _v1(created_at="Thu Feb 31 14:03:11 +0000 2019"), "bad_time"),
)

ROWS = (
    BadRow("no key", "customers", {"customer_id": None}, "missing_key", ""),
    BadRow("blank key", "customers", {"customer_id": "  "}, "missing_key", ""),
    BadRow("text of other bytes", "customers", {"city": b"\xff\xfe"}, "bad_text", "B1"),
    BadRow("birth date in words", "customers", {"birth_date": "spring"}, "bad_date", "B2"),
    BadRow("30th of February", "customers", {"birth_date": "1971-02-30"}, "bad_date", "B3"),
    BadRow("not yet born", "customers", {"birth_date": "2087-01-01"}, "impossible_birth_date", "B4"),
    BadRow("born long ago", "customers", {"birth_date": "1823-05-05"}, "impossible_birth_date", "B5"),
    BadRow("consent in words", "customers", {"marketing_consent": "maybe"}, "bad_boolean", "B6"),
    BadRow("update in words", "customers", {"updated_at": "yesterday"}, "bad_time", "B7"),
    BadRow("older of two", "customers", {"updated_at": "2020-01-01"}, "duplicate_key", "C1"),
    BadRow("no key", "portfolios", {"portfolio_id": None}, "missing_key", ""),
    BadRow("nobody's", "portfolios", {"customer_id": None}, "missing_owner", "Q1"),
    BadRow("value in words", "portfolios", {"value_usd": "much"}, "bad_number", "Q2"),
    BadRow("value with comma", "portfolios", {"value_usd": "1,234"}, "bad_number", "Q3"),
    BadRow("endless value", "portfolios", {"value_usd": float("inf")}, "not_finite", "Q4"),
    BadRow("opened in words", "portfolios", {"opened_at": "soon"}, "bad_time", "Q5"),
)

SETTINGS = (
    BadSetting("deployment", {"QUADRANT_DEPLOYMENT": "staging"}, ("staging", "local, dev, prod")),
    BadSetting("deployment in capitals", {"QUADRANT_DEPLOYMENT": "PROD"}, ("PROD", "local, dev, prod")),
    BadSetting("confirmation", {"GEO_CONFIRM": "yes"}, ("GEO_CONFIRM", "yes", "0", "1")),
    BadSetting("ui port in words", {"DAGSTER_PORT": "http"}, ("DAGSTER_PORT", "http", "1 to 65535")),
    BadSetting("ui port 0", {"DAGSTER_PORT": "0"}, ("DAGSTER_PORT", "1 to 65535")),
    BadSetting("ui port 65536", {"DAGSTER_PORT": "65536"}, ("DAGSTER_PORT", "65536", "1 to 65535")),
    BadSetting("ui port in other digits", {"DAGSTER_PORT": "३०००"}, ("DAGSTER_PORT", "1 to 65535")),
    BadSetting("port of Snowflake", {"SNOWFLAKE_PORT": "-1"}, ("SNOWFLAKE_PORT", "-1", "1 to 65535")),
    BadSetting("protocol", {"SNOWFLAKE_PROTOCOL": "ftp"}, ("SNOWFLAKE_PROTOCOL", "ftp", "http and https")),
    BadSetting(
        "two secrets",
        {"SNOWFLAKE_PASSWORD": "hush", "SNOWFLAKE_PRIVATE_KEY": "hush"},
        ("SNOWFLAKE_PASSWORD and SNOWFLAKE_PRIVATE_KEY", "set one"),
    ),
    BadSetting("home below a file", {"QUADRANT_HOME": "/dev/null/x"}, ("QUADRANT_HOME", "/dev/null")),
)
