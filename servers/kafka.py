"""One Apache Kafka node, broker and controller in one (KRaft), from Maven Central.

Settings are those of a laptop: small heap, one replica of everything, quick to come back after kill -9. Nothing is
deleted by age: sample messages bear the times of their world, and would be gone within minutes.
"""

import base64
import shutil
import uuid
from pathlib import Path

from resources.unavailable import Unavailable
from servers import processes
from servers.server import HOST, Command, Place, Server

_VERSION = "4.1.0"
_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>quadrant</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
"""
# See https://kafka.apache.org/41/documentation.html#brokerconfigs
_PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
log.dirs={data}
num.partitions=4
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
log.cleaner.dedupe.buffer.size=4194304
log.retention.ms=-1
"""


class Kafka(Server):
    """A broker without authentication, for it listens on loopback only. Topics are made with 4 partitions."""

    name = "kafka"
    title = f"Kafka {_VERSION}"
    ports = (19092, 19093)

    def missing(self) -> str:
        """Java runs it, Maven fetches it."""
        lacking = [tool for tool in ("java", "mvn") if shutil.which(tool) is None]
        return f"{' and '.join(lacking)} not found; Debian: apt install default-jre maven" if lacking else ""

    def install(self, tools: Path) -> None:
        """46 jars, 43 MB; a download that was interrupted is begun again."""
        jars = tools / _VERSION
        if jars.exists():
            return
        partial = tools / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        (tools / "pom.xml").write_text(_POM, encoding="utf-8")
        arguments = ["mvn", "-q", "-B", "-f", str(tools / "pom.xml"), "dependency:copy-dependencies"]
        arguments += [f"-DoutputDirectory={partial}", "-DincludeScope=runtime"]
        processes.run(arguments, f"Getting Kafka {_VERSION} by Maven")
        partial.replace(jars)

    def prepare(self, place: Place) -> None:
        """Write the properties, and format the data once."""
        port, controller = place.ports
        text = _PROPERTIES.format(host=HOST, port=port, controller=controller, data=place.data)
        self._properties(place).write_text(text, encoding="utf-8")
        if (place.data / "meta.properties").exists():
            return
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        arguments = [*self._java(place), "kafka.tools.StorageTool", "format", "-t", cluster, "-c"]
        processes.run([*arguments, str(self._properties(place))], "Formatting Kafka's data")

    def command(self, place: Place) -> Command:
        """The broker and controller in one process."""
        memory = ("-Xmx192m", "-XX:+UseSerialGC")
        return Command([*self._java(place, *memory), "kafka.Kafka", str(self._properties(place))])

    def is_ready(self, place: Place) -> bool:
        """Whether it lists its topics and itself."""
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import AdminClient

        client = AdminClient({"bootstrap.servers": self.address(place), "log_level": 0})
        try:
            return bool(client.list_topics(timeout=1).brokers)
        except KafkaException:
            return False

    def url(self, place: Place) -> str:
        """As Quadrant names topics."""
        return f"kafka://{self.address(place)}"

    def settings(self, place: Place) -> dict[str, str]:
        """The address alone."""
        return {"KAFKA_BOOTSTRAP_SERVERS": self.address(place)}

    @staticmethod
    def address(place: Place) -> str:
        """What clients are given."""
        return f"{HOST}:{place.port}"

    @staticmethod
    def _properties(place: Place) -> Path:
        return place.state / "server.properties"

    @staticmethod
    def _java(place: Place, *options: str) -> list[str]:
        java = shutil.which("java")
        if java is None:
            raise Unavailable("java is not found: install it, on Debian by apt install default-jre.")
        return [java, *options, "-cp", f"{place.tools / _VERSION}/*"]
