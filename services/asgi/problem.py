"""What is wrong with a request or with a service, as `application/problem+json` (RFC 9457).

Only the form; who finds something wrong says what.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.responses import Response

MEDIA_TYPE: Final = "application/problem+json"


class ProblemDetails(msgspec.Struct, omit_defaults=True):
    """A problem as a caller reads it."""

    title: str
    status: int
    detail: str
    field: str = ""
    """The field of the body, the query or the headers that is wrong."""


class Problem(Exception):  # noqa: N818 - it is what the standard calls it
    """A request that is not answered as it was meant to be: a status, and a sentence for the caller."""

    def __init__(
        self, status: int, detail: str, field: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        """`headers` go out with it, such as Retry-After."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.field = field
        self.headers = headers

    def response(self) -> Response:
        """The answer."""
        told = ProblemDetails(HTTPStatus(self.status).phrase, self.status, self.detail, self.field)
        return Response(msgspec.json.encode(told), self.status, self.headers, MEDIA_TYPE)


def later(detail: str, after_s: float = 5) -> Problem:
    """503, and when to try again, in seconds."""
    return Problem(503, detail, headers={"Retry-After": str(max(1, round(after_s)))})
