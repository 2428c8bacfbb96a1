"""`ENGINES=docker` starts what docker-compose.yml names, where tests on this machine find it."""

import pytest
import yaml
from testcontainers.core.container import DockerContainer

from tests.compose import ROOT
from tests.service.containers import containers


@pytest.fixture
def started(monkeypatch):
    """The containers that would run, in order; a set for those that still would."""
    begun, running = [], set()

    def start(self):
        begun.append(self)
        running.add(self.image)
        return self

    # Without Docker there is nobody whom its client could ask.
    monkeypatch.setattr("testcontainers.core.container.DockerClient", lambda **_: None)
    monkeypatch.setattr(DockerContainer, "start", start)
    monkeypatch.setattr(DockerContainer, "stop", lambda self: running.discard(self.image))
    return begun, running


def test_the_engines_are_those_of_the_compose_file(started) -> None:
    begun, running = started
    its = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    with containers():
        assert running == {its["kafka"]["image"], its["postgres"]["image"]}
    assert running == set()
    kafka, postgres = begun
    given = {name: str(value) for name, value in its["kafka"]["environment"].items()}
    same = given.keys() - {"KAFKA_ADVERTISED_LISTENERS"}
    assert {name: kafka.env[name] for name in same} == {name: given[name] for name in same}
    assert postgres.env["POSTGRES_HOST_AUTH_METHOD"] == "trust"


def test_they_are_reached_by_the_ports_that_they_are_bound_to(started) -> None:
    with containers() as servers:
        kafka, postgres = started[0]
    [kafka_port], [database_port] = kafka.ports.values(), postgres.ports.values()
    assert [*kafka.ports, *postgres.ports] == ["9092", "5432"]
    assert servers.kafka_url == f"127.0.0.1:{kafka_port}"
    assert kafka.env["KAFKA_ADVERTISED_LISTENERS"] == f"BROKER://{servers.kafka_url}"
    assert f"@127.0.0.1:{database_port}/" in servers.database_url
