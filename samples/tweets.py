"""The tweets of the sample world and the log in which they arrive, with messages that are no tweets and with copies.

Where tweets come from is in `scenes`, bytes are made in `messages`, texts in `phrases`, the verdict in `truth`.
"""

import datetime as dt
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from samples.messages import BAD_MESSAGES, BadMessage, Tweet, encode
from samples.phrases import Phrase
from samples.scenes import PLACED, SCENES, Scene, Spot, Stage, nowhere

FEWEST = 300
FROM, DAYS = dt.datetime(2026, 10, 1, tzinfo=dt.UTC), 31
ODDITIES = 3
FIRST_ID = 1_971_000_000_000_000_000


class Entry(NamedTuple):
    """One message of the log: when it was published, its bytes, the tweet it carries or why it carries none."""

    published_at: dt.datetime
    value: bytes
    tweet: Tweet | None
    bad: BadMessage | None = None
    is_copy: bool = False


def entries(stage: Stage, count: int) -> Iterator[Entry]:
    """About `count` messages in the order of their offsets: every scene, every bad message, some copies.

    Raises ValueError when there are too few for every trap.
    """
    if count < FEWEST:
        raise ValueError(f"{count} tweets are too few for every trap; ask for {FEWEST} or more.")
    rng = stage.rng
    made = list(_tweets(stage, count - len(BAD_MESSAGES) - count // 50))
    bad_at = dict(zip(sorted(rng.sample(range(1, len(made)), len(BAD_MESSAGES))), BAD_MESSAGES, strict=True))
    copied = sorted(rng.sample(range(len(made) - 60), count // 50))
    copies_at = {source + rng.randrange(1, 60): source for source in copied}
    for i, tweet in enumerate(made):
        if i in bad_at:
            yield Entry(tweet.created_at, bad_at[i].value, None, bad_at[i])
        yield Entry(tweet.created_at, encode(tweet), tweet)
        if i in copies_at:
            yield Entry(tweet.created_at, encode(made[copies_at[i]]), made[copies_at[i]], is_copy=True)


def _tweets(stage: Stage, count: int) -> Iterator[Tweet]:
    weights = [scene.weight for scene in SCENES]
    scenes = [*SCENES, *stage.rng.choices(SCENES, weights, k=count - len(SCENES) - ODDITIES)]
    stage.rng.shuffle(scenes)
    step = dt.timedelta(days=DAYS) / count
    for number, scene in enumerate(scenes):
        at = (FROM + number * step).replace(microsecond=0)
        yield tell(stage.rng, scene, scene.spot(stage), number, at, scene.phrase(stage.rng))
    yield from _oddities(stage, count - ODDITIES, FROM + (count - ODDITIES) * step)


def tell(rng: Random, scene: Scene, spot: Spot, number: int, at: dt.datetime, phrase: Phrase) -> Tweet:
    """One tweet of a scene."""
    shape = rng.choice(scene.shapes)
    customer = spot.customer
    nick = f"{rng.choice(('nutmeg', 'sound', 'river', 'maple', 'quiet', 'ct', 'old', 'sunny'))}_{number:06d}"
    is_named = customer is not None and rng.random() < scene.names_share
    return Tweet(
        shape=shape,
        tweet_id="" if shape == "original" else str(FIRST_ID + number * 1_000_003),
        created_at=at,
        text=phrase.text,
        language=phrase.language,
        screen_name=nick,
        author_name=customer.full_name if customer and is_named else nick.replace("_", " "),
        lon=spot.lon,
        lat=spot.lat,
        place=spot.place,
        topic=phrase.topic,
        is_complaint=phrase.is_complaint,
        customer_id=customer.customer_id if customer else "",
        trap=scene.trap,
    )


def _oddities(stage: Stage, number: int, at: dt.datetime) -> Iterator[Tweet]:
    """Texts that are too long, of too many emojis, in no language."""
    texts = (
        ("thousands_of_emojis", Phrase("Planted garlic today " + "😀🎃" * 3_000, "other", False, "en")),
        ("very_long_text", Phrase("Planted garlic today. " * 1_000, "other", False, "en")),
        ("no_language", Phrase("🍁🍁🍁", "other", False, "und")),
    )
    for i, (trap, phrase) in enumerate(texts):
        scene = Scene(trap, 0, nowhere, 0.0, PLACED)
        yield tell(stage.rng, scene, Spot(), number + i, at.replace(microsecond=0), phrase)
