"""The sandbox lies on demand, in the same places for the same seed."""

import asyncio
from collections import Counter
from contextlib import nullcontext
from datetime import timedelta

import pytest

from sandbox.acts import LATE, Message, Reply, statuses_of
from sandbox.answers import caller_gone, instead
from sandbox.lies import CALLS, NOT_TAKEN, Lies
from sandbox.people import Answer
from sandbox.phrases import Situation
from tests.sandbox_world import NOW, messages

pytest_plugins = ("tests.sandbox_fixtures",)

MESSAGE = Message(
    "SM1", "sms", "+37061200001", "+15005550006", "Hi", callback="https://x/s?a=T1#rc"
)
FORM = {"To": "+37061200001", "From": "+15005550006", "Body": "Hello"}


def told(shares, fate="", **changes):
    """The statuses of one message: after how long, and which."""
    lies = Lies(7)
    lies.agree({"doubled": 0, "disordered": 0, **shares})
    statuses = statuses_of(MESSAGE, fate, lies, NOW)
    return [(at - NOW, status.status) for at, status in statuses]


def seconds(count):
    return timedelta(seconds=count)


STATUSES = {
    "the truth": ({}, [(seconds(2), "sent"), (seconds(7), "delivered")]),
    "lost": ({"lost": 1}, []),
    "late": ({"late": 1}, [(LATE + seconds(2), "sent"), (LATE + seconds(7), "delivered")]),
    "disordered": ({"disordered": 1}, [(seconds(7), "sent"), (seconds(2), "delivered")]),
    "doubled": (
        {"doubled": 1},
        [(seconds(2), "sent"), (seconds(7), "delivered"), (seconds(7), "delivered")],
    ),
    "contradicted": (
        {"contradicted": 1},
        [(seconds(2), "sent"), (seconds(7), "delivered"), (seconds(67), "undelivered")],
    ),
}


@pytest.mark.parametrize("case", STATUSES)
def test_statuses_come_as_they_are_asked_to(case):
    shares, expected = STATUSES[case]
    assert told(shares) == expected


def test_what_did_not_arrive_may_be_said_to_have_arrived():
    assert [word for _, word in told({"contradicted": 1}, fate="30003")] == [
        "sent", "undelivered", "delivered",
    ]  # fmt: skip


def test_a_share_is_met_and_the_same_seed_lies_in_the_same_places():
    def lied(seed):
        lies = Lies(seed)
        lies.agree({"hang": 0.01, "vanish": 0.01})
        return [name for name in map(str, range(20_000)) if lies.first(CALLS, name)]

    assert lied(7) == lied(7)
    assert lied(7) != lied(8)
    assert 300 < len(lied(7)) < 500


def test_a_lie_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="'fib' is none of the lies: hang"):
        Lies(7).agree({"fib": 1})


ANSWERED = {"garbage": 201, "stranger": 201, "error_after": 500, "error_before": 500, "busy": 429}


@pytest.mark.parametrize("lie", ANSWERED)
async def test_a_call_is_answered_as_it_is_lied_about(sandbox, twilio, lie):
    await twilio.post("/control/lies", json={lie: 1})
    answer = await twilio.post(messages(sandbox), data=FORM)
    assert answer.status_code == ANSWERED[lie]
    assert len(sandbox.world.ledger.accepted()) == (lie not in NOT_TAKEN)
    assert answer.headers.get("retry-after") == ("1" if lie == "busy" else None)
    if lie == "stranger":
        assert answer.json()["account_sid"] != sandbox.twilio.account


async def test_a_call_that_hangs_is_told_of_by_the_name_of_its_touch(sandbox, twilio):
    await twilio.post("/control/lies", json={"hang": 1})
    form = {**FORM, "StatusCallback": "https://hooks.example/twilio/status?a=T1#rc=3"}
    call = asyncio.create_task(twilio.post(messages(sandbox), data=form))
    async with asyncio.timeout(10):
        while not sandbox.world.hanging:  # noqa: ASYNC110  nothing tells
            await asyncio.sleep(0.001)
    assert (await twilio.get("/control/idle")).json()["hanging"] == ["T1"]
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert (await twilio.get("/control/idle")).json()["hanging"] == []


async def test_a_call_hangs_until_its_caller_is_gone():
    class Request:
        says = iter([{"type": "http.request"}, {"type": "http.disconnect"}])

        async def receive(self):
            return next(self.says)

    await caller_gone(Request())
    assert next(Request.says, None) is None


async def test_what_vanishes_is_never_spoken_of(sandbox):
    await sandbox.world.accept(MESSAGE, silent=True)
    assert not [act for *_, act in sandbox.world._agenda if hasattr(act, "status")]


async def test_a_slow_answer_comes_byte_by_byte():
    answer = await instead("drip", None, {"sid": "SM1"}, nullcontext())
    first = [await anext(answer.body_iterator) for _ in range(2)]
    assert first == [b"{", b'"']
    await answer.body_iterator.aclose()


async def test_early_means_that_a_callback_comes_before_the_answer(sandbox, twilio):
    told = []

    async def deliver(act):
        told.append(act.status)
        return True

    sandbox.world.deliver = deliver
    await twilio.post("/control/lies", json={"early": 1})
    await twilio.post(messages(sandbox), data=FORM)
    assert told == ["sent"]


@pytest.mark.parametrize(("lie", "more"), [("inbound_doubled", 1), ("inbound_disordered", 0)])
async def test_what_customers_say_comes_twice_or_the_other_way_round(sandbox, lie, more):
    async def brought(shares):
        names = []

        async def deliver(act):
            names.append(act.id)
            return True

        sandbox.world.deliver = deliver
        sandbox.world.lies.agree(shares)
        await sandbox.world._do_all(list(replies), asyncio.Semaphore(1))
        return names

    replies = replies_of(sandbox)
    honest, lied = await brought({}), await brought({lie: 1})
    assert honest != lied
    assert Counter(lied) == Counter(dict.fromkeys(honest, 1 + more))
    assert len(sandbox.world.ledger.entries) == 4, "a customer said it once"


def replies_of(sandbox):
    customer = sandbox.world.customer_of(MESSAGE.address)
    return [
        Reply(MESSAGE, customer, Answer(text, seconds(9), Situation.BUSY), text) for text in "ab"
    ]


async def test_messages_are_listed_by_recipient_and_sender_the_newest_first(sandbox, twilio):
    for text in ("one", "two"):
        await twilio.post(messages(sandbox), data={**FORM, "Body": text})
    await twilio.post(messages(sandbox), data={**FORM, "To": "+37061200002"})
    asked = {"To": FORM["To"], "From": FORM["From"], "PageSize": "50"}
    page = (await twilio.get(messages(sandbox), params=asked)).json()
    assert [one["body"] for one in page["messages"]] == ["two", "one"]
    assert page["messages"][0]["date_created"] == "Mon, 23 Nov 2026 09:00:00 +0000"
    typo = await twilio.get(messages(sandbox), params={**asked, "Too": "+1"})
    assert typo.status_code == 400
