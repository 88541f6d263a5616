"""`python -m samples`: write a sample world of any size into a folder."""

import argparse
import sys
import time
from pathlib import Path

from resources.unavailable import Unavailable
from samples import world


def main() -> int:
    """Write one world; 1 and a sentence when that cannot be done."""
    usual = world.WorldConfig()
    parser = argparse.ArgumentParser(
        prog="python -m samples", description="Write a sample world with its truth."
    )
    parser.add_argument("--addresses", type=int, default=usual.addresses, help="dwellings (%(default)s)")
    parser.add_argument(
        "--customers", type=int, default=usual.customers, help="customer records (%(default)s)"
    )
    parser.add_argument("--tweets", type=int, default=usual.tweets, help="messages (%(default)s)")
    parser.add_argument(
        "--seed", type=int, default=usual.seed, help="another seed is another world (%(default)s)"
    )
    parser.add_argument(
        "--to", type=Path, default=Path(".quadrant"), metavar="DIR", help="where to (%(default)s)"
    )
    parser.add_argument("--with-dwellings", action="store_true", help="also list every dwelling in the truth")
    parser.add_argument("--shoppers", type=int, default=usual.shoppers, help="shoppers (%(default)s)")
    chosen = parser.parse_args()
    config = world.WorldConfig(
        chosen.addresses, chosen.customers, chosen.tweets, chosen.seed, chosen.shoppers
    )
    began = time.monotonic()
    try:
        written = world.write(world.make(config), chosen.to, with_dwellings=chosen.with_dwellings)
    except (Unavailable, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"{written.addresses:,} address rows in {written.files} files, {written.customers:,} customers, "
        f"{written.tweets:,} messages and {written.receipts:,} receipts in {chosen.to}, "
        f"in {time.monotonic() - began:.1f} s."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
