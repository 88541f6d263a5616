"""Pages of an answer: how many at most, and the `Link` to the next one.

What a place in the order is, each service knows for itself.
"""

import re
from typing import Annotated
from urllib.parse import urlencode

from msgspec import Meta
from starlette.requests import Request

from services.asgi.operation import Parameter
from services.asgi.problem import Problem


def limit_parameter(what: str, most: int) -> Parameter:
    """How many of `what` are in an answer at most."""
    about = f"{what} in the answer at most, 1 to {most:,}, which is also the default."
    return Parameter("limit", "query", Annotated[int, Meta(ge=1, le=most)], about)


def limit_of(request: Request, most: int) -> int:
    """The limit that the query asks for; raises Problem 400."""
    limit = request.query_params.get("limit", str(most))
    if not re.fullmatch(r"[1-9][0-9]{0,8}", limit, re.ASCII) or int(limit) > most:
        raise Problem(400, f"limit is {limit[:20]!r}; allowed is a number from 1 to {most}.", "limit")
    return int(limit)


def link(request: Request, after: str, limit: int) -> dict[str, str]:
    """The header that names the next page."""
    return {"Link": f'<{request.url.path}?{urlencode({"limit": limit, "after": after})}>; rel="next"'}
