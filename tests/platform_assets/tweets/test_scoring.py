"""What tweets say: language, mood, topic, complaint, by hand."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_assets.tweets import scoring
from platform_assets.tweets.scoring import MAX_CHARACTERS, MAX_SYMBOLS, Verdict, score, verdicts


def _verdict(text: str, language: str | None = "en") -> Verdict:
    return verdicts([(text, language)])[0]


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Thinking about index funds and dividends for the long run", "investments"),
        ("The Dow is down and inflation is up, what a bear market", "markets"),
        ("Best farmers market in town, fresh peaches!", "other"),
        ("Any advice on saving for retirement?", "advice"),
        ("@examplebank why was my card declined at the ATM", "service"),
        ("Waiting in line for a new app with my card game", "other"),
        ("Lovely sunset over the river tonight", "other"),
    ],
)
def test_topics(text: str, topic: str) -> None:
    assert _verdict(text).topic == topic


@pytest.mark.parametrize(
    "text",
    [
        "@examplebank charged me twice again and nobody picks up the phone. Terrible.",
        "45 minutes on hold with @examplebank and then they hung up on me.",
        "My bank's app is down again and I can't pay my bills",
        "Oh great, @examplebank lost my deposit. Wonderful service, really.",
        "@examplebank third time my card is declined, I'm switching banks",
    ],
    ids=["fees", "hold", "app", "sarcasm", "leaving"],
)
def test_complaints_to_the_bank(text: str) -> None:
    found = _verdict(text)
    assert found.is_complaint
    assert found.topic == "service"
    assert found.reason.startswith('complains to the bank ("')


@pytest.mark.parametrize(
    "text",
    [
        "Thank you @examplebank, the branch was so kind and helpful!",
        "Huge thanks to @examplebank for finding my lost card so fast, best support ever!",
        "My flight was cancelled and the airline charged me twice. Terrible.",
        "Opened an account at @examplebank today",
    ],
    ids=["praise", "praise_with_a_loss", "another_company", "neutral"],
)
def test_what_is_no_complaint(text: str) -> None:
    assert not _verdict(text).is_complaint


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Mi banco me cobró dos veces y nadie contesta, pésimo servicio", "es"),
        ("Ma banque m'a prélevé deux fois et personne ne répond, lamentable", "fr"),
    ],
)
def test_other_languages_are_found_and_complain_but_have_no_mood(text: str, language: str) -> None:
    for given_language in (language, None, "und"):
        found = _verdict(text, given_language)
        assert (found.language, found.is_scored, found.sentiment) == (language, False, None)
        assert found.is_complaint
        assert f"mood not scored, language {language}" in found.reason


def test_the_platforms_language_is_believed_and_its_region_dropped() -> None:
    assert _verdict("Hello there", "pt-BR").language == "pt"
    assert _verdict("hello my old friend, how are you today", "und").language == "en"


def test_thousands_of_emojis_are_cut_before_they_are_scored() -> None:
    text = "great day " + "😀" * 5_000
    found = _verdict(text)
    assert found.is_scored
    assert found.cut_characters == len(text) - len("great day ") - MAX_SYMBOLS


def test_a_long_text_is_cut_at_its_end() -> None:
    assert _verdict("word " * 1_000).cut_characters == 5_000 - MAX_CHARACTERS
    assert _verdict("word").cut_characters == 0


@settings(deadline=None)
@given(st.text(st.sampled_from(list("ab 😀🏠→\ufe0f")), max_size=900))
def test_no_text_reaches_the_scorer_beyond_its_bounds(text: str) -> None:
    short = scoring._cut(text)
    assert len(short) <= MAX_CHARACTERS
    assert len(scoring._SYMBOL.findall(short)) <= MAX_SYMBOLS


def test_each_distinct_text_is_scored_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counted(texts: list[tuple[str, str | None]]) -> list[Verdict]:
        asked.append(len(texts))
        return verdicts(texts)

    monkeypatch.setattr(scoring, "verdicts", counted)
    texts = ["good day", "bad day", "good day", "good day"]
    tweets = pa.table(
        {
            "tweet_id": ["1", "2", "3", "4"],
            "content_hash": ["a", "b", "c", "d"],
            "text": texts,
            "lang": ["en", "en", "en", "es"],
        }
    )
    scored = score(tweets).to_pylist()
    assert asked == [3]
    assert [row["tweet_id"] for row in scored] == ["1", "2", "3", "4"]
    assert scored[0] == {**scored[2], "tweet_id": "1", "content_hash": "a"}
    assert (scored[0]["is_scored"], scored[3]["is_scored"]) == (True, False)


def test_no_tweets_give_a_table_without_rows() -> None:
    nothing = pa.table(
        {name: pa.array([], pa.string()) for name in ("tweet_id", "content_hash", "text", "lang")}
    )
    scored = score(nothing)
    assert scored.num_rows == 0
    assert scored.column_names == ["tweet_id", "content_hash", *Verdict._fields]


def test_moods_have_the_sign_they_should() -> None:
    assert (_verdict("I love this wonderful place").sentiment or 0) > 0.5
    assert (_verdict("I hate this horrible place").sentiment or 0) < -0.5


def test_many_texts_are_scored_in_several_processes_with_the_same_verdicts_in_the_same_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [f"My card number {n} was declined, thank you @examplebank" for n in range(40)]
    tweets = pa.table(
        {"tweet_id": texts, "content_hash": texts, "text": texts, "lang": pa.array(["en"] * 40, pa.string())}
    )
    alone = score(tweets)
    monkeypatch.setattr(scoring, "_WORTH_PROCESSES", 1)
    assert score(tweets) == alone
