"""`rekindle parked` and `unknown` on a running system, and on the data of one at rest."""

import asyncio
import json
import time
from contextlib import suppress

import httpx
import pytest
from typer.testing import CliRunner

from rekindle.__main__ import app
from rekindle.catalogue import SERVICES
from rekindle.engines import Engines, clear, endpoint, running
from rekindle.engines.folder import free_ports
from shared.words import Result
from tests.examples import a_contact_triaged, a_message_sent
from tests.service.bus_world import contact, on_the_bus, publish, record, until
from tests.service.command_line import rekindle, started

ANN, BEN = contact(1), contact(2)
READERS = ["agent", "booking", "channels", "orchestrator"]
UP_SECONDS_MAX, STOP_SECONDS_MAX = 100, 60
pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    its = tmp_path_factory.mktemp("parked") / "data"
    yield its
    clear(its)


@pytest.fixture(scope="module")
def system(data):
    """`rekindle up`."""
    names = ("CONSOLE_PORT", "WEBHOOKS_PORT", "MAIL_IN_PORT")
    ports = {name: str(port) for name, port in zip(names, free_ports(3), strict=True)}
    process = started("up", "--data", data, cwd=data.parent, **ports)
    yield process
    process.terminate()
    process.wait(STOP_SECONDS_MAX)


@pytest.fixture
async def up(data, system):
    """The address of its Kafka, once it may be asked."""

    def answers():
        assert system.poll() is None, (data.parent / "out").read_text()
        with suppress(httpx.HTTPError, httpx.InvalidURL):
            httpx.get(f"{endpoint(data)}/healthz")
            return running(data)

    kafka_url, _ = await until(answers, "it is up", UP_SECONDS_MAX)
    return kafka_url


def triaged(who, number, **changed):
    """The record of a contact's triage; the number makes it another event."""
    event = a_contact_triaged(subject=who, revision=number)
    event = event.model_copy(update={"id": contact(number), "cause_id": who})
    return record(event, 0, **changed)


async def said(data, *words):
    return await asyncio.to_thread(run, data, *words)


def run(data, *words):
    """What the command does: its exit code, what it prints, and its sentence on failure."""
    done = CliRunner().invoke(app, [*map(str, words), "--data", str(data)])
    sentence = "" if isinstance(done.exception, SystemExit | None) else str(done.exception)
    return done.exit_code, done.stdout, sentence


async def parked(data, *words):
    code, printed, sentence = await said(data, "parked", *words, "--json")
    assert sentence == ""
    return code, json.loads(printed)


async def until_parked(data, count):
    """Wait until so many events are parked; they."""
    end = time.monotonic() + UP_SECONDS_MAX
    while len(rows := (await parked(data, "list"))[1]["parked"]) < count:
        assert time.monotonic() < end, f"{len(rows)} of {count} events are parked"
    return rows


async def test_a_bad_event_is_seen_tried_given_up_and_what_waited_behind_it_applied(data, up):
    await publish(up, triaged(ANN, 1, value=b"\xff no json"), triaged(ANN, 2), triaged(BEN, 3))
    rows = await until_parked(data, 2 * len(READERS))
    behind = "waits behind an earlier parked event"
    assert {row["subject"] for row in rows} == {str(ANN)}
    for reader in READERS:
        first, second = [row["cause"] for row in rows if row["group"] == reader]
        assert first.startswith("it is no contact.triaged: ")
        assert second == behind

    code, found = await parked(data, "retry", ANN)
    assert code == 1
    assert [row["cause"] == behind for row in found["retried"]] == [False, True] * len(READERS)

    code, found = await parked(data, "drop", contact(1))
    assert code == 0
    assert sorted(row["group"] for row in found["dropped"]) == READERS

    code, dry = await parked(data, "retry", "--all", "--dry-run")
    assert (code, dry["dry_run"]) == (0, True)
    assert [row["event_id"] for row in dry["retried"]] == [str(contact(2))] * len(READERS)
    assert len((await parked(data, "list"))[1]["parked"]) == len(READERS)

    code, done = await parked(data, "retry", "--all")
    assert (code, done["retried"]) == (0, dry["retried"])
    assert await parked(data, "list") == (0, {"parked": []})


async def test_what_people_read_has_no_more_than_ids_and_causes(data, up):
    await publish(up, triaged(ANN, 4, key=None))
    await until_parked(data, len(READERS))
    _, printed, _ = await said(data, "parked", "list", "--service", "agent")
    title, line = printed.splitlines()
    assert title.startswith("agent: 00000000-0000-0000-0000-000000000000, 1 parked since 20")
    assert line == f"  contact.triaged {contact(4)}: the key is no UUID"
    _, printed, _ = await said(data, "parked", "retry", "--all", "--dry-run", "--service", "agent")
    assert printed.splitlines()[0].endswith(", 0 of 1 would be applied")
    _, printed, _ = await said(data, "parked", "drop", contact(4))
    assert f"agent: gave up contact.triaged {contact(4)}\n" in printed
    assert await said(data, "parked", "list") == (0, "Nothing is parked.\n", "")


async def test_another_token_is_refused_with_the_remedy(data, up, monkeypatch):
    """Which also shows that the running system was asked, and not its database."""
    monkeypatch.setenv("INTERNAL_TOKEN", "another")
    code, _, sentence = await said(data, "parked", "list")
    assert code != 0
    assert "console refuses: the token is another; set INTERNAL_TOKEN" in sentence


