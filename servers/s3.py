"""versitygw, an S3 server over a folder, built from its Go module.

It checks signatures and keeps conditions (If-Match, If-None-Match) as Amazon's does.
"""

import shutil
from pathlib import Path

from servers import processes
from servers.server import HOST, USER, Command, Place, Server

_MODULE = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"
_WITH_SECRET = 'export ROOT_ACCESS_KEY="$1" ROOT_SECRET_KEY="$(cat "$2")"; shift 2; exec "$@"'
BUCKET = "quadrant"
REGION = "us-east-1"


class S3(Server):
    """An S3 server with one user and the bucket `quadrant`."""

    name = "s3"
    title = "S3 (versitygw 1.8.0)"
    ports = (19000,)

    def missing(self) -> str:
        """Go builds it."""
        return "" if shutil.which("go") else "go not found; get it from https://go.dev/dl"

    def install(self, tools: Path) -> None:
        """About a minute, 43 MB."""
        if not (tools / "versitygw").exists():
            tools.mkdir(parents=True, exist_ok=True)
            go = ["env", f"GOBIN={tools}", "CGO_ENABLED=0", "go", "install", _MODULE]
            processes.run(go, "Building versitygw")

    def prepare(self, place: Place) -> None:
        """Make its folders."""
        place.data.mkdir(exist_ok=True)
        (place.state / "versions").mkdir(exist_ok=True)

    def command(self, place: Place) -> Command:
        """The secret goes from its file to the environment, never through a command line."""
        place.password()
        arguments = ["/bin/sh", "-c", _WITH_SECRET, "versitygw", USER, str(place.password_file)]
        arguments += [str(place.tools / "versitygw"), "--port", f"{HOST}:{place.port}", "posix"]
        return Command([*arguments, "--versioning-dir", str(place.state / "versions"), str(place.data)])

    def is_ready(self, place: Place) -> bool:
        """Whether it lists its buckets to its user."""
        return self._buckets(place) is not None

    def furnish(self, place: Place) -> None:
        """Make the bucket."""
        if BUCKET not in (self._buckets(place) or ()):
            self._client(place).create_bucket(Bucket=BUCKET)

    def put(self, place: Place, key: str, body: bytes) -> None:
        """Put an object into the bucket."""
        self._client(place).put_object(Bucket=BUCKET, Key=key, Body=body)

    def url(self, place: Place) -> str:
        """The endpoint."""
        return f"http://{HOST}:{place.port}"

    def settings(self, place: Place) -> dict[str, str]:
        """Bucket, endpoint, and AWS's own names of the credentials."""
        return {
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": self.url(place),
            "AWS_ACCESS_KEY_ID": USER,
            "AWS_SECRET_ACCESS_KEY": place.password(),
            "AWS_REGION": REGION,
        }

    def _buckets(self, place: Place) -> list[str] | None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return [bucket["Name"] for bucket in self._client(place).list_buckets()["Buckets"]]
        except (BotoCoreError, ClientError):
            return None

    def _client(self, place: Place):  # type: ignore[no-untyped-def]  # noqa: ANN202 - boto3 ships no types
        import boto3
        from botocore.config import Config

        session = boto3.Session(USER, place.password(), region_name=REGION)
        config = Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 0})
        return session.client("s3", endpoint_url=self.url(place), config=config)
