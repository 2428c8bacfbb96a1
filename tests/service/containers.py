"""The engines of docker-compose.yml in containers: `make test ENGINES=docker`.

They are its very images and settings; only what a test must wait for is made quicker, and
PostgreSQL trusts whoever comes, as the one of the packages does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import ExecWaitStrategy, LogMessageWaitStrategy

from rekindle.engines.folder import free_ports
from tests.compose import EXAMPLE, compose

HOST = "127.0.0.1"
QUICK = {
    "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
    "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "1",
}


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the engines listen."""

    kafka_url: str
    database_url: str


@contextmanager
def containers() -> Iterator[Servers]:
    """Both engines, while the block runs."""
    kafka_port, database_port = free_ports(2)
    with _kafka(kafka_port), _postgres(database_port):
        yield Servers(
            f"{HOST}:{kafka_port}",
            f"postgresql+psycopg://postgres@{HOST}:{database_port}/postgres",
        )


def _kafka(port: int) -> DockerContainer:
    its = _of_compose("kafka", 9092, port).with_envs(**QUICK)
    its.with_envs(KAFKA_ADVERTISED_LISTENERS=f"BROKER://{HOST}:{port}")
    return its.waiting_for(LogMessageWaitStrategy("Kafka Server started"))


def _postgres(port: int) -> DockerContainer:
    its = _of_compose("postgres", 5432, port).with_envs(POSTGRES_HOST_AUTH_METHOD="trust")
    # Over TCP, for while it is being set up it answers on its socket alone.
    return its.waiting_for(ExecWaitStrategy(["pg_isready", "--host", HOST]))


def _of_compose(name: str, inside: int, port: int) -> DockerContainer:
    its = compose(EXAMPLE.given)[name]
    container = DockerContainer(its.spec["image"]).with_envs(**its.env)
    return container.with_bind_ports(inside, port).with_kwargs(hostname=name)
