"""What a tweet says: its language, its mood, its topic, and whether its author complains about the bank.

A pure function of text and language. Sentiment is VADER's, for English only; it is a score, not the truth.
"""

import multiprocessing
import os
import re
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing.connection import wait
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

VERSION = "2"
"""Raised when any rule below changes: every tweet is then scored again."""

SCORED_LANGUAGE = "en"
MAX_CHARACTERS = 600
MAX_SYMBOLS = 30
"""VADER's time grows with the square of the emojis: beyond these bounds a text is cut."""
_WORTH_PROCESSES = 10_000
"""Texts from which on the start of more processes, about a second, is soon won back."""
_MOST_PROCESSES = 8

# Words of the three languages that the stream readers ask for.
TOPICS = {
    "investments": r"invest\w*|index funds?|etfs?|stocks?|shares|bonds?|brokerage|dividends?|portfolio"
    r"|mutual funds?|municipal|crypto|bitcoin|inver(?:tir|si[oó]n\w*)|fondos?|acciones|placements?|actions",
    "markets": r"(?<!farmers )(?<!flea )markets?|dow|nasdaq|s&p|fed|rate (?:cut|hike)s?|inflation|recession|rally"
    r"|sell-?off|bull|bear|wall street|earnings season|volatility|bolsa|mercados|inflaci[oó]n|bourse|march[eé]s",
    "advice": r"advice|advis[eo]rs?|retire\w*|401\s?\(?k\)?|ira|pension|mortgages?|refinanc\w*|college fund"
    r"|529|saving for|financial plan\w*|estate|first home|down payment|jubilaci[oó]n|hipoteca|asesor\w*"
    r"|retraite|pr[eê]t immobilier|conseill\w*",
    "service": r"charged?|charges|fees?|cards?|branch|tellers?|app|login|log in|locked out|on hold|wait(?:ed|ing)?"
    r"|line|customer service|support|atm|deposit|transfer|overdraft|statement|account|online banking|refund"
    r"|declined|call center|cobr\w+|tarjeta|sucursal|cuenta|cajero|servicio|carte|agence|compte|frais|virement",
}
_TOPICS = {topic: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) for topic, pattern in TOPICS.items()}

_GRIEVANCES = re.compile(
    r"\b(?:charged (?:me )?(?:twice|again)|twice|double|wrong|error|mistake|declined|locked out|on hold|hung up"
    r"|no (?:one|reply|answer|response)|still (?:waiting|no|not|down)|never|nobody|not their problem"
    r"|(?:is|was|are|keeps?) (?:down|broken|crashing)|crash\w*|kept my card"
    r"|does ?n[o']t work|not working|won'?t|can'?t|cannot|could ?n[o']t|lost|missing|stolen|fraud|rude|unacceptable"
    r"|ridiculous|terrible|worst|awful|horrible|fed up|sick of|disappointed|frustrat\w+|angry|complain\w*|refund"
    r"|ripped off|scam|closed my account|switching banks?|leaving|third time|for (?:an hour|hours|days|weeks)"
    r"|dos veces|nadie (?:contesta|responde)|no funciona|p[eé]sim[oa]|esperando|inaceptable|verg[uü]enza"
    r"|deux fois|ne (?:marche|fonctionne) (?:plus|pas)|personne ne r[eé]pond|lamentable|inacceptable|scandal\w+)\b",
    re.IGNORECASE,
)
_PRAISE = re.compile(
    r"\b(?:thank(?:s| you)|kind|helpful|impressed|best|great job|kudos|gracias|merci)\b", re.IGNORECASE
)
_BANK = re.compile(
    r"@\w*bank\w*|\b(?:my|your|the|this|example) ?bank\b|\bbank'?s\b|\bmi banco\b|\bma banque\b",
    re.IGNORECASE,
)
_SYMBOL = re.compile(r"[\u2190-\u2bff\U0001f000-\U0001faff\ufe0f\u200d]")
_LANGUAGES = ("ENGLISH", "SPANISH", "FRENCH", "PORTUGUESE", "GERMAN", "ITALIAN")
_PRAISE_BAR = 0.3
_MOOD_BAR = -0.35


class Verdict(NamedTuple):
    """One row of `tweets.scored_tweets` without its id."""

    language: str
    is_scored: bool
    sentiment: float | None
    topic: str
    is_complaint: bool
    reason: str
    cut_characters: int


