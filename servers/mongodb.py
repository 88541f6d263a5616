"""SecantusDB, a server that speaks MongoDB's protocol, with authentication and a commit on disk for each write.

It comes with the test group of dependencies; a real MongoDB is used in the same way.
"""

import shutil
import subprocess
import sysconfig
import time
from pathlib import Path

from resources.unavailable import Unavailable
from servers.server import HOST, USER, Command, Place, Server

_PROGRAM = Path(sysconfig.get_path("scripts")) / "secantusd-py"
_READY_S = 30.0


class MongoDb(Server):
    """A replica set of one member, whose user's password is asked for (SCRAM-SHA-256)."""

    name = "mongodb"
    title = "MongoDB's protocol (SecantusDB)"
    ports = (27027,)

    def missing(self) -> str:
        """A package of the test group."""
        return "" if _PROGRAM.exists() else "secantusd-py not found; make test installs it"

    def prepare(self, place: Place) -> None:
        """Make the user once, while nobody is asked for a password yet and the data are still aside."""
        if place.data.exists():
            return
        partial = place.state / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        with (
            place.log.open("ab") as log,
            subprocess.Popen(self._arguments(place, partial), stdout=log, stderr=log) as process,
        ):
            try:
                self._create_user(place)
            finally:
                process.terminate()
        partial.replace(place.data)

    def command(self, place: Place) -> Command:
        """Without `--sync-on-commit`, kill -9 loses the last writes."""
        return Command([*self._arguments(place, place.data), "--auth", "--sync-on-commit"])

    def is_ready(self, place: Place) -> bool:
        """Whether its user can log in."""
        from pymongo import MongoClient
        from pymongo.errors import PyMongoError

        try:
            with MongoClient[dict[str, object]](self.address(place), serverSelectionTimeoutMS=1000) as client:
                client.admin.command("usersInfo", USER)
        except PyMongoError:
            return False
        return True

    def url(self, place: Place) -> str:
        """The server."""
        return f"mongodb://{HOST}:{place.port}"

    def settings(self, place: Place) -> dict[str, str]:
        """The address, its password included."""
        return {"MONGO_URL": self.address(place)}

    def address(self, place: Place) -> str:
        """How to reach it, its password included."""
        return f"mongodb://{USER}:{place.password()}@{HOST}:{place.port}/?authSource=admin"

    def _create_user(self, place: Place) -> None:
        from pymongo import MongoClient
        from pymongo.errors import PyMongoError

        deadline = time.monotonic() + _READY_S
        while True:
            try:
                with MongoClient[dict[str, object]](self.url(place), serverSelectionTimeoutMS=1000) as client:
                    client.admin.command("createUser", USER, pwd=place.password(), roles=["root"])
                return
            except PyMongoError as error:
                if time.monotonic() > deadline:
                    raise Unavailable(f"{self.title} made no user ({error}); see {place.log}.") from error

    @staticmethod
    def _arguments(place: Place, data: Path) -> list[str]:
        return [str(_PROGRAM), "--host", HOST, "--port", str(place.port), "--storage-path", str(data)]
