"""Pages of an answer: `limit` and `after` in the query, and the `Link` to the next one.

What a place in the order is, only the store knows; here it is carried.
"""

import re
from typing import Annotated, Final, NamedTuple

from msgspec import Meta
from starlette.requests import Request

from resources.promotion_store import Place
from services.asgi import pages
from services.asgi.operation import Parameter
from services.asgi.problem import Problem

LIMIT: Final = 1_000
_PLACE: Final = r"^([0-9]{1,16})\.([\s\S]{1,1000})$"
PARAMETERS: Final = (
    pages.limit_parameter("Promotions", LIMIT),
    Parameter(
        "after",
        "query",
        Annotated[str, Meta(pattern=_PLACE)],
        "Where the page before ended, as its Link says it.",
    ),
)


class Paging(NamedTuple):
    """Behind which place, and how many at most."""

    after: Place | None = None
    limit: int = LIMIT


_WHOLE: Final = Paging()


def paging(request: Request) -> Paging:
    """What the query asks for; raises Problem 400."""
    # Nearly nobody pages, and reading a query takes as long as much of the rest.
    if not request.scope["query_string"]:
        return _WHOLE
    limit = pages.limit_of(request, LIMIT)
    after = request.query_params.get("after")
    if after is None:
        return Paging(limit=limit)
    match = re.fullmatch(_PLACE, after, re.ASCII)
    if match is None:
        raise Problem(400, "after is no place that a Link of this service has named.", "after")
    return Paging(Place(int(match[1]), match[2]), limit)


def link(request: Request, place: Place, limit: int) -> dict[str, str]:
    """The header that names the next page, to be asked for with the same body."""
    return pages.link(request, f"{place.user_id}.{place.id}", limit)
