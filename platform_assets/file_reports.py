"""What assets that take files in tell in common: checks over all files, and what became of each file of a run.

Which files and tables these are is in the domains.
"""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from platform_assets.reports import Check
from resources.files.intake import Entry

_FILES_SHOWN = 50


def file_checks(loaded: str, rejected: str, ledger: str) -> tuple[Check, Check]:
    """Every record is a row or a reject; no file is unreadable. They look at every file, not only those of a run."""
    latest = f"""
SELECT file, state, read_rows, loaded_rows, rejected_rows
FROM {ledger}
QUALIFY ROW_NUMBER() OVER (PARTITION BY file ORDER BY committed_at DESC, file_version) = 1
"""
    reconciled = f"""
WITH loaded AS (SELECT file, COUNT(*) AS n FROM {loaded} GROUP BY file),
rejected AS (SELECT file, COUNT(*) AS n FROM {rejected} GROUP BY file)
SELECT COUNT(*) AS n
FROM ({latest}) AS v
LEFT JOIN loaded AS l ON l.file = v.file
LEFT JOIN rejected AS r ON r.file = v.file
WHERE v.read_rows <> v.loaded_rows + v.rejected_rows
  OR v.loaded_rows <> COALESCE(l.n, 0)
  OR v.rejected_rows <> COALESCE(r.n, 0)
"""
    return (
        Check("read_is_loaded_plus_rejected", "Every record of every file is a row or a reject.", reconciled),
        Check(
            "files_are_readable",
            "No file, of this load or an earlier one, is unreadable as a whole.",
            f"SELECT COUNT(*) AS n FROM ({latest}) AS v WHERE v.state = 'rejected'",
            blocking=False,
            names=f"SELECT v.file FROM ({latest}) AS v WHERE v.state = 'rejected' ORDER BY v.file",
        ),
    )


def file_numbers(entries: Sequence[Entry]) -> dict[str, Any]:
    """What became of each file, the first ones by name, and how many records that were."""
    lines = ["| file | state | read | loaded | rejected |", "|---|---|---|---|---|"]
    lines += [
        f"| {e.file} | {e.state} | {e.read_rows} | {e.loaded_rows} | {e.rejected_rows} |"
        for e in entries[:_FILES_SHOWN]
    ]
    return {
        "files": dg.MetadataValue.md("\n".join(lines)),
        "read_rows": sum(entry.read_rows for entry in entries),
        "loaded_rows": sum(entry.loaded_rows for entry in entries),
        "rejected_rows": sum(entry.rejected_rows for entry in entries),
    }
