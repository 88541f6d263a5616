"""How fresh assets must be, by name and with the incident each prevents.

Runs are started by sensors and schedules; these are the net under them: they tell when nothing has run.
"""

from datetime import timedelta

import dagster as dg

nightly = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=36), warn_window=timedelta(hours=26))
"""The CRM is extracted each night: a night that was missed is seen the next morning, not when customers complain."""

hourly = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=6), warn_window=timedelta(hours=2))
"""A refresh runs each hour even when nothing arrives: a daemon that stands still is seen the same day."""

minutely = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=1), warn_window=timedelta(minutes=15))
"""Files are listed each minute: a schedule that stands still is seen within the hour, before anybody misses a file."""