def score(tweets: "pa.Table") -> "pa.Table":
    """Score tweets (`tweet_id`, `content_hash`, `text`, `lang`) into `tweets.scored_tweets`; each text once."""
    import pyarrow as pa

    pairs = list(zip(tweets.column("text").to_pylist(), tweets.column("lang").to_pylist(), strict=True))
    distinct = list(dict.fromkeys(pairs))
    found = dict(zip(distinct, _on_all_cores(distinct), strict=True))
    columns = list(zip(*(found[pair] for pair in pairs), strict=True)) or [()] * len(Verdict._fields)
    kinds = (pa.string(), pa.bool_(), pa.float64(), pa.string(), pa.bool_(), pa.string(), pa.int64())
    arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    kept = ["tweet_id", "content_hash"]
    return pa.table([*map(tweets.column, kept), *arrays], names=[*kept, *Verdict._fields])


def _on_all_cores(texts: Sequence[tuple[str, str | None]]) -> list[Verdict]:
    """The verdicts of many texts; in several processes, because VADER is Python from end to end."""
    processes = min(os.cpu_count() or 1, _MOST_PROCESSES)
    if processes == 1 or len(texts) < _WORTH_PROCESSES:
        return verdicts(texts)
    # A part is small enough that no process waits long for the last one.
    size = max(1, len(texts) // (4 * processes))
    parts = [texts[start : start + size] for start in range(0, len(texts), size)]
    # Threads of the warehouse and of Dagster run here: a fork would copy their locks.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawn, initializer=_end_with_parent) as pool:
        return [verdict for found in pool.map(verdicts, parts) for verdict in found]


def _end_with_parent() -> None:
    """Leave no process behind when the one that started it is killed."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        wait([parent.sentinel] if parent else [])
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def verdicts(texts: Sequence[tuple[str, str | None]]) -> list[Verdict]:
    """One verdict per (text, platform's language)."""
    analyzer = _analyzer()
    cut = [_cut(text) for text, _ in texts]
    languages = _languages(cut, [language for _, language in texts])
    found = []
    for (text, _), short, language in zip(texts, cut, languages, strict=True):
        mood = analyzer.polarity_scores(short)["compound"] if language == SCORED_LANGUAGE else None
        found.append(_verdict(short, language, mood, len(text) - len(short)))
    return found


@cache
def _analyzer() -> Any:  # noqa: ANN401 - VADER ships no types
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


@cache
def _detector() -> Any:  # noqa: ANN401 - lingua ships no types
    from lingua import Language, LanguageDetectorBuilder

    candidates = [getattr(Language, name) for name in _LANGUAGES]
    return LanguageDetectorBuilder.from_languages(*candidates).build()


def _verdict(text: str, language: str, mood: float | None, cut: int) -> Verdict:
    bank = _BANK.search(text)
    hits = {name: {word.lower() for word in pattern.findall(text)} for name, pattern in _TOPICS.items()}
    if not bank:
        # Cards, lines and apps are everywhere; they are the bank's service only where the bank is named.
        hits["service"] = set()
    grievance = _complaint(text, mood, is_service=bool(hits["service"])) if bank else None
    topic = "service" if grievance and hits["service"] else max(hits, key=lambda name: len(hits[name]))
    words = sorted(hits[topic])
    parts = [f'complains to the bank ("{grievance}")'] if grievance else []
    parts.append(f"topic from {', '.join(words[:3])}" if words else "no word of any topic")
    if mood is None:
        parts.append(f"mood not scored, language {language}")
    return Verdict(
        language, mood is not None, mood, topic if words else "other", bool(grievance), "; ".join(parts), cut
    )


def _complaint(text: str, mood: float | None, *, is_service: bool) -> str | None:
    """What makes a text that names the bank a complaint; None when it is none."""
    grievance = _GRIEVANCES.search(text)
    if grievance:
        is_praise = _PRAISE.search(text) and (mood or 0) >= _PRAISE_BAR
        return None if is_praise else grievance[0]
    return f"mood {mood:+.2f}" if is_service and mood is not None and mood <= _MOOD_BAR else None


def _cut(text: str) -> str:
    short = text[:MAX_CHARACTERS]
    symbols = [found.start() for found in _SYMBOL.finditer(short)]
    if len(symbols) <= MAX_SYMBOLS:
        return short
    surplus = set(symbols[MAX_SYMBOLS:])
    return "".join(character for place, character in enumerate(short) if place not in surplus)


def _languages(texts: Sequence[str], given: Sequence[str | None]) -> list[str]:
    unknown = [place for place, language in enumerate(given) if not language or language == "und"]
    languages = [(language or "und").split("-")[0].lower() for language in given]
    if unknown:
        detected = _detector().detect_languages_in_parallel_of([texts[place] for place in unknown])
        for place, language in zip(unknown, detected, strict=True):
            languages[place] = language.iso_code_639_1.name.lower() if language else "und"
    return languages
