"""What is forked after the connector was loaded can log in."""

import subprocess
import sys
from pathlib import Path

# The thread of the connector is slow in the middle of an import that each login needs.
_FORKED = """
import os, signal, sys, time

def slowed(event, given):
    if event == "exec" and "minicore" in getattr(given[0], "co_filename", ""):
        time.sleep(0.3)

sys.addaudithook(slowed)
import soak.loaded_connector
forked = os.fork()
if not forked:
    signal.alarm(10)
    import snowflake.connector.minicore
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]))
"""


def test_a_process_that_is_forked_right_after_the_connector_was_loaded_does_not_wait_for_a_thread_that_it_lacks() -> (
    None
):
    done = subprocess.run([sys.executable, "-c", _FORKED], cwd=Path(__file__).parents[2], timeout=60)
    assert done.returncode == 0
