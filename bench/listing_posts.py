"""A batch of documents posted to the listing API, each in a request of its own, and then in bulk.

Against one `requests.Session` in a loop; the service and its SQLite store are the same.
"""

import hashlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Final

from bench.measuring import Bench, Claim, Result, faster, stated
from bench.processes import Server, served

_BATCH: Final = "2026-11-21T10:05:00Z"
_LOOPED: Final = 10
"""The loop posts one of so many documents, and is told per document."""


class PostError(Exception):
    """Not every document was posted."""


def prepare(inputs: Path, is_small: bool) -> None:
    """A hundred thousand documents, a line each."""
    lines = (
        f'{{"mod":"-rw-r--r--","no":"1","user":"root","group":"root","usrno":"{number * 37 % 90_000}",'
        f'"date":"Nov {1 + number % 21:2} 10:05","file":"/srv/www/site-{number % 997}/page {number}, draft.html"}}'
        for number in range(10_000 if is_small else 100_000)
    )
    (inputs / "documents").write_text("\n".join(lines))


def ours(inputs: Path, scratch: Path, *, is_bulk: bool = False) -> Iterator[Result]:
    """What the asset posted_listings does: enter in the ledger, post, keep the receipts."""
    import pyarrow as pa

    from platform_assets.listings.batch import JSON
    from platform_assets.listings.posting import TABLE, Posting
    from resources.listing_api import HttpListingApi
    from resources.warehouse import Commit, DuckDbWarehouse

    documents, warehouse = _documents(inputs), DuckDbWarehouse(scratch / "warehouse.duckdb")
    rows = {
        "source": ["file:///srv"] * len(documents),
        "line": range(len(documents)),
        "content_hash": [_hash(document) for document in documents],
        "document": documents,
    }
    with warehouse.spool(JSON) as spool:
        spool.write(pa.table(rows), batch_id=_BATCH)
        with warehouse.session() as session:
            session.commit(Commit("bench", None, "1", len(documents), loaded=[spool]))
    with _service(scratch) as service:
        yield {}
        posting = Posting(warehouse)
        posting.enter(_BATCH)
        posting.post(HttpListingApi(_url(service), is_bulk=is_bulk), 3_600)
        yield {"units": len(documents), "server_s": service.cpu_s() / len(documents)}
    with warehouse.session() as session:
        (posted,) = session.rows(
            f"SELECT COUNT(DISTINCT content_hash) AS n FROM {TABLE} WHERE state = 'posted'"
        )
    if posted["n"] != len(documents):
        raise PostError(f"The ledger has {posted['n']} documents as posted.")
    yield _stored(scratch, documents, len(documents))


def loop(inputs: Path, scratch: Path) -> Iterator[Result]:
    """One connection, one document after the other."""
    import requests

    documents = _documents(inputs)
    posted = documents[::_LOOPED]
    with _service(scratch) as service, requests.Session() as session:
        url, headers = _url(service), {"Content-Type": "application/json"}
        yield {}
        for document in posted:
            session.post(url, data=document.encode(), headers=headers).raise_for_status()
        yield {"units": len(posted), "server_s": service.cpu_s() / len(posted)}
    yield _stored(scratch, documents, len(posted))


def _documents(inputs: Path) -> list[str]:
    return (inputs / "documents").read_text().splitlines()


def _hash(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()


def _service(scratch: Path) -> AbstractContextManager[Server]:
    own = {"QUADRANT_HOME": str(scratch / "home"), "QUADRANT_DEPLOYMENT": "local", "LISTING_API_PORT": "0"}
    return served([sys.executable, "-m", "services.listing_api"], scratch / "service.txt", own)


def _url(service: Server) -> str:
    return f"http://127.0.0.1:{service.port}/"


def _stored(scratch: Path, documents: Sequence[str], count: int) -> Result:
    """A digest of those that each side posts, as the store has them. Raises PostError for any other number of them."""
    from resources.listing_store import SqliteListingStore

    compared = {_hash(document) for document in documents[::_LOOPED]}
    digest, after, found = hashlib.sha256(), "", 0
    with SqliteListingStore(scratch / "home" / "listings.sqlite") as store:
        while page := store.documents(after):
            after, found = page[-1].content_hash, found + len(page)
            for each in page:
                if each.content_hash in compared:
                    digest.update(f"{each.content_hash} {each.document}\n".encode())
    if found != count:
        raise PostError(f"The store has {found} documents instead of {count}.")
    return {"stored": digest.hexdigest()}


_WHAT: Final = "a document of 100k posted: one requests.Session in a loop"
BENCH = Bench(
    "listing_posts",
    prepare,
    {"ours": ours, "bulk": partial(ours, is_bulk=True), "loop": loop},
    (
        Claim(f"{_WHAT}, one a request", "ours", "loop", *faster(5)),
        Claim(f"{_WHAT}, 1,000 a request", "bulk", "loop", *stated()),
        Claim(f"{_WHAT}, CPU of the service, one a request", "ours", "loop", *stated(), of="server_s"),
    ),
)
