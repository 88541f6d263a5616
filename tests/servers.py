"""Servers that tests start: on a port of the system's choice, ready when handed over.

Here they start by a deadline, stop and are reaped; what they are used for is the matter of the tests.
"""

import subprocess
import sys
import sysconfig
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, SimpleQueue
from socketserver import StreamRequestHandler

_DEADLINE_S = 30.0

S3_ACCESS_KEY = "quadrant-test"
S3_SECRET_KEY = "not-a-secret-but-long"

_MOCK_KAFKA = """
import sys
from confluent_kafka import Producer
cluster = Producer({"bootstrap.servers": "unused", "test.mock.num.brokers": 1})
for broker in cluster.list_topics(timeout=20).brokers.values():
    sys.stdout.write(f"listening on {broker.host}:{broker.port} \\n")
sys.stdout.flush()
sys.stdin.read()
"""


@dataclass(frozen=True)
class S3Server:
    """A running S3 server, and who may use it."""

    url: str
    access_key: str = S3_ACCESS_KEY
    secret_key: str = S3_SECRET_KEY

    def new_bucket(self) -> str:
        """The name of an empty bucket."""
        import boto3

        name = f"b-{uuid.uuid4().hex[:12]}"
        session = boto3.Session(self.access_key, self.secret_key, region_name="us-east-1")
        client = session.client("s3", endpoint_url=self.url)
        client.create_bucket(Bucket=name)
        client.close()
        return name


@contextmanager
def s3_server(root: Path) -> Iterator[S3Server]:
    """rclone's S3 server, which keeps buckets as folders of `root` and checks signatures.

    Not as AWS: it does not know If-Match, and answers a range with 200, which is corrected on the way.
    """
    rclone = Path(sysconfig.get_path("scripts")) / "rclone"
    flags = [f"--auth-key={S3_ACCESS_KEY},{S3_SECRET_KEY}", "--addr=127.0.0.1:0", "--config="]
    command = [str(rclone), "serve", "s3", *flags, str(root)]
    with _running(command, "Starting s3 server on [http://", "/]") as address:
        handler = type("Handler", (_RangeStatus,), {"upstream": address})
        with http_server(handler) as url:
            yield S3Server(url)


@contextmanager
def kafka_server() -> Iterator[str]:
    """librdkafka's mock cluster, one broker; gives its address. Topics have 4 partitions of about 5 MB."""
    with _running([sys.executable, "-c", _MOCK_KAFKA], "listening on ", " ") as address:
        yield address


@contextmanager
def http_server(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """An HTTP server of this process; gives its URL."""
    with tcp_server(handler) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def tcp_server(handler: type[StreamRequestHandler]) -> Iterator[int]:
    """A server of this process with a thread for each connection; gives its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(_DEADLINE_S)


class _RangeStatus(BaseHTTPRequestHandler):
    """Passes all on, the signed Host too; what has a Content-Range gets status 206 (RFC 9110, 15.3.7)."""

    protocol_version = "HTTP/1.1"
    upstream: str

    def pass_on(self) -> None:
        """One request, one connection to the server behind."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = HTTPConnection(self.upstream, timeout=_DEADLINE_S)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            content = response.read()
            self.send_response_only(206 if response.getheader("Content-Range") else response.status)
            for name, value in response.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
            length = response.getheader("Content-Length") if self.command == "HEAD" else None
            self.send_header("Content-Length", length or str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        finally:
            connection.close()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = pass_on  # noqa: N815 - http.server's names


@contextmanager
def _running(command: Sequence[str], before: str, after: str) -> Iterator[str]:
    """Run until the block ends; gives what the process writes between `before` and `after` when ready."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines: SimpleQueue[str] = SimpleQueue()
    reader = threading.Thread(target=_drained, args=(process, lines), daemon=True)
    reader.start()
    try:
        yield _announced(lines, before, after)
    finally:
        process.terminate()
        process.wait(_DEADLINE_S)
        reader.join(_DEADLINE_S)
        for pipe in filter(None, (process.stdin, process.stdout)):
            pipe.close()


def _drained(process: subprocess.Popen[str], lines: "SimpleQueue[str]") -> None:
    """A pipe that nobody reads would stop the server; the empty line says that it has ended."""
    for line in process.stdout or ():
        lines.put(line)
    lines.put("")


def _announced(lines: "SimpleQueue[str]", before: str, after: str) -> str:
    seen = ""
    try:
        while line := lines.get(timeout=_DEADLINE_S):
            seen += line
            if before in line:
                return line.partition(before)[2].partition(after)[0]
    except Empty:
        pass
    raise RuntimeError(f"the server did not say {before!r} within {_DEADLINE_S:g} s, but: {seen}")


@contextmanager
def mongo_server() -> Iterator[str]:
    """SecantusDB, which speaks MongoDB's protocol, in memory and in this process; its address."""
    from secantus import SecantusDBServer

    with SecantusDBServer(storage_path=":memory:", port=0) as server:
        yield server.uri
