"""From a request to what is told of it: at most one call per plan, and never against a wish."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from services.channels import reserving
from services.channels.adapters.base import Accepted, NotMade, Refused, Unknown
from services.channels.queueing import FIRST_FOR
from services.channels.settling import Called, settle
from services.channels.store import GROUP, PACE, REQUEST, TABLES, TOUCH
from services.channels.touching import Late, State
from shared.clock import utc_now
from shared.events import ContactSuppressed, DecisionMade, MessageSent, Policy
from shared.ids import lane_of
from shared.privacy.vault import Vault
from shared.words import CampaignState, Channel, Purpose, Refusal, Result
from tests.channels_world import ANN, BEN, CAT, HASHER, MASTER, NUMBERS, a_script, a_world
from tests.examples import CAMPAIGN, NOW, a_campaign, a_message_sent, signed

pytest_plugins = ("tests.channels_fixtures",)

HOUR = timedelta(hours=1)


@pytest.fixture
def soon_old(monkeypatch):
    """Knowledge is too old after a second: no older than a server that has just been started."""
    monkeypatch.setattr(reserving, "VIEW_SECONDS_MAX", 1.0)


def results(world):
    return [(sent.plan, sent.result, sent.refusal) for sent in world.said(MessageSent)]


async def test_a_request_becomes_one_call_and_is_told_of(world):
    world.ask(ANN)
    [call] = await world.send()
    assert call.to == NUMBERS[ANN]
    assert call.text == "Hi Zoe, Ieva's AI at Studiolog: opener. Reply STOP to end."
    [sent] = world.said(MessageSent)
    assert (sent.result, sent.provider_id) == (Result.ACCEPTED, f"SM{call.touch_id.hex}")
    assert sent.touch_id == call.touch_id
    assert sent.address_hash == HASHER.phone(NUMBERS[ANN])
    assert sent.text_digest == HASHER.content(call.text)
    assert sent.disclosed_ai
    assert sent.first_on_channel
    assert sent.reserved_at == NOW
    [decision] = world.said(DecisionMade)
    assert (decision.by, decision.verdict, decision.inputs) == (
        "channels", "send", (sent.cause_id,),
    )  # fmt: skip
    assert world.waiting() == []
    assert world.rows(TABLES.timer) == []


async def test_the_second_message_on_a_channel_is_not_the_first(world, clock):
    world.ask(ANN)
    await world.send()
    clock.move_to(NOW + timedelta(days=1))
    clock.act()
    world.ask(ANN, plan=2)
    await world.send()
    assert [sent.first_on_channel for sent in world.said(MessageSent)] == [True, False]


async def test_a_request_that_is_heard_again_leads_to_no_second_call(world):
    request = world.ask(ANN)
    await world.send()
    world.ask(ANN, fields=request.fields)
    assert await world.send() == []
    assert world.waiting() == []


async def test_what_the_log_says_was_sent_is_not_sent_again(world):
    """As after a restore of the database from a backup: the log is ahead of it."""
    world.ask(ANN)
    world.hear(a_message_sent(subject=ANN, plan=1, cause_id=CAMPAIGN))
    assert await world.send() == []
    assert world.touch(ANN).state == State.ACCEPTED


async def test_a_process_that_dies_before_its_call_leaves_an_unknown_touch(world):
    world.ask(ANN)
    [reserved] = world.reserve()
    assert world.touch(ANN).state == State.RESERVED
    assert await world.send() == [], "what is reserved is in hand"
    assert world.fire(NOW + timedelta(seconds=29)) == 0
    assert world.fire(NOW + timedelta(seconds=30)) == 1
    assert world.touch(ANN).state == State.UNKNOWN
    assert results(world) == [(1, Result.UNKNOWN, None)]
    assert len(world.said(DecisionMade)) == 1
    assert world.waiting() == []
    assert await world.send() == [], "what may have been accepted is never sent again"
    assert world.provider.calls == []
    assert reserved.contact_id == ANN


async def test_an_unknown_touch_is_open_until_its_time_is_over(world, clock):
    world.provider.answer = Unknown("no answer in time")
    world.ask(ANN)
    await world.send()
    world.provider.answer = None
    world.ask(ANN, plan=2, channel=Channel.EMAIL)
    assert await world.send(Channel.EMAIL) == []
    sent = world.said(MessageSent)[-1]
    assert (sent.refusal, sent.busy_until) == (Refusal.ADDRESS_BUSY, NOW + timedelta(hours=20))


async def test_a_call_that_was_not_made_is_made_again_later(world):
    world.provider.answer = NotMade("too many requests")
    world.ask(ANN)
    assert len(await world.send()) == 1
    assert world.said(MessageSent) == [], "nothing happened that is worth telling"
    assert world.rows(TOUCH) == []
    [request] = world.rows(REQUEST)
    assert request.look_at > utc_now()
    with world.edge.engine.begin() as tx:
        tx.execute(sa.update(REQUEST).values(look_at=None))
    world.provider.answer = None
    assert len(await world.send()) == 1
    assert results(world) == [(1, Result.ACCEPTED, None)]


async def test_a_provider_that_says_when_to_come_again_is_not_asked_sooner(world):
    world.provider.answer = NotMade("too many requests", 7.0)
    world.ask(ANN)
    before = utc_now()
    await world.send()
    [request] = world.rows(REQUEST)
    assert request.look_at >= before + timedelta(seconds=7)


async def test_the_pause_before_another_try_grows(world):
    world.provider.answer = NotMade("too many requests")
    world.ask(ANN)
    pauses = []
    for _ in range(3):
        await world.send()
        [request] = world.rows(REQUEST)
        pauses.append((request.look_at - utc_now()).total_seconds())
        with world.edge.engine.begin() as tx:
            tx.execute(sa.update(REQUEST).values(look_at=None))
    assert pauses == sorted(pauses)
    assert pauses[2] > 1.0


async def test_a_provider_that_refuses_is_told_of_with_its_code(world):
    world.provider.answer = Refused("21211")
    world.ask(ANN)
    await world.send()
    [sent] = world.said(MessageSent)
    assert (sent.result, sent.refusal, sent.code) == (
        Result.REFUSED, Refusal.PROVIDER_REFUSED, "21211",
    )  # fmt: skip
    assert world.touch(ANN).state == State.REFUSED


async def test_a_refused_touch_is_not_in_the_way_of_the_next(world):
    world.provider.answer = Refused("21211")
    world.ask(ANN)
    await world.send()
    world.provider.answer = None
    world.ask(ANN, plan=2, channel=Channel.EMAIL)
    assert len(await world.send(Channel.EMAIL)) == 1


async def test_a_provider_that_knows_of_an_opt_out_is_believed(world):
    world.provider.answer = Refused("21610", opted_out=True)
    world.ask(ANN)
    await world.send()
    [suppressed] = world.said(ContactSuppressed)
    assert (suppressed.subject, suppressed.everything, suppressed.source) == (
        ANN, True, "provider",
    )  # fmt: skip


async def test_a_provider_that_knows_of_an_opt_out_closes_the_address_for_others(world):
    world.meet(ANN, BEN, number="+37060000009", revision=2)
    world.provider.answer = Refused("21610", opted_out=True)
    world.ask(ANN, channel=Channel.EMAIL)
    await world.send(Channel.EMAIL)
    told = {one.subject: one.everything for one in world.said(ContactSuppressed)}
    assert told == {ANN: True, BEN: False}


async def test_a_reservation_that_is_too_old_is_refused_as_late_and_never_called(
    running_world, monkeypatch
):
    running_world.ask(ANN)
    moments = iter([100.0, 101.01])
    monkeypatch.setattr("services.channels.sender.elapsed_seconds", lambda: next(moments, 200.0))
    assert await running_world.send() == []
    assert results(running_world) == [(1, Result.REFUSED, Refusal.LATE)]


async def test_nothing_is_late_while_the_clock_stands_still(world, monkeypatch):
    world.ask(ANN)
    moments = iter([100.0, 101.01])
    monkeypatch.setattr("services.channels.sender.elapsed_seconds", lambda: next(moments, 200.0))
    assert len(await world.send()) == 1


async def test_a_reservation_that_is_fresh_is_called(world, monkeypatch):
    world.ask(ANN)
    moments = iter([100.0, 101.0])
    monkeypatch.setattr("services.channels.sender.elapsed_seconds", lambda: next(moments, 200.0))
    assert len(await world.send()) == 1


async def test_an_adapter_that_breaks_leaves_an_unknown_touch(world):
    async def broken(message):
        raise RuntimeError(message)

    world.provider.send = broken
    world.ask(ANN)
    await world.send()
    assert results(world) == [(1, Result.UNKNOWN, None)]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (Unknown("?"), Accepted("SM1"), [Result.UNKNOWN, Result.ACCEPTED]),
        (Unknown("?"), Unknown("?"), [Result.UNKNOWN]),
        (Accepted("SM1"), Unknown("?"), [Result.ACCEPTED]),
        (Accepted("SM1"), Accepted("SM1"), [Result.ACCEPTED]),
        (Unknown("?"), Refused("21211"), [Result.UNKNOWN, Result.REFUSED]),
        (Accepted("SM1"), Refused("21211"), [Result.ACCEPTED]),
        (Accepted("SM1"), Late(), [Result.ACCEPTED]),
    ],
)
def test_what_is_known_of_a_touch_only_grows(world, first, second, told):
    """Timer, call and callback may all come to the same touch, in any order."""
    world.ask(ANN)
    [reserved] = world.reserve()
    for n, answer in enumerate((first, second)):
        at = NOW + timedelta(seconds=31)
        if n == 0 and isinstance(answer, Unknown):
            world.fire(at)
        else:
            world.edge.transact(lambda tx: settle(tx, [Called(reserved, answer)], at))  # noqa: B023
    sent = world.said(MessageSent)
    assert [one.result for one in sent] == told
    assert len({one.id for one in sent}) == len(sent), "each telling has an id of its own"
    assert {one.touch_id for one in sent} == {reserved.outgoing.touch_id}


async def test_requests_go_in_the_order_in_which_they_were_asked(world):
    for contact in (CAT, ANN, BEN):
        world.ask(contact)
    calls = await world.send()
    assert [call.to for call in calls] == [NUMBERS[one] for one in (ANN, BEN, CAT)]


async def test_a_contact_never_has_two_open_touches(world):
    world.ask(ANN)
    world.ask(ANN, plan=2, channel=Channel.EMAIL)
    assert len(await world.send()) == 1
    assert await world.send(Channel.EMAIL) == []
    sent = world.said(MessageSent)[-1]
    assert (sent.refusal, sent.busy_until) == (Refusal.ADDRESS_BUSY, NOW + timedelta(hours=20))


async def test_of_two_plans_in_one_batch_only_the_first_goes(world):
    world.ask(ANN)
    world.ask(ANN, plan=2)
    assert len(await world.send()) == 1
    assert sorted(results(world)) == [
        (1, Result.ACCEPTED, None),
        (2, Result.REFUSED, Refusal.ADDRESS_BUSY),
    ]


async def test_a_shared_number_hears_one_of_its_contacts_at_a_time(world, clock):
    world.meet(ANN, BEN, number="+37060000009", revision=2)
    world.ask(BEN)
    world.ask(ANN)
    assert await world.send() == [], "whoever asks at the same time is waited for"
    clock.move_to(NOW + timedelta(seconds=1))
    clock.act()
    [call] = await world.send()
    assert world.touch(ANN).id == call.touch_id, "the lowest of those who asked at once"
    assert [(s.subject, s.refusal) for s in world.said(MessageSent) if s.refusal] == [
        (BEN, Refusal.ADDRESS_BUSY)
    ]


@pytest.mark.parametrize("state", [CampaignState.PAUSED, CampaignState.ENDED])
async def test_a_campaign_that_is_paused_or_ended_sends_nothing_that_sells(world, state):
    world.hear(a_campaign(script=a_script(), version_number=2, state=state))
    world.ask(ANN)
    assert await world.send() == []
    [sent] = world.said(MessageSent)
    assert sent.result is Result.REFUSED


async def test_an_older_version_of_a_campaign_changes_nothing(world):
    world.hear(a_campaign(script=a_script(), version_number=0, state=CampaignState.PAUSED))
    world.ask(ANN)
    assert len(await world.send()) == 1


async def test_a_line_that_was_altered_after_it_was_signed_does_not_leave(world):
    script = [
        line.model_copy(update={"text": line.text + " Buy now."})
        if line.purpose is Purpose.OPENER
        else line
        for line in a_script()
    ]
    world.hear(a_campaign(script=tuple(script), version_number=2))
    world.ask(ANN)
    assert await world.send() == []
    assert results(world) == [(1, Result.REFUSED, Refusal.NOT_SIGNED)]


async def test_a_line_that_nobody_signed_does_not_leave(world):
    script = [line.model_copy(update={"signature": None}) for line in a_script()]
    world.hear(a_campaign(script=tuple(script), version_number=2))
    world.ask(ANN)
    assert await world.send() == []
    assert results(world) == [(1, Result.REFUSED, Refusal.NOT_SIGNED)]


async def test_a_line_with_a_place_that_nobody_fills_does_not_leave(world):
    script = [
        signed(line.model_copy(update={"text": "{company}'s AI says {months_on_plan}. STOP"}))
        for line in a_script()
    ]
    world.hear(a_campaign(script=tuple(script), version_number=2))
    world.ask(ANN)
    assert await world.send() == []
    assert results(world) == [(1, Result.REFUSED, Refusal.NOT_SIGNED)]


async def test_a_contact_that_another_process_forgot_is_not_written_to(world):
    world.ask(ANN)
    assert world.edge.vault.keys([ANN]), "the key is at hand"
    Vault(world.edge.vault.engine, MASTER).destroy(ANN)
    assert await world.send() == []
    assert results(world) == [(1, Result.REFUSED, Refusal.UNKNOWN_CONTACT)]


async def test_mails_of_one_contact_follow_one_another(world, clock):
    world.ask(ANN, channel=Channel.EMAIL)
    [first] = await world.send(Channel.EMAIL)
    clock.move_to(NOW + timedelta(days=1))
    clock.act()
    world.ask(ANN, plan=2, channel=Channel.EMAIL)
    [second] = await world.send(Channel.EMAIL)
    assert first.follows is None
    assert second.follows == first.touch_id


async def test_a_request_on_a_clock_that_runs_goes_out_too(engines_of_channels):
    world = a_world(*engines_of_channels, lambda: NOW)
    world.ask(ANN)
    assert len(await world.send()) == 1


async def test_a_running_gateway_with_an_old_view_waits_and_then_refuses(
    engines_of_channels, soon_old
):
    world = a_world(*engines_of_channels, lambda: NOW)
    with world.edge.engine.begin() as tx:
        old = sa.func.clock_timestamp() - timedelta(seconds=2)
        tx.execute(sa.update(TABLES.lane).values(caught_up_at=old))
    world.ask(ANN)
    assert await world.send() == []
    assert world.said(MessageSent) == []
    with world.edge.engine.begin() as tx:
        tx.execute(
            sa.update(REQUEST).values(waits_since=utc_now() - timedelta(seconds=15), look_at=None)
        )
    assert await world.send() == []
    assert results(world) == [(1, Result.REFUSED, Refusal.STALE_VIEW)]


@pytest.mark.parametrize(("subject", "waits"), [(CAMPAIGN, True), (BEN, True), (CAT, False)])
async def test_knowledge_of_whatever_may_bind_the_contact_has_to_be_fresh(
    engines_of_channels, soon_old, subject, waits
):
    """The campaign may have been paused, and who shares the number may have asked for silence."""
    moment = [NOW]
    world = a_world(*engines_of_channels, lambda: moment[0])
    world.meet(ANN, BEN, number="+37060000009", revision=2)
    assert len({lane_of(one) for one in (ANN, BEN, CAT, CAMPAIGN)}) == 4
    its = (TABLES.lane.c.grp == GROUP, TABLES.lane.c.lane == lane_of(subject))
    with world.edge.engine.begin() as tx:
        old = sa.func.clock_timestamp() - timedelta(seconds=2)
        tx.execute(sa.update(TABLES.lane).where(*its).values(caught_up_at=old))
    world.ask(ANN)
    moment[0] += timedelta(seconds=2)  # the contest for the number is over
    assert len(await world.send()) == (not waits)


async def test_whoever_asked_first_at_a_number_goes_first_whichever_gateway_looks_first(
    engines_of_channels,
):
    moment = [NOW]
    world = a_world(*engines_of_channels, lambda: moment[0])
    world.make_templates()
    world.meet(ANN, BEN, number="+37060000009", revision=2)
    first, second = sorted((ANN, BEN))
    world.ask(second, channel=Channel.WHATSAPP)
    world.ask(first, channel=Channel.SMS)
    moment[0] += timedelta(seconds=2)  # the contest for the number is over
    assert await world.send(Channel.WHATSAPP) == []
    assert results(world) == []
    assert len(await world.send(Channel.SMS)) == 1
    look_at_once(world)
    assert await world.send(Channel.WHATSAPP) == []
    assert results(world)[1:] == [(1, Result.REFUSED, Refusal.ADDRESS_BUSY)]


async def test_a_gateway_that_does_not_come_is_not_waited_for_for_ever(engines_of_channels):
    moment = [NOW]
    world = a_world(*engines_of_channels, lambda: moment[0])
    world.make_templates()
    world.meet(ANN, BEN, number="+37060000009", revision=2)
    first, second = sorted((ANN, BEN))
    world.ask(first, channel=Channel.SMS)
    world.ask(second, channel=Channel.WHATSAPP)
    moment[0] += FIRST_FOR
    assert await world.send(Channel.WHATSAPP) == []
    moment[0] += timedelta(seconds=2)
    look_at_once(world)
    assert len(await world.send(Channel.WHATSAPP)) == 1


def look_at_once(world):
    with world.edge.engine.begin() as tx:
        tx.execute(sa.update(REQUEST).values(look_at=None))


async def test_a_running_sender_keeps_its_limit(engines_of_channels):
    moment = [NOW]
    world = a_world(*engines_of_channels, lambda: moment[0])
    for contact in (ANN, BEN, CAT):
        world.ask(contact)
    taking = world.taking(limit=2)
    assert len(world.edge.transact(lambda tx: taking.reserve(tx, 8))) == 2
    assert world.edge.transact(lambda tx: taking.reserve(tx, 8)) == []
    moment[0] += timedelta(seconds=1)
    assert len(world.edge.transact(lambda tx: taking.reserve(tx, 8))) == 1
    [pace] = world.rows(PACE)
    assert len(pace.times) == 2, "no more is kept than is needed"


async def test_on_the_stepped_clock_a_step_is_one_moment_with_send_times_of_its_own(world):
    for contact in (ANN, BEN, CAT):
        world.ask(contact)
    taking = world.taking(limit=2)
    assert len(world.edge.transact(lambda tx: taking.reserve(tx, 8))) == 3
    times = sorted(row.reserved_at for row in world.rows(TOUCH))
    assert times == [NOW, NOW, NOW + timedelta(seconds=1)]


async def test_nothing_is_due_in_the_first_half_of_a_step(world, clock):
    clock.act()
    clock.move_to(NOW + HOUR)
    world.ask(ANN)
    assert await world.send() == []
    clock.act()
    assert len(await world.send()) == 1


async def test_a_sender_says_what_it_is_busy_with_and_what_is_due_next(world, clock):
    sender = world.sender()
    assert await sender.busy() == ""
    assert await sender.next_due() is None
    world.ask(ANN)
    assert "due" in await sender.busy()
    assert await sender.next_due() == NOW
    await world.send()
    assert await sender.busy() == ""


async def test_what_is_said_goes_out_under_the_group_of_all_gateways(world):
    world.ask(ANN)
    await world.send()
    assert {row.grp for row in world.rows(TABLES.outbox)} == {GROUP}


@pytest.mark.parametrize(("hours", "sent"), [(6, 1), (7, 0)])
async def test_what_was_due_too_long_ago_waits_for_a_person(world, clock, hours, sent):
    world.ask(ANN, answer_until=NOW + 20 * HOUR)
    clock.move_to(NOW + hours * HOUR)
    clock.act()
    assert len(await world.send()) == sent
    [told] = world.said(MessageSent)
    assert told.refusal is (None if sent else Refusal.OVERDUE)
    assert world.waiting() == []


async def test_a_campaign_says_itself_how_late_its_messages_may_be(world, clock):
    policy = Policy(overdue_hours=2)
    world.hear(a_campaign(script=a_script(), version_number=2, policy=policy))
    world.ask(ANN, answer_until=NOW + 20 * HOUR)
    clock.move_to(NOW + 3 * HOUR)
    clock.act()
    assert await world.send() == []
    assert world.said(MessageSent)[0].refusal is Refusal.OVERDUE
