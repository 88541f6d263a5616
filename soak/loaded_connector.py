"""Snowflake's connector, loaded to the end before anything is forked from the process that imports this.

Who is forked, and for what, is in `worker`.
"""

import threading

_BEFORE = set(threading.enumerate())

import snowflake.connector  # noqa: E402, F401, TID253 - loaded once, before the processes are forked

# The connector loads a part of itself in a thread. A process that is forked meanwhile gets the lock of that import,
# but not the thread that would give it back: its first login never returns.
for _thread in set(threading.enumerate()) - _BEFORE:
    _thread.join()
