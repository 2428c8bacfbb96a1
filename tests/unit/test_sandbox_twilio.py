"""The sandbox's Twilio: strict where the real one is, and signing as the real one signs."""

import asyncio
import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import httpx
import pytest

from sandbox.acts import Message, Reply, Resident, Status
from sandbox.app import Ports, Sandbox
from sandbox.ledger import Ledger
from sandbox.people import Answer, Memory
from sandbox.phrases import Situation
from sandbox.webhooks import Webhooks
from tests.sandbox_world import NOW, messages

pytest_plugins = ("tests.sandbox_fixtures",)

GOOD = {"To": "+37061200001", "From": "+15005550006", "Body": "Hello"}


async def test_a_message_is_accepted_and_stands_on_the_ledger(sandbox, twilio, tmp_path) -> None:
    answer = await twilio.post(messages(sandbox), data=GOOD)
    assert answer.status_code == 201
    assert answer.json()["status"] == "queued"
    [line] = (tmp_path / "ledger.jsonl").read_text().splitlines()
    assert json.loads(line)["id"] == answer.json()["sid"]


async def test_a_slow_provider_has_accepted_before_it_answers(sandbox, twilio) -> None:
    sandbox.world.answer_seconds = 60
    call = asyncio.create_task(twilio.post(messages(sandbox), data=GOOD))
    async with asyncio.timeout(30):
        while not sandbox.world.ledger.accepted():  # noqa: ASYNC110  no ledger tells
            await asyncio.sleep(0.01)
    assert not call.done()
    call.cancel()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Bodyy": "typo"}, 20001),
        ({"To": "12345"}, 20001),
        ({"Body": ""}, 201),
        ({"Body": "x" * 1601}, 20001),
        ({"ContentSid": "HX" + "0" * 32}, 20001),
        ({"To": "whatsapp:+37061200001"}, 20001),
    ],
)
async def test_what_the_specification_does_not_allow_is_refused(
    sandbox, twilio, change, code
) -> None:
    answer = await twilio.post(messages(sandbox), data=GOOD | change)
    assert answer.json().get("code", answer.status_code) in (code, 21604)


async def test_a_stranger_is_refused(sandbox, twilio) -> None:
    answer = await twilio.post(messages(sandbox), data=GOOD, auth=("AC", "wrong"))
    assert answer.json()["code"] == 20003
    assert sandbox.world.ledger.entries == []


async def test_after_a_bare_stop_the_carrier_lets_nothing_through(sandbox, twilio) -> None:
    sandbox.world.blocked.add("+37061200001")
    answer = await twilio.post(messages(sandbox), data=GOOD)
    assert answer.json()["code"] == 21610


async def test_a_template_is_approved_at_once_and_filled(sandbox, twilio) -> None:
    body = {
        "friendly_name": "opener",
        "language": "en",
        "variables": {"1": "Ann"},
        "types": {"twilio/text": {"body": "Hi {{1}}"}},
    }
    sid = (await twilio.post("/v1/Content", json=body)).json()["sid"]
    form = {
        "To": "whatsapp:+37061200001",
        "From": "whatsapp:+15005550010",
        "ContentSid": sid,
        "ContentVariables": json.dumps({"1": "Ben"}),
    }
    assert (await twilio.post(messages(sandbox), data=form)).status_code == 201
    assert sandbox.world.ledger.accepted()[0].text == "Hi Ben"


async def test_webhooks_are_signed_over_the_url_and_the_sorted_fields() -> None:
    seen = []

    def gateway(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    webhooks = Webhooks("12345", httpx.AsyncClient(transport=httpx.MockTransport(gateway)))
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    form = {
        "CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234",
        "From": "+14158675309", "To": "+18005551212",
    }  # fmt: skip
    assert await webhooks.send(url + "#rc=3", form)
    # The example of Twilio's documentation.
    assert seen[0].headers["X-Twilio-Signature"] == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert dict(parse_qsl(seen[0].content.decode())) == form
    await webhooks.client.aclose()


async def test_the_same_seed_says_the_same_whatever_the_order(tmp_path) -> None:
    async def said(order: list[str], name: str) -> list[tuple[str, str, str]]:
        done: list[tuple[str, str, str]] = []

        async def deliver(act: Status | Reply) -> bool:
            if isinstance(act, Reply):
                done.append((act.message.address, act.answer.text, act.id))
            return True

        ports = Ports("http://gateways", "127.0.0.1", 1)
        sandbox = Sandbox(7, NOW, Ledger(tmp_path / name), ports, "12345")
        sandbox.world.deliver = deliver
        people = [Resident(key, "en", "UTC", (key,)) for key in order]
        sandbox.world.settle(people)
        for address in order:
            message = Message(f"id-{address}", "sms", address, "+1500", "Would a call be useful?")
            await sandbox.world.accept(message)
        await sandbox.world.move_to(datetime(2026, 11, 25, tzinfo=UTC))
        await sandbox.client.aclose()
        sandbox.world.ledger.close()
        return sorted(done)

    numbers = [f"+370612000{n:02}" for n in range(30)]
    forward = await said(numbers, "a")
    assert len(forward) > 5
    assert forward == await said(numbers[::-1], "b")


def test_what_a_person_says_last_is_what_they_remember() -> None:
    assert not Answer("later", NOW - NOW, Situation.BUSY).opts_out
    assert Memory().said == 0
