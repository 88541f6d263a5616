"""The sample retailer: files with their truth, habits, and a campaign whose effect is known."""

import csv
import datetime as dt
import gzip
import io
from collections import Counter, defaultdict

import pytest

from platform_assets.promotions import receipts
from resources.files.containers import UnreadableFile
from samples import sales, shoppers
from samples.sales import Aftermath, Campaign, SalesFile

CROWD = shoppers.shoppers(7, 1_000)
FILES = sales.files(7, CROWD)
STARTS = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
ENDS = dt.datetime(2026, 11, 29, tzinfo=dt.UTC)
CAMPAIGN = Campaign("autumn", "4", range(1, 901), range(901, 1_001), STARTS, ENDS)

CAME_AT = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def _rows(file: SalesFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content.decode())))


@pytest.mark.parametrize("file", FILES, ids=[file.key for file in FILES])
def test_each_file_is_read_as_its_truth_says(file: SalesFile) -> None:
    loaded, refused = 0, []
    try:
        for parsed in receipts.read(io.BytesIO(file.content), file.key, CAME_AT):
            loaded += parsed.rows.num_rows
            refused += [(r["line"], r["reason"]) for r in parsed.rejects.to_pylist()]
    except UnreadableFile as unreadable:
        refused.append((0, unreadable.reason))
        assert not file.is_readable
    assert (loaded, refused) == (file.rows, [reject[:2] for reject in file.rejects])


def test_files_are_in_the_order_of_their_keys_and_hold_two_years_whatever_their_style() -> None:
    assert [file.key for file in FILES] == sorted(file.key for file in FILES)
    text = [gzip.decompress(f.content) if f.key.endswith("gz") else f.content for f in FILES]
    assert {text[0].split(b"\n")[0], text[1].split(b"\r\n")[0][3:]} == {
        sales.HEADER.encode(), sales.HEADER.upper().encode(),
    }  # fmt: skip
    sold = [row["sold_at"] for f in FILES for row in _parsed(f)]
    assert dt.datetime(2024, 11, 1) < min(sold) < dt.datetime(2024, 11, 2)
    assert dt.datetime(2026, 10, 31) < max(sold) < dt.datetime(2026, 11, 1)


def _parsed(file: SalesFile) -> list[dict[str, dt.datetime]]:
    if not file.is_readable:
        return []
    found = receipts.read(io.BytesIO(file.content), file.key, CAME_AT)
    return [row for parsed in found for row in parsed.rows.to_pylist()]


def test_every_habit_has_its_share_and_the_same_seed_makes_the_same_files() -> None:
    counts = Counter(CROWD.habit.tolist())
    assert [counts[place] / 1_000 for place in range(5)] == [habit.share for habit in shoppers.HABITS]
    assert sales.files(7, shoppers.shoppers(7, 1_000)) == FILES
    assert sales.files(8, CROWD) != FILES
    with pytest.raises(ValueError, match="99 shoppers are too few"):
        shoppers.shoppers(7, 99)


def test_after_a_campaign_the_treated_buy_more_by_what_the_truth_says() -> None:
    after = sales.after_campaign(7, CROWD, CAMPAIGN)
    assert (after.effect_eur, after.effect_redemption) == (24.0, 0.4)
    rows = _rows(after.file)
    assert len(rows) == after.file.rows == len({row["sale_id"] for row in rows})
    redeemed = {row["user_id"]: row for row in rows if row["promotion_id"]}
    assert {row["promotion_id"] for row in redeemed.values()} == {"4"}
    assert sorted(map(int, redeemed)) == sorted(use.user_id for use in after.redemptions)
    assert all(1 <= use.user_id <= 900 and STARTS <= use.at < ENDS for use in after.redemptions)
    extra = sum(float(row["amount_eur"]) for row in redeemed.values())
    assert extra / 900 == pytest.approx(after.effect_eur)
    assert sales.after_campaign(7, CROWD, CAMPAIGN) == after


def test_but_for_the_campaign_both_arms_buy_alike() -> None:
    after = _large()
    spent: defaultdict[bool, float] = defaultdict(float)
    for row in _rows(after.file):
        spent[int(row["user_id"]) > 20_000] += float(row["amount_eur"])
    usual = spent[False] / 20_000 - after.effect_eur
    assert usual == pytest.approx(spent[True] / 20_000, rel=0.05)


def _large() -> Aftermath:
    crowd = shoppers.shoppers(7, 40_000)
    return sales.after_campaign(
        7, crowd, CAMPAIGN._replace(treated=range(1, 20_001), held_out=range(20_001, 40_001))
    )


def test_shoppers_that_the_world_does_not_know_buy_too() -> None:
    after = sales.after_campaign(
        7, CROWD, CAMPAIGN._replace(treated=[5_000_000], held_out=[], campaign_id="one")
    )
    assert {row["user_id"] for row in _rows(after.file)} <= {"5000000"}
