"""The promotions service, the request log and the store, killed under load: each answered request is logged once.

The long series is `python -m soak --only promotions`.
"""

from pathlib import Path

from soak.processes import LOG, PROMOTIONS, STORE
from soak.promotions import run


def test_killed_under_load_each_answer_is_right_and_in_the_log_exactly_once(tmp_path: Path) -> None:
    plan = [(0.2, PROMOTIONS), (0.4, LOG), (0.6, STORE), (0.8, PROMOTIONS)]
    outcome = run(tmp_path, plan, answers=200)
    assert outcome.kills == {PROMOTIONS: 2, LOG: 1, STORE: 1}
    assert len(outcome.answered) >= 200
    assert (outcome.wrong, outcome.lost, outcome.doubled) == ([], [], [])
