"""Arguments of commands that have many of them.

What argparse is told belongs here; what a command does with them is in `operations`.
"""

from collections.abc import Mapping
from typing import Any, Final

LAUNCH_CAMPAIGN: Final[Mapping[str, Mapping[str, Any]]] = {
    "--id": {"dest": "campaign_id", "required": True, "help": "its name: small letters, digits, hyphens"},
    "--promotion": {"dest": "promotion_id", "required": True, "help": "promotion that it gives"},
    "--audience": {"required": True, "help": "segments that it is for, such as at_risk,needs_attention"},
    "--budget": {"dest": "budget_eur", "type": float, "required": True, "help": "EUR that it costs at most"},
    "--cost": {"dest": "cost_eur", "type": float, "required": True, "help": "EUR that one use costs"},
    "--holdout": {
        "dest": "holdout_share",
        "type": float,
        "default": 0.1,
        "help": "share that gets nothing, for comparison (%(default)s)",
    },
    "--max-users": {"type": int, "help": "most shoppers that get it"},
    "--max-active": {"type": int, "help": "leave out who has so many promotions at that time"},
    "--starts": {"dest": "starts_at", "help": "first moment at which it can be used (the launch)"},
    "--ends": {"dest": "ends_at", "help": "when it is over (four weeks later)"},
}
