"""The original's two filters of listings: what its awk and its jq make of a file of lines of ls -l.

They show what is lost there, and are measured against; nothing of ours runs them.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Final

AWK: Final = 'BEGIN { OFS = "," } { print $1, $2, $3, $4, $5, $6 " " $7 " " $8, $9 }'
JQ: Final = (
    'split("\\n")[] | split(",")'
    " | {mod: .[0], no: .[1], user: .[2], group: .[3], usrno: .[4], date: .[5], file: .[6]}"
)
TOOLS: Final = ("awk", "jq")


def lacking() -> str:
    """A sentence about what is not installed, empty when both are."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"The original's filters need {' and '.join(missing)}, which is not installed." if missing else ""


def to_csv(text: Path, sheet: Path) -> None:
    """Its stage text to CSV; raises CalledProcessError."""
    _filter(["awk", AWK], text, sheet)


def to_json(sheet: Path, lines: Path) -> None:
    """Its stage CSV to JSON, a document a line; raises CalledProcessError."""
    _filter(["jq", "-Rc", JQ], sheet, lines)


def loop(source: Path, target: Path, before_filter: str = ":") -> int:
    """One turn of its deployment text-to-csv, in the shell as there; the exit code.

    `before_filter` is done once the source is removed. Without a source it sleeps there; here it does nothing.
    """
    steps = (
        'test -e "$1" || exit 0',
        'cp "$1" "$1.taken"',
        'rm "$1"',
        before_filter,
        f'awk \'{AWK}\' "$1.taken" > "$1.made"',
        'mv "$1.made" "$2"',
    )
    script = "; ".join(steps)
    return subprocess.run(["sh", "-c", script, "sh", str(source), str(target)], check=False).returncode


def _filter(command: list[str], source: Path, target: Path) -> None:
    with source.open("rb") as given, target.open("wb") as taken:
        subprocess.run(command, stdin=given, stdout=taken, check=True)
