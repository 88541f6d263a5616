"""Sales files of the sample retailer: half a year each, as different tills write them, with records to be refused.

Here belong the files, their truth, and what shoppers buy after a campaign; habits are in `shoppers`.
"""

import gzip
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np

from samples.shoppers import DAYS, FROM, Ints, Receipts, Shoppers, bought, receipts

PREFIX: Final = "promotions/sales/"
REDEEMED: Final = 0.4
"""Share of the treated who redeem a campaign's promotion, by a receipt that they would not have made."""

HEADER: Final = "sale_id,user_id,sold_at,amount_eur,promotion_id"
_FILE_DAYS: Final = 183
_CAMPAIGNS: Final = -1
_EXTRA_CENTS: Final = (3_600, 4_800, 6_000, 7_200, 8_400)
_LATER: Final = "R99999999,7,2026-10-31T10:00:00,12.50,"


class SalesFile(NamedTuple):
    """A file: its key, its bytes, the receipts that can be loaded, and per record to be refused line, reason, trap."""

    key: str
    content: bytes
    rows: int
    rejects: Sequence[tuple[int, str, str]] = ()
    is_readable: bool = True


class Campaign(NamedTuple):
    """What the world must know of a campaign: its id, its promotion, who got it and who was held out, its time."""

    campaign_id: str
    promotion_id: str
    treated: Collection[int]
    held_out: Collection[int]
    starts_at: datetime
    ends_at: datetime


class Redemption(NamedTuple):
    """A shopper who redeems the promotion of a campaign, and when (aware, UTC)."""

    user_id: int
    at: datetime


class Aftermath(NamedTuple):
    """What follows a campaign: the sales file, who redeemed, and the truth that a measurement should find.

    `effect_eur` is the extra revenue of a treated shopper on average, `effect_redemption` the share that redeemed.
    """

    file: SalesFile
    redemptions: list[Redemption]
    effect_eur: float
    effect_redemption: float


class _Style(NamedTuple):
    """How a till writes: end of lines, hours before UTC and how that is told, whether the file is compressed."""

    newline: str = "\n"
    header: Callable[[str], str] = str
    offset_h: int = 0
    offset: str = ""
    has_bom: bool = False
    is_gzip: bool = False


_STYLES: Final = (
    _Style(is_gzip=True),
    _Style(newline="\r\n", header=str.upper, has_bom=True),
    _Style(offset_h=2, offset="+02:00"),
    _Style(offset="Z", is_gzip=True),
)

BAD: Final[tuple[tuple[str, str, str], ...]] = (
    (",7,2026-10-31T10:00:00,12.50,", "missing_sale_id", "till_without_number"),
    ("R90000001,,2026-10-31T10:00:00,12.50,", "missing_user_id", "no_loyalty_card"),
    ("R90000002,card,2026-10-31T10:00:00,12.50,", "bad_user_id", "card_in_words"),
    ("R90000003,7,31/10/2026 10:00,12.50,", "bad_sold_at", "belgian_date"),
    ("R90000004,7,2026-09-31T10:00:00,12.50,", "bad_sold_at", "no_such_day"),
    ('R90000005,7,2026-10-31T10:00:00,"12,50",', "bad_amount", "decimal_comma"),
    ("R90000006,7,2026-10-31T10:00:00,free,", "bad_amount", "amount_in_words"),
    (_LATER, "duplicate_sale_id", "sent_twice"),
    ("R90000010,7,2062-10-31T10:00:00,12.50,", "sold_ahead", "clock_set_ahead"),
    ("R90000007,7,2026-10-31T10:0", "wrong_number_of_fields", "cut_short"),
    ('R90000008,7,2026-10-31T10:00:00,12.50,"2', "unclosed_quote", "quote_never_closed"),
)
"""Records that must be refused, at the end of the last file after the receipt `_LATER`, which is good."""


def files(seed: int, crowd: Shoppers) -> list[SalesFile]:
    """Every sales file in the order of their keys, the last one no sales file at all."""
    found = receipts(seed, crowd)
    start = int(FROM.timestamp())
    half = (found.sold_s - start) // (_FILE_DAYS * 86_400)
    last = (DAYS - 1) // _FILE_DAYS
    made, first = [], 0
    for number in range(last + 1):
        chosen = np.flatnonzero(half == number)
        part = Receipts(*(column[chosen] for column in found))
        begins = np.datetime64(start + number * _FILE_DAYS * 86_400, "s")
        made.append(_file(f"{begins.astype('datetime64[D]')}", part, first, number, is_last=number == last))
        first += len(chosen)
    note = SalesFile(
        f"{PREFIX}stores.csv", b"store,city\n1,Gent\n", 0, [(0, "unknown_format", "list_of_stores")], False
    )
    return [*made, note]


