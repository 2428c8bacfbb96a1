"""Touches of which nobody knows: what is told of them, in any order, comes to the same."""

import random
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from services.channels.adapters.base import Accepted, NotMade, Unknown
from services.channels.byhand import NotUnknownError, settle_by_hand, unknown_touches
from services.channels.delivering import Callback, tell_status
from services.channels.inbound import Heard, receive
from services.channels.settling import Called, settle
from services.channels.statuses import MAIL, TWILIO
from services.channels.touching import State
from shared.events import MessageDelivered, MessageSent, ReplyReceived
from shared.words import Channel, Delivery, Purpose, Refusal, Result
from tests.channels_world import ANN, BEN, HASHER, NUMBERS
from tests.examples import NOW

pytest_plugins = ("tests.channels_fixtures",)

SID, ORDERS = "SM1", 12
LATER = NOW + timedelta(days=365)


def tell(world, touch_id, word, code=""):
    """The provider's callback."""
    tell_status(world.edge, Callback(touch_id, SID, word, TWILIO.get(word), code))


def happenings(world, reserved):
    """All that can come to one touch, by name."""
    touch_id = reserved.outgoing.touch_id

    def settled(answer):
        world.edge.transact(lambda tx: settle(tx, [Called(reserved, answer)], world.edge.now()))

    def told(word, code=""):
        tell(world, touch_id, word, code)

    return {
        "its call has no answer": lambda: settled(Unknown("no answer in time")),
        "its timer fires": lambda: world.fire(LATER),
        "queued": lambda: told("queued"),
        "sent": lambda: told("sent"),
        "undelivered": lambda: told("undelivered", "30003"),
        "delivered": lambda: told("delivered"),
        "read": lambda: told("read"),
    }


def an_order(names, seed):
    """One of the orders of these, some of them twice."""
    drawn = random.Random(seed)
    order = [*names, *drawn.choices(names, k=3)]
    drawn.shuffle(order)
    return order


def test_the_order_in_which_a_touch_is_told_of_does_not_matter(world, clock):
    ends = set()
    for plan in range(1, ORDERS + 1):
        world.ask(ANN, plan)
        [reserved] = world.reserve()
        does = happenings(world, reserved)
        order = an_order(list(does), seed=plan)
        for name in order:
            does[name]()
        touch = world.touch(ANN, plan)
        ends.add((touch.state, touch.provider_id, touch.status_rank))
        results = [sent.result for sent in world.said(MessageSent) if sent.plan == plan]
        assert results in ([Result.ACCEPTED], [Result.UNKNOWN, Result.ACCEPTED]), order
        clock.move_to(clock.now + timedelta(weeks=1))
        clock.act()
    assert ends == {(State.ACCEPTED, SID, 5)}


@pytest.mark.parametrize("words", list(permutations(["delivered", "undelivered"])))
async def test_a_message_that_arrived_stays_in_the_way_of_the_next(world, words):
    """Whatever else its provider says; it may have been free for a while in between."""
    world.ask(ANN)
    [call] = await world.send()
    for word in words:
        tell(world, call.touch_id, word)
    world.ask(ANN, plan=2, channel=Channel.EMAIL)
    assert await world.send(Channel.EMAIL) == []
    assert world.said(MessageSent)[-1].refusal is Refusal.ADDRESS_BUSY


async def test_a_message_that_was_lost_makes_way_for_the_next(world):
    world.ask(ANN)
    [call] = await world.send()
    tell(world, call.touch_id, "undelivered")
    world.ask(ANN, plan=2, purpose=Purpose.CONFIRM_BOOKING, channel=Channel.EMAIL)
    assert len(await world.send(Channel.EMAIL)) == 1


async def test_a_callback_is_believed_also_after_a_refusal(world):
    """A provider that says no and delivers has lied: what it delivered was accepted."""
    world.ask(ANN)
    [reserved] = world.reserve()
    world.fire(LATER)
    lie = [Called(reserved, NotMade("too many requests"))]
    world.edge.transact(lambda tx: settle(tx, lie, NOW))
    tell(world, reserved.outgoing.touch_id, "delivered")
    assert [sent.result for sent in world.said(MessageSent)] == [
        Result.UNKNOWN, Result.REFUSED, Result.ACCEPTED,
    ]  # fmt: skip


# -- by hand


async def an_unknown(world, contact=ANN):
    world.provider.answer = Unknown("no answer in time")
    world.ask(contact)
    await world.send()
    return world.touch(contact).id


def by_hand(world, touch_id, result, provider_id=""):
    world.edge.transact(
        lambda tx: settle_by_hand(tx, touch_id, result, provider_id, "Ona", world.edge.now())
    )


async def test_unknown_touches_are_listed_without_a_name_or_number(world):
    touch_id = await an_unknown(world)
    world.provider.answer = None
    world.ask(BEN)
    await world.send()
    [listed] = world.edge.transact(unknown_touches)
    assert (listed.touch_id, listed.contact_id, listed.plan) == (touch_id, ANN, 1)
    assert (listed.channel, listed.reserved_at, listed.looked_up) == (Channel.SMS, NOW, 0)
    assert listed.address_hash == HASHER.phone(NUMBERS[ANN])
    assert "Zoe" not in repr(listed)


