"""`python snowflake_on_disk.py HOST PORT FOLDER`: fakesnow's server with its databases in files of a folder.

Its own command keeps them in memory whatever folder it is given, so that a restart would lose what was committed.
"""

import sys
from importlib import import_module

import uvicorn
from fakesnow.instance import FakeSnow


def main(host: str, port: str, folder: str) -> None:
    """Serve until a signal comes."""
    # By its name, because the package has a function of that name too.
    server = import_module("fakesnow.server")
    server.shared_fs = FakeSnow(db_path=folder)  # type: ignore[attr-defined]
    uvicorn.run(server.app, host=host, port=int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
