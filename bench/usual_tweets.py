"""The usual way from messages to categories: json, pandas, geopandas, VADER, a step after the other in one process.

Written as a good notebook would be, with whole columns where pandas has them; the rules are those of our SQL.
"""

import datetime as dt
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from bench.measuring import Result
from bench.nearest import METRIC
from bench.sphere import distance_m
from platform_assets.geo.quadrants import quadrant_of
from resources.message_log import MessageLog

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]
    from duckdb import DuckDBPyConnection

_RESIDENTS = """
SELECT a.building_id, m.customer_id, m.person_id, m.household_id, m.kind,
  upper(trim(c.first_name || ' ' || c.last_name)) AS full_name
FROM crm.household_members m JOIN crm.customers c USING (customer_id) JOIN geo.addresses a USING (address_id)
"""


class NotATweetError(Exception):
    """A message that is no tweet."""


def imported() -> None:
    """Import what is large before the clock begins."""
    import geopandas  # type: ignore[import-untyped]  # noqa: F401
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    SentimentIntensityAnalyzer()


def decoded(log: MessageLog) -> "pd.DataFrame":
    """Every tweet of the topic, once each."""
    import pandas as pd

    rows = []
    for partition, bounds in log.bounds("tweets").items():
        for message in log.read("tweets", partition, bounds.earliest, bounds.end).messages:
            try:
                rows.append(
                    {"published_at": message.published_at, **_tweet(json.loads(message.value or b""))}
                )
            except (NotATweetError, ValueError, KeyError, TypeError, AttributeError):
                continue
    return pd.DataFrame(rows).sort_values("published_at", kind="stable").drop_duplicates("tweet_id")


def _tweet(message: dict[str, Any]) -> dict[str, Any]:
    if "data" in message:
        tweet = _v2(message["data"], message.get("includes") or {})
    elif "tweet" in message or "screenName" in message:
        tweet = _original(message)
    else:
        tweet = _v1(message)
    text, created_at = tweet["text"], tweet.pop("created_at", None)
    if not text or text.isspace():
        raise NotATweetError
    if created_at:
        _parsed(created_at)
    lon, lat = _checked(tweet.pop("point"))
    content = tweet.pop("screen_name", ""), text, lon, lat
    tweet_id = tweet["tweet_id"] or hashlib.sha256(json.dumps(content).encode()).hexdigest()
    return {**tweet, "tweet_id": tweet_id, "lon": lon, "lat": lat}


def _v2(data: dict[str, Any], includes: dict[str, Any]) -> dict[str, Any]:
    nobody: dict[str, Any] = {}
    geo = data.get("geo") or nobody
    users, places = includes.get("users") or [], includes.get("places") or []
    return {
        "tweet_id": data.get("id"),
        "created_at": data.get("created_at"),
        "text": data["text"],
        "lang": data.get("lang"),
        "author_name": next((user for user in users if user["id"] == data.get("author_id")), nobody).get(
            "name"
        ),
        "point": (geo.get("coordinates") or nobody).get("coordinates"),
        "place_name": next((p for p in places if p["id"] == geo.get("place_id")), nobody).get("full_name"),
    }


def _original(message: dict[str, Any]) -> dict[str, Any]:
    return {
        "tweet_id": None,
        "screen_name": (message.get("screenName") or "").removeprefix("@"),
        "text": message.get("tweet"),
        "lang": None,
        "author_name": None,
        "point": _flipped(message.get("geo")),
        "place_name": None,
    }


def _v1(message: dict[str, Any]) -> dict[str, Any]:
    extended, exact = message.get("extended_tweet") or {}, message.get("coordinates")
    return {
        "tweet_id": message.get("id_str") or (str(message["id"]) if message.get("id") else None),
        "created_at": message.get("created_at"),
        "text": extended.get("full_text") or message.get("full_text") or message.get("text"),
        "lang": message.get("lang"),
        "author_name": (message.get("user") or {}).get("name"),
        "point": exact["coordinates"] if exact else _flipped(message.get("geo")),
        "place_name": (message.get("place") or {}).get("full_name"),
    }


def _parsed(created: str) -> dt.datetime:
    if created[0].isdigit():
        return dt.datetime.fromisoformat(created)
    return dt.datetime.strptime(created, "%a %b %d %H:%M:%S %z %Y")


def _flipped(geo: dict[str, Any] | None) -> list[float] | None:
    return geo["coordinates"][::-1] if geo and geo.get("coordinates") else None


def _checked(point: list[float] | None) -> tuple[float | None, float | None]:
    if point is None:
        return None, None
    if not all(isinstance(each, int | float) for each in point[:2]):
        raise NotATweetError
    lon, lat = point[0], point[1]
    swapped = quadrant_of(lon, lat) is None and quadrant_of(lat, lon) is not None
    if swapped or not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise NotATweetError
    return lon, lat


def addresses(connection: "DuckDBPyConnection") -> "pd.DataFrame":
    """Every dwelling."""
    return connection.execute(
        "SELECT address_id, building_id, building_dwellings, lon, lat FROM geo.addresses"
    ).df()


