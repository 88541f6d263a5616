"""The original's data file, read and loaded: what becomes a promotion, what is told, and what a second load does."""

import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from platform_assets.console.promotions_file import Rejected, load, promotions_in
from resources.promotion_store import Promotion, SqlitePromotionStore
from resources.unavailable import Unavailable

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
RECORDS = [
    {"requestId": "ABC12", "userId": 1, "promotionId": 8, "used": "false"},
    {"requestId": "DEF34", "userId": 2, "promotionId": 5, "used": "true"},
]


def _found(tmp_path: Path, content: str | bytes) -> list[Promotion | Rejected]:
    path = tmp_path / "data.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(promotions_in(path, NOW))


def _lines(found: list[Promotion | Rejected]) -> list[tuple[int, str]]:
    return [record[:2] for record in found if isinstance(record, Rejected)]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(RECORDS),
        json.dumps(RECORDS, indent="\t"),
        "\ufeff\r\n" + json.dumps(RECORDS, indent=2).replace("\n", "\r\n"),
        "\n".join(map(json.dumps, RECORDS)),
        "\r\n\r\n".join(map(json.dumps, RECORDS)) + "\r\n",
    ],
)
def test_an_array_and_lines_are_the_same_promotions(tmp_path: Path, content: str) -> None:
    first, second = _found(tmp_path, content)
    assert isinstance(first, Promotion)
    assert isinstance(second, Promotion)
    assert first[1:6] == ("ABC12", 1, "8", False, NOW)
    assert second[1:6] == ("DEF34", 2, "5", True, NOW)
    assert first.id == "4c33710f096385de8df0f3bc" != second.id


def test_a_record_that_is_none_is_told_with_its_line_and_the_others_are_read(tmp_path: Path) -> None:
    records = [RECORDS[0], {**RECORDS[0], "used": "no"}, 7, RECORDS[1], {**RECORDS[1], "requestId": "\ud800"}]
    told = [(2, "bad_used"), (3, "bad_json"), (5, "bad_json")]
    found = _found(tmp_path, "\n".join(map(json.dumps, records)))
    assert (_lines(found), len(found)) == (told, 5)
    found = _found(tmp_path, "[" + ",\n".join(map(json.dumps, records)) + "]")
    assert (_lines(found), len(found)) == (told, 5)


def test_a_record_keeps_its_time_and_one_that_ends_before_it_starts_is_told(tmp_path: Path) -> None:
    times = {"startsAt": "2026-11-01T13:00:00+01:00", "endsAt": "2026-12-01 13:00:00"}
    turned = {"startsAt": times["endsAt"], "endsAt": times["startsAt"]}
    found, told = _found(tmp_path, json.dumps([{**RECORDS[0], **times}, {**RECORDS[0], **turned}]))
    assert isinstance(found, Promotion)
    assert (found.starts_at, found.ends_at) == (NOW, NOW + timedelta(days=30))
    assert isinstance(told, Rejected)
    assert told.reason == "bad_time"


def test_a_broken_line_costs_that_line_and_a_broken_array_the_rest(tmp_path: Path) -> None:
    good = json.dumps(RECORDS[0])
    found = _found(tmp_path, f"{good}\n{good[:-9]}\n".encode() + b"\xff\n" + good.encode())
    assert (_lines(found), len(found)) == ([(2, "bad_json"), (3, "bad_json")], 4)
    assert _lines(_found(tmp_path, f"[\n{good},\n{good[:-9]},\n{good}]")) == [(3, "bad_json")]
    assert _lines(_found(tmp_path, f"[{good}\n{good}]")) == [(1, "bad_json")]
    assert _lines(_found(tmp_path, f"[\n\n{good}")) == [(3, "bad_json")]
    assert _lines(_found(tmp_path, b"\n[\xff]")) == [(2, "bad_json")]
    assert _found(tmp_path, "[]") == _found(tmp_path, "") == []


@given(content=st.binary(max_size=40) | st.text('[]{},:"\n a1\\', max_size=40))
def test_whatever_a_file_holds_it_is_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, content: str | bytes
) -> None:
    for record in _found(tmp_path_factory.getbasetemp(), content):
        assert isinstance(record, Rejected)


def test_a_second_load_adds_nothing_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text(json.dumps([*RECORDS, RECORDS[0], {}]))
    with SqlitePromotionStore(tmp_path / "p.sqlite") as store:
        said = io.StringIO()
        load(Console(file=said), store, str(path))
        assert f"{path}:1: bad_user_id: userId is absent" in said.getvalue()
        assert "3 promotions read: 2 new, 1 there already; 1 records rejected." in said.getvalue()
        store.use(1, "8", "R", NOW)
        used = list(store.used())
        load(Console(file=said), store, str(path))
        assert "3 promotions read: 0 new, 3 there already" in said.getvalue()
        assert list(store.used()) == used


def test_a_file_without_any_promotion_and_no_file_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    with SqlitePromotionStore(tmp_path / "p.sqlite") as store:
        with pytest.raises(Unavailable, match=r"data\.json cannot be read \(No such file"):
            load(Console(file=io.StringIO()), store, str(path))
        path.write_text('[{"userId": 1}]')
        with pytest.raises(Unavailable, match="holds no promotion that can be read"):
            load(Console(file=io.StringIO()), store, str(path))


def test_the_command_loads_a_file_into_the_store_of_the_deployment(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text(json.dumps([*RECORDS, {"userId": "x"}]))
    known = ("PATH", "HOME", "LANG", "TMPDIR")
    environ = {name: os.environ[name] for name in known if name in os.environ}
    environ |= {"QUADRANT_HOME": str(tmp_path / "home"), "DAGSTER_HOME": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-m", "platform_assets", "load_promotions", str(tmp_path / "data.json")],
        cwd=ROOT, env=environ, capture_output=True, text=True, timeout=180, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "2 promotions read: 2 new, 0 there already; 1 records rejected." in done.stdout
    with SqlitePromotionStore(tmp_path / "home" / "promotions.sqlite") as store:
        assert [found.promotion_id for found in store.unused_for([1, 2], NOW).promotions] == ["8"]