async def test_services_are_found_where_the_setting_says(data, up, monkeypatch, tmp_path):
    monkeypatch.setenv("MASTER_KEY_FILE", str(data / "master.key"))
    monkeypatch.setenv("INTERNAL_URLS", f"http://127.0.0.1:1 {endpoint(data)}")
    assert await said(tmp_path, "parked", "list") == (0, "Nothing is parked.\n", "")


async def test_a_service_without_a_process_is_named_with_the_remedy(data, up, monkeypatch):
    monkeypatch.setenv("MASTER_KEY_FILE", str(data / "master.key"))
    monkeypatch.setenv("INTERNAL_URLS", "http://127.0.0.1:1/{service}, http://[broken")
    code, _, sentence = await said(data, "parked", "list", "--service", "agent")
    assert code != 0
    assert sentence == (
        "No process of agent answers: start one with `rekindle serve agent`, name its address in "
        "INTERNAL_URLS, or choose with --service."
    )


async def statuses(data):
    code, printed, sentence = await said(data, "status", "--json")
    assert sentence == ""
    return code, {row["service"]: row for row in json.loads(printed)["services"]}


async def test_the_status_of_a_running_system_shows_every_service(data, up, monkeypatch):
    async def well():
        return (await statuses(data))[0] == 0

    end = time.monotonic() + UP_SECONDS_MAX
    while not await well():
        assert time.monotonic() < end, (await statuses(data))[1]
    code, printed, _ = await said(data, "status")
    assert code == 0
    assert all(f"{name} " in printed for name in SERVICES)
    assert printed.count(" ready ") == len(SERVICES)
    _, found = await statuses(data)
    assert found["channels"]["to_hear"]["contact.triaged"] == 0
    assert found["agent"]["view_seconds"] < 15
    monkeypatch.setenv("MASTER_KEY_FILE", str(data / "master.key"))
    monkeypatch.setenv("INTERNAL_URLS", f"http://127.0.0.1:1 {endpoint(data)}")
    code, found = await statuses(data)
    assert (code, found["?"]["at"]) == (1, "http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["parked", "retry"], "Name one subject"),
        (["parked", "retry", ANN, "--all"], "Name one subject"),
        (
            ["parked", "list", "--service", "agents"],
            "There is no service 'agents': choose one of console",
        ),
        (["parked", "drop", BEN], f"No event {BEN} is parked"),
        (
            ["unknown", "settle", BEN, "accepted", "--by", "Ona"],
            f"channels refuses: There is no touch {BEN}.",
        ),
        (
            ["unknown", "settle", BEN, "not_sent", "--by", ""],
            "channels refuses: That is no request",
        ),
    ],
)
async def test_what_cannot_be_done_is_a_sentence(data, up, words, expected):
    code, printed, sentence = await said(data, *words)
    assert code != 0
    assert printed == ""
    assert sentence.startswith(expected)


async def test_an_unknown_touch_is_listed_settled_by_a_person_and_told_of(data, up):
    unknown = a_message_sent(subject=BEN, result=Result.UNKNOWN, provider_id="")
    unknown = unknown.model_copy(update={"id": contact(6), "cause_id": BEN})
    await publish(up, record(unknown, 0))

    async def printed():
        return (await said(data, "unknown", "list"))[1]

    end = time.monotonic() + UP_SECONDS_MAX
    while (text := await printed()) == "No touch is unknown.\n":
        assert time.monotonic() < end, "the touch is listed"
    assert text.splitlines() == [
        f"sms touch {unknown.touch_id}, reserved {unknown.reserved_at:%Y-%m-%d %H:%M} UTC",
        f"  contact {BEN}, plan 1, look-ups: 0",
    ]
    words = ("unknown", "settle", unknown.touch_id, "accepted", "--provider-id", "SM7")
    code, text, sentence = await said(data, *words, "--by", "Ona")
    assert (code, text, sentence) == (0, f"{unknown.touch_id} is settled: accepted\n", "")
    assert await printed() == "No touch is unknown.\n"
    while len(sent := await on_the_bus(up, "message.sent")) < 2:
        assert time.monotonic() < end, "it is told"
    told = json.loads(sent[-1].value)
    assert (told["result"], told["provider_id"], told["settled_by"]) == ("accepted", "SM7", "Ona")


@pytest.mark.timeout(400)
def test_at_rest_the_same_is_done_on_the_data(data, up, system):
    asyncio.run(publish(up, triaged(BEN, 5, value=b"")))
    asyncio.run(until_parked(data, len(READERS)))
    system.terminate()
    system.wait(STOP_SECONDS_MAX)
    assert endpoint(data) is None
    assert run(data, "parked", "drop", contact(5), "--service", "agent")[0] == 0
    with Engines(data):
        code, told, _ = run(data, "status", "--json")
        printed = run(data, "parked", "list", "--json")[1]
    found = {row["service"]: row for row in json.loads(told)["services"]}
    assert (code, {row["state"] for row in found.values()}) == (1, {"at rest"})
    assert found["booking"]["waiting"] == {"parked": 1}
    assert found["agent"]["sentences"] == []
    left = json.loads(printed)["parked"]
    assert sorted(row["group"] for row in left) == ["booking", "channels", "orchestrator"]


def test_a_folder_without_data_is_a_sentence(tmp_path):
    done = rekindle("parked", "list", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(".rekindle holds no data: name its folder with --data")
    assert list(tmp_path.iterdir()) == []
