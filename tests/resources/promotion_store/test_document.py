"""A document of the promotion store is read the same whether it is in its form already or not."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from resources.promotion_store.document import Refused, form, read

TIMES = (
    "2026-11-01T12:00:00Z",
    "2026-11-01T12:00:00.5Z",
    "2026-11-01T12:00:00+01:00",
    "2026-11-01 12:00:00",
    "20261101T120000.123Z",
    "2026-W44-7T12:00:00Z",
    "2026-11-01Z",
    "Z",
)
ODD = st.sampled_from([None, "", 0, 1, True, False, 2.0, "1", "true", "false", b"x", *TIMES])
DOCUMENTS = st.fixed_dictionaries(
    {
        "_id": st.sampled_from(["a/1/7", 7]),
        "requestId": st.just("r") | ODD,
        "userId": st.integers(-1, 2**54) | ODD,
    },
    optional={
        "promotionId": st.just("7") | ODD,
        "used": st.just(False) | ODD,
        "sys_insertDateTime": st.sampled_from(TIMES) | ODD,
        "campaignId": st.just("a") | ODD,
        "usedAt": ODD,
        "usedRequestId": ODD,
        "startsAt": st.sampled_from(TIMES) | ODD,
        "endsAt": st.sampled_from(TIMES) | ODD,
    },
)
PLAIN = {
    "_id": "a/1/7",
    "requestId": "r",
    "userId": 1,
    "promotionId": "7",
    "used": False,
    "sys_insertDateTime": "2026-11-01T12:00:00Z",
}


@given(DOCUMENTS)
@example(PLAIN)
@example({**PLAIN, "campaignId": "a"})
@example({**PLAIN, "campaignId": ""})
@example({**PLAIN, "startsAt": "2026-11-02T00:00:00Z", "endsAt": "2026-11-03T00:00:00Z"})
@example({**PLAIN, "startsAt": "2026-11-02T00:00:00Z", "endsAt": "2026-11-02T00:00:00Z"})
@example({**PLAIN, "startsAt": None, "endsAt": ["2026-11-02T00:00:00Z"]})
@example({**PLAIN, "sys_insertDateTime": "20261101T120000.123Z"})
def test_the_short_way_reads_a_document_as_the_long_one(document: dict[str, Any]) -> None:
    formed = form(document)
    assert read(document) == (formed if isinstance(formed, Refused) else read(formed))