def campaign_key(campaign_id: str) -> str:
    """The key of the sales file that follows a campaign."""
    return f"{PREFIX}campaign-{campaign_id}.csv"


def after_campaign(seed: int, crowd: Shoppers, campaign: Campaign) -> Aftermath:
    """What both arms of a campaign buy in its time: each by habit, of the treated some once more with the promotion."""
    treated, held_out = (np.sort(np.array([*ids], np.int64)) for ids in (campaign.treated, campaign.held_out))
    start, end = int(campaign.starts_at.timestamp()), int(campaign.ends_at.timestamp())
    rng = np.random.default_rng([seed, 3, *campaign.campaign_id.encode()])
    usual = _usual(rng, _of(crowd, np.concatenate((treated, held_out))), start, end)
    redeemers = np.sort(rng.permutation(treated)[: round(REDEEMED * len(treated))])
    at = start + np.floor(rng.random(len(redeemers)) * (end - start)).astype(np.int64)
    extra = np.resize(np.array(_EXTRA_CENTS, np.int64), len(redeemers))
    redeemed = Receipts(redeemers, at, extra, np.full(len(redeemers), _CAMPAIGNS))
    both = [np.concatenate(pair) for pair in zip(usual, redeemed, strict=True)]
    order = np.argsort(both[1], kind="stable")
    part = Receipts(*(column[order] for column in both))
    lines = _lines(part, f"{campaign.campaign_id}-", 0, _Style(), campaign.promotion_id)
    content = "".join(f"{line}\n" for line in (HEADER, *lines)).encode()
    return Aftermath(
        SalesFile(campaign_key(campaign.campaign_id), content, len(lines)),
        [
            Redemption(user, datetime.fromtimestamp(second, UTC))
            for user, second in zip(redeemers.tolist(), at.tolist(), strict=True)
        ],
        effect_eur=int(extra.sum()) / 100 / max(1, len(treated)),
        effect_redemption=len(redeemers) / max(1, len(treated)),
    )


def _usual(rng: np.random.Generator, arms: Shoppers, start_s: int, end_s: int) -> Receipts:
    """What these shoppers would buy anyhow; promotions of others are left out, so that none is taken for this one."""
    days = max(1, (end_s - start_s) // 86_400)
    everywhere = np.ones(len(arms.user_id), np.int64)
    found = bought(rng, arms, arms.per_year * days / 365, start_s * everywhere, days * everywhere)
    return found._replace(promotion=np.zeros(len(found.user_id), np.int64))


def _of(crowd: Shoppers, ids: Ints) -> Shoppers:
    """These shoppers; ids that the world does not know buy as its first shopper does."""
    place = np.where((ids >= 1) & (ids <= len(crowd.user_id)), ids - 1, 0)
    return Shoppers(
        ids,
        crowd.habit[place],
        crowd.per_year[place],
        crowd.basket_eur[place],
        crowd.begins[place],
        crowd.ends[place],
    )


def _file(name: str, part: Receipts, first: int, number: int, *, is_last: bool) -> SalesFile:
    style = _STYLES[number % len(_STYLES)]
    lines = [style.header(HEADER), *_lines(part, "R", first, style)]
    rejects: list[tuple[int, str, str]] = []
    rows = len(lines) - 1
    if is_last:
        lines.append(_LATER)
        rows += 1
        rejects = [(len(lines) + place, reason, trap) for place, (_, reason, trap) in enumerate(BAD, 1)]
        lines += [text for text, _, _ in BAD]
    content = "".join(line + style.newline for line in lines).encode()
    if is_last:
        rejects.append((len(lines) + 1, "not_utf8", "latin_1"))
        content += f"R90000009,7,2026-10-31T10:00:00,12.50,caf\xe9{style.newline}".encode("latin-1")
    content = b"\xef\xbb\xbf" * style.has_bom + content
    if style.is_gzip:
        content = gzip.compress(content, 4, mtime=0)
    return SalesFile(f"{PREFIX}{name}.csv{'.gz' * style.is_gzip}", content, rows, rejects)


def _lines(part: Receipts, prefix: str, first: int, style: _Style, campaign_promotion: str = "") -> list[str]:
    """Receipts as this till writes them; promotion `_CAMPAIGNS` is the campaign's."""
    local = (part.sold_s + style.offset_h * 3_600).astype("datetime64[s]")
    times = np.datetime_as_string(local).tolist()
    columns = (part.user_id.tolist(), times, part.cents.tolist(), part.promotion.tolist())
    return [
        f"{prefix}{first + place:08d},{user},{sold}{style.offset},{cents / 100:.2f},"
        f"{campaign_promotion if promotion == _CAMPAIGNS else promotion or ''}"
        for place, (user, sold, cents, promotion) in enumerate(zip(*columns, strict=True))
    ]
