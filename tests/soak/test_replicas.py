"""Replicas of the listing API, killed while documents come to them, keep each once."""

import hashlib
from pathlib import Path
from random import Random

from resources.deployments import deployment_from
from resources.listing_api import Document
from soak.contents import kept
from soak.replicas import Replicas, replicas
from soak.sides import both


def documents() -> list[Document]:
    texts = [f'{{"file":"/{number}"}}' for number in range(500)]
    return [Document(hashlib.sha256(text.encode()).hexdigest(), text) for text in texts]


def posted(api: Replicas, random: Random) -> set[str]:
    """What became of documents that were posted in one of the ways."""
    with api.side(random).opened() as opened:
        return {receipt.outcome for receipt in opened.listing_api.post(documents())}


def test_whichever_way_is_posted_and_whoever_is_killed_the_store_of_the_side_has_each_document_once(
    tmp_path: Path,
) -> None:
    (side, _), random = both(deployment_from({"QUADRANT_HOME": str(tmp_path)})), Random(1)
    with replicas(side, 1) as api:
        with api.killed():
            while not api.kills:
                posted(api, random)
        for _ in range(5):
            assert posted(api, random) <= {"posted", "known"}
    with side.opened() as opened:
        (found,) = kept(opened.listing_api).values()
    assert found == sorted(document.text for document in documents())