@pytest.mark.parametrize(
    ("found", "result", "refusal", "sid"),
    [("accepted", Result.ACCEPTED, None, SID), ("not_sent", Result.REFUSED, Refusal.LATE, "")],
)
async def test_a_person_settles_an_unknown_touch_with_their_name(
    world, found, result, refusal, sid
):
    touch_id = await an_unknown(world)
    by_hand(world, touch_id, found, sid)
    sent = world.said(MessageSent)[-1]
    assert (sent.result, sent.refusal, sent.provider_id) == (result, refusal, sid)
    assert sent.settled_by == "Ona"
    assert world.edge.transact(unknown_touches) == []


async def test_only_what_is_unknown_is_settled_by_hand(world):
    touch_id = await an_unknown(world)
    by_hand(world, touch_id, "accepted")
    with pytest.raises(NotUnknownError, match="accepted: there is nothing to settle"):
        by_hand(world, touch_id, "not_sent")
    with pytest.raises(NotUnknownError, match="no touch"):
        by_hand(world, ANN, "not_sent")


async def test_a_callback_proves_a_person_wrong_who_said_that_nothing_was_sent(world):
    touch_id = await an_unknown(world)
    by_hand(world, touch_id, "not_sent")
    tell(world, touch_id, "delivered")
    touch = world.touch(ANN)
    assert (touch.state, touch.provider_id) == (State.ACCEPTED, SID)


async def test_a_look_up_finds_nothing_to_add_to_a_touch_that_is_settled(world):
    world.ask(ANN)
    [reserved] = world.reserve()
    for _ in range(2):
        found = [Called(reserved, Accepted(SID))]
        world.edge.transact(lambda tx: settle(tx, found, NOW))  # noqa: B023
    assert [sent.result for sent in world.said(MessageSent)] == [Result.ACCEPTED]


# -- mail


async def an_unknown_mail(world, contact=ANN):
    world.provider.answer = Unknown("connection lost")
    world.ask(contact, channel=Channel.EMAIL)
    await world.send(Channel.EMAIL)
    return world.touch(contact).id


HEALS = {
    "a reply by its token": Heard(Channel.EMAIL, "<1@x>", "contact1@customer.example", "Yes"),
    "a machine's answer": Heard(Channel.EMAIL, "<1@x>", "a@b.example", "Away", automatic=True),
    "one click": Heard(Channel.EMAIL, "one-click", "", "unsubscribe", asks_out=True),
}


@pytest.mark.parametrize("case", HEALS)
async def test_whoever_answers_a_mail_by_its_own_token_has_it(world, case):
    touch_id = await an_unknown_mail(world)
    receive(world.edge, replace(HEALS[case], touch_id=touch_id))
    assert [sent.result for sent in world.said(MessageSent)] == [Result.UNKNOWN, Result.ACCEPTED]
    assert len(world.said(ReplyReceived)) == 1
    assert world.edge.transact(unknown_touches) == []


async def test_a_mail_from_the_address_alone_proves_nothing(world):
    await an_unknown_mail(world)
    receive(world.edge, HEALS["a reply by its token"])
    assert len(world.edge.transact(unknown_touches)) == 1


async def test_a_reply_that_overtakes_the_end_of_its_call_settles_the_touch(world):
    world.ask(ANN, channel=Channel.EMAIL)
    [reserved] = world.reserve(Channel.EMAIL)
    receive(
        world.edge,
        replace(HEALS["a reply by its token"], touch_id=reserved.outgoing.touch_id),
    )
    called = [Called(reserved, Accepted("<m@x>"))]
    world.edge.transact(lambda tx: settle(tx, called, NOW))
    assert [sent.result for sent in world.said(MessageSent)] == [Result.ACCEPTED]
    assert world.waiting() == []


@pytest.mark.parametrize(
    ("action", "delivery"),
    [("failed", Delivery.BOUNCED), ("delivered", Delivery.DELIVERED), ("delayed", None)],
)
async def test_a_report_about_an_unknown_mail_proves_that_it_was_accepted(world, action, delivery):
    touch_id = await an_unknown_mail(world)
    name = f"<{touch_id.hex}@reply.example>"
    tell_status(world.edge, Callback(touch_id, name, action, MAIL.get(action), "5.1.1"))
    accepted = world.said(MessageSent)[-1]
    assert (accepted.result, accepted.provider_id) == (Result.ACCEPTED, name)
    told = [(one.delivery, one.code) for one in world.said(MessageDelivered)]
    assert told == ([(delivery, "5.1.1")] if delivery else [])


async def test_reports_that_name_no_message_are_told_apart_by_their_mails(world):
    touches = [await an_unknown_mail(world, contact) for contact in (ANN, BEN)]
    for touch_id in touches:
        tell_status(world.edge, Callback(touch_id, "", "failed", MAIL["failed"]))
    told = world.said(MessageDelivered)
    assert len({one.id for one in told}) == len(touches)
