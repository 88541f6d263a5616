"""Who of an audience gets the promotion and who is held out: decided by hashes, so always alike for the same shoppers.

The decision alone belongs here; it is kept and sent to the store by `launch`.
"""

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from platform_assets.promotions.campaign import CampaignInputs

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHOPPERS = """
SELECT
  s.user_id,
  s.segment,
  s.monetary_score,
  COALESCE(o.promotions, 0)::BIGINT AS active,
  SHA2(:campaign_id || '/' || s.user_id::VARCHAR, 256) AS digest
FROM promotions.segments AS s
LEFT JOIN (
  SELECT a.user_id, COUNT(*) AS promotions
  FROM promotions.assignments AS a
  JOIN promotions.campaigns AS c ON c.campaign_id = a.campaign_id
  WHERE NOT a.is_holdout AND c.starts_at < :ends_at AND c.ends_at > :starts_at
  GROUP BY a.user_id
) AS o ON o.user_id = s.user_id
WHERE CONTAINS(',' || :audience || ',', ',' || s.segment || ',')
"""
"""The audience of a campaign as `decide` wants it: `active` are promotions of campaigns of the same time."""

_HEX = 64
_WHOLE = 2.0**64


def decide(inputs: CampaignInputs, shoppers: pa.Table) -> pa.Table:
    """Columns user_id, segment and is_holdout of all who take part, by preference; `shoppers` as of SHOPPERS.

    Both arms are cut at the same shopper: who is held out would have got the promotion, and is fit for comparison.
    The draw of the holdout and that of the order are different digits of the digest, and so independent.
    """
    if inputs.max_active is not None:
        shoppers = shoppers.filter(pc.less(shoppers.column("active"), inputs.max_active))
    draws = _draws(shoppers.column("digest"))
    scores = shoppers.column("monetary_score").to_numpy()
    order = np.lexsort((shoppers.column("user_id").to_numpy(), draws[:, 1], -scores))
    is_holdout = draws[order, 0] / _WHOLE < inputs.holdout_share
    treated = np.cumsum(~is_holdout)
    # Behind the last who can be afforded, nobody is held out either.
    end = int(np.searchsorted(treated, inputs.affordable_users)) + 1
    chosen = shoppers.select(["user_id", "segment"]).take(pa.array(order[:end]))
    return chosen.append_column("is_holdout", pa.array(is_holdout[:end]))


def _draws(digests: pa.ChunkedArray) -> "NDArray[np.uint64]":
    """Four independent numbers of 64 bits for each digest, which is text of 64 hexadecimal digits."""
    fixed = digests.combine_chunks().cast(pa.binary()).cast(pa.binary(_HEX))
    first = fixed.offset * _HEX
    digits = fixed.buffers()[1][first : first + len(fixed) * _HEX].to_pybytes() if len(fixed) else b""
    return np.frombuffer(bytes.fromhex(digits.decode("ascii")), ">u8").reshape(-1, 4)
