"""`python -m platform_assets.listings csv|json < listing.txt`: lines of `ls -l` as CSV or as JSON, by hand.

Rejects go to standard error as `line: reason`. The assets read the same way, into tables, and do not come by here.
"""

import argparse
import codecs
import datetime as dt
import re
import signal
import sys
from io import BufferedReader
from typing import BinaryIO, Final, cast

from platform_assets.listings import conversion

_CSV: Final = re.compile(rb'[^ ,"]{10,11},')
_HEAD_BYTES: Final = 15


def main() -> int:
    """Convert standard input to standard output; 1 when a line was rejected."""
    parser = argparse.ArgumentParser(
        prog="python -m platform_assets.listings", description="Lines of ls -l as CSV, or as JSON."
    )
    parser.add_argument("form", choices=("csv", "json"), help="json reads the CSV as well as the text")
    form = parser.parse_args().form
    # Who reads no more, as `head` does, ends it without a word, as it ends any filter.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    return convert(form, cast(BufferedReader, sys.stdin.buffer), sys.stdout.buffer)


def convert(form: str, source: BufferedReader, to: BinaryIO) -> int:
    """Write what is read in its other form; what kind it is, is told by its first line."""
    now = dt.datetime.now(dt.UTC)
    if form == "csv":
        parts = conversion.of_text(source, now, conversion.CSV)
    elif _CSV.match(source.peek(_HEAD_BYTES)[:_HEAD_BYTES].removeprefix(codecs.BOM_UTF8)):
        parts = conversion.of_csv(source)
    else:
        parts = conversion.of_text(source, now, conversion.JSON)
    is_whole = True
    for part in parts:
        to.writelines(part.outputs[0])
        for reject in part.rejects:
            sys.stderr.write(f"{reject.line}: {reject.reason}\n")
            is_whole = False
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