def located(tweets: "pd.DataFrame", homes: "pd.DataFrame") -> "pd.DataFrame":
    """Tweets with the nearest dwelling within 50 m, ties by id."""
    import geopandas as gpd

    inside = [
        lon is not None and quadrant_of(lon, lat) is not None
        for lon, lat in zip(tweets["lon"], tweets["lat"], strict=True)
    ]
    points = tweets.loc[inside, ["tweet_id", "lon", "lat"]]
    sites = [
        gpd.GeoDataFrame(
            each, geometry=gpd.points_from_xy(each["lon"], each["lat"], crs="EPSG:4326").to_crs(METRIC)
        )
        for each in (points, homes)
    ]
    joined = sites[0].sjoin_nearest(sites[1], max_distance=50.1)
    exact = distance_m(joined["lon_left"], joined["lat_left"], joined["lon_right"], joined["lat_right"])
    joined["distance_m"] = exact.round(3)
    joined = joined[joined["distance_m"] <= 50].sort_values(["distance_m", "address_id"])
    nearest = joined.drop_duplicates("tweet_id")[
        ["tweet_id", "address_id", "building_id", "building_dwellings", "distance_m"]
    ]
    return tweets.assign(is_inside=inside).merge(nearest, on="tweet_id", how="left")


def categorised(tweets: "pd.DataFrame", connection: "DuckDBPyConnection") -> "pd.DataFrame":
    """Tweets with category and customer, by the rules of `customer360/categories.sql`."""
    import numpy as np

    residents = connection.execute(_RESIDENTS).df()
    heads = connection.execute("SELECT household_id, head_customer_id FROM crm.households").df()
    buildings = residents.groupby("building_id", as_index=False).agg(
        only_customer_id=("customer_id", "min"),
        household_id=("household_id", "min"),
        people=("person_id", "nunique"),
        households=("household_id", "nunique"),
        is_ambiguous=("kind", lambda kinds: (kinds == "ambiguous").any()),
    )
    found = tweets.merge(buildings, on="building_id", how="left").merge(heads, on="household_id", how="left")
    found["full_name"] = found["author_name"].str.strip().str.upper()
    namesakes = (
        found[["tweet_id", "building_id", "full_name"]]
        .dropna()
        .merge(residents, on=["building_id", "full_name"])
        .groupby("tweet_id", as_index=False)
        .agg(named_customer_id=("customer_id", "min"), persons=("person_id", "nunique"))
    )
    namesakes = namesakes[namesakes["persons"] == 1]
    found = found.merge(namesakes, on="tweet_id", how="left")
    region = found["place_name"].str.extract(re.compile(r",\s*([A-Z]{2})\s*$"), expand=False)
    rules = {
        "named": found["named_customer_id"].notna(),
        "many dwellings": (found["building_dwellings"] > 1) & (found["people"] > 0),
        "many families": found["is_ambiguous"].eq(True),
        "alone": found["people"] == 1,
        "room-mates": found["households"] > 1,
        "one of several": found["people"] > 1,
        "no customer": found["address_id"].notna(),
        "no dwelling": found["is_inside"],
        "elsewhere": found["lon"].notna(),
        "place": region == "CT",
        "other place": found["place_name"].notna(),
    }
    finding = np.select([rule.to_numpy(bool) for rule in rules.values()], list(rules), "nowhere")
    found["category"] = [_CATEGORIES[each] for each in finding]
    found["customer_id"] = None
    for way, column in _CUSTOMERS.items():
        found.loc[finding == way, "customer_id"] = found.loc[finding == way, column]
    return found


_CUSTOMERS = {
    "named": "named_customer_id",
    "alone": "only_customer_id",
    "one of several": "head_customer_id",
}
_CATEGORIES = {
    "named": "customer", "alone": "customer", "one of several": "customer", "room-mates": "customer",
    "many dwellings": "prospect", "many families": "prospect", "no customer": "prospect",
    "elsewhere": "outside", "other place": "outside",
    "place": "coarse", "no dwelling": "unlocated", "nowhere": "unlocated",
}  # fmt: skip


def scored(tweets: "pd.DataFrame") -> list[float]:
    """VADER's compound of each English tweet; lingua tells the language where the platform does not."""
    from lingua import Language, LanguageDetectorBuilder
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    names = ("ENGLISH", "SPANISH", "FRENCH", "PORTUGUESE", "GERMAN", "ITALIAN")
    detector = LanguageDetectorBuilder.from_languages(*(getattr(Language, name) for name in names)).build()
    analyzer = SentimentIntensityAnalyzer()
    moods = []
    for text, given in zip(tweets["text"], tweets["lang"], strict=True):
        language = (given or "und").split("-")[0].lower() if isinstance(given, str) else "und"
        if language == "und":
            detected = detector.detect_language_of(text[:600])
            language = detected.iso_code_639_1.name.lower() if detected else "und"
        if language == "en":
            moods.append(float(analyzer.polarity_scores(text[:600])["compound"]))
    return moods


def summary(found: "pd.DataFrame", moods: list[float]) -> Result:
    """Tweets of each category, a digest of their customers, and the mean mood."""
    result: Result = {}
    for category, group in found.groupby("category"):
        result[str(category)] = len(group)
        customers = ",".join(sorted(group["customer_id"].dropna()))
        result[f"{category} of"] = hashlib.md5(customers.encode()).hexdigest()  # noqa: S324 - compares with SQL's
    if moods:
        result |= {"scored": float(len(moods)), "mood": round(sum(moods) / len(moods), 2)}
    return result
