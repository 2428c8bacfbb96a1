"""What a deployment is told agrees with the code: settings, services, hosts, images."""

import re

import pytest

from rekindle.catalogue import SERVICES
from rekindle.engines.fetch import VERSION
from services.channels.app import INSTALLED, check_destinations, installed
from shared.settings import Settings
from tests.compose import DOCKERFILE, EXAMPLE, ROOT, compose, variables

CONTAINERS = compose(EXAMPLE.given)
OURS = {name: its for name, its in CONTAINERS.items() if its.target}
SETTINGS = {name.upper(): its for name, its in Settings.model_fields.items()}


def test_every_setting_is_in_the_example_with_its_default_and_words_about_it() -> None:
    assert EXAMPLE.shown.keys() == SETTINGS.keys()
    for name, its in SETTINGS.items():
        default = str(its.default).lower() if isinstance(its.default, bool) else str(its.default)
        assert EXAMPLE.shown[name] == default, name
        assert EXAMPLE.above[name], name


def test_the_example_sets_what_settings_or_the_compose_file_know() -> None:
    assert EXAMPLE.given.keys() <= SETTINGS.keys() | variables()
    assert variables() <= SETTINGS.keys() | EXAMPLE.given.keys()


@pytest.mark.parametrize("name", [name for name, its in OURS.items() if its.target != "sandbox"])
def test_a_container_is_told_nothing_that_settings_do_not_know(name) -> None:
    own = OURS[name].spec["environment"].keys()
    assert own <= SETTINGS.keys()
    Settings(**{key.lower(): value for key, value in OURS[name].env.items()})


def test_every_service_and_every_channel_has_its_container() -> None:
    services = [its for its in OURS.values() if its.service]
    assert {its.service for its in services} == set(SERVICES)
    gateways = [its.env["CHANNELS"] for its in services if its.service == "channels"]
    assert sorted(gateways) == sorted(INSTALLED)
    assert len(services) == len(SERVICES) - 1 + len(INSTALLED)


def test_every_container_has_a_health_check_unless_it_ends_by_itself_or_can_run_none() -> None:
    without = {name for name, its in CONTAINERS.items() if "healthcheck" not in its.spec}
    end, hold_one_program = {"migrate", "operator"}, {"collector", "jaeger"}
    assert without == end | hold_one_program


def test_every_host_that_is_named_is_a_container_and_listens_there() -> None:
    for its in OURS.values():
        text = " ".join([*its.env.values(), *its.spec.get("command", [])])
        for host in re.findall(r"(?:http://|@(?=postgres/))([a-z-]+)[:/]", text):
            assert host in CONTAINERS, f"{its.name} names {host}"
    gateway = CONTAINERS["channels-whatsapp"].env
    assert (
        gateway["WEBHOOKS_PUBLIC_URL"]
        == f"http://channels-whatsapp:{SETTINGS['WEBHOOKS_PORT'].default}"
    )
    urls = CONTAINERS["operator"].env["INTERNAL_URLS"].split()
    assert sorted(urls) == sorted(f"http://{n}:8701" for n, its in OURS.items() if its.service)


def test_the_bus_is_the_version_that_is_embedded() -> None:
    assert CONTAINERS["kafka"].spec["image"] == f"apache/kafka:{VERSION}"


def test_the_context_of_the_images_holds_what_they_copy() -> None:
    let_in = set(re.findall(r"^!(.*)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    for path in " ".join(copied).split():
        plain = path.replace("${SERVICE}", "triage")
        assert (ROOT / plain).exists(), path
        assert any(plain == one or plain.startswith(f"{one}/") for one in let_in), path


def test_the_example_sends_to_the_sandbox_alone() -> None:
    for its in OURS.values():
        if its.service == "channels":
            settings = Settings(**{key.lower(): value for key, value in its.env.items()})
            assert not settings.live_sends
            check_destinations(settings, installed(settings))
