"""Notices in the log: where there is nobody else to tell.

The log of the process that tells, which for sensors is that of Dagster's daemon.
"""

import logging

from resources.notifier.port import Notice, Notifier

_log = logging.getLogger("quadrant.notices")


class LogNotifier(Notifier):
    """Notices as warnings of one line."""

    def notify(self, notice: Notice) -> None:
        """Always taken."""
        _log.warning("%s", " · ".join(notice.text.splitlines()))
