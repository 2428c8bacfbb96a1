"""What gateways learn from others: contacts, campaigns, templates, wishes, endings."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from services.channels.adapters.base import TemplateRefusedError
from services.channels.store import ADDRESS, CONTACT, LINE, REQUEST, TEMPLATE, Making
from services.channels.templates import Templates
from shared.events import (
    ContactSuppressed,
    MessageSent,
    OutcomeRecorded,
    Policy,
    ReplyUnderstood,
)
from shared.outcomes import Outcome
from shared.words import (
    CampaignState,
    Channel,
    Intent,
    Purpose,
    Refusal,
    Result,
    Suppression,
    Verdict,
)
from tests.channels_world import ANN, BEN, CAT, HASHER, NUMBERS, Twilio, a_script
from tests.examples import CAMPAIGN, NOW, SUMMARY, WHO, WORKSPACE, a_campaign

pytest_plugins = ("tests.channels_fixtures",)


def refusals(world):
    return [sent.refusal for sent in world.said(MessageSent) if sent.refusal]


# -- contacts


async def test_a_newer_triage_that_closes_a_channel_closes_it_here(world):
    world.ask(ANN)
    world.meet(ANN, channels={}, revision=2)
    assert await world.send() == []
    assert refusals(world) == [Refusal.NOT_PERMITTED]


async def test_an_older_triage_changes_nothing(world):
    world.meet(ANN, channels={}, revision=0)
    world.ask(ANN)
    assert len(await world.send()) == 1


async def test_of_several_revisions_in_one_batch_the_newest_counts(world):
    newer = world.a_triaged(ANN, revision=3, channels={})
    older = world.a_triaged(ANN, revision=2)
    world.hear(newer, older)
    [row] = [one for one in world.rows(CONTACT) if one.contact_id == ANN]
    assert (row.revision, row.channels) == (3, {})


async def test_triage_does_not_touch_what_is_our_own(world):
    await Twilio(world).message("STOP")
    world.meet(ANN, revision=2, verdict=Verdict.ADMITTED)
    [row] = [one for one in world.rows(CONTACT) if one.contact_id == ANN]
    assert (row.replies, row.listed_everything) == (1, True)
    world.ask(ANN, heard=1)
    assert await world.send() == []
    assert refusals(world) == [Refusal.SUPPRESSED]


async def test_whoever_comes_with_an_address_that_opted_out_is_bound_and_told(world):
    await Twilio(world).message("STOP")
    world.meet(BEN, number=NUMBERS[ANN], revision=2)
    came = world.said(ContactSuppressed)[-1]
    assert (came.subject, came.everything, came.source) == (BEN, True, "address")
    world.ask(BEN, channel=Channel.EMAIL)
    assert await world.send(Channel.EMAIL) == []


async def test_whoever_comes_with_an_address_that_declined_is_closed_there_and_told(world):
    world.hear(an_outcome(Outcome.DECLINED))
    world.meet(BEN, number=NUMBERS[ANN], revision=2)
    came = world.said(ContactSuppressed)[-1]
    assert (came.subject, came.everything) == (BEN, False)
    assert came.channels == (Channel.WHATSAPP, Channel.SMS, Channel.VOICE)
    world.ask(BEN)
    assert await world.send() == []
    world.ask(BEN, plan=2, channel=Channel.EMAIL)
    assert len(await world.send(Channel.EMAIL)) == 1


async def test_whoever_is_bound_by_an_address_closes_its_other_addresses_for_others(world):
    await Twilio(world).message("STOP")
    world.meet(CAT, mailbox="office@customer.example", revision=2)
    world.meet(BEN, number=NUMBERS[ANN], mailbox="office@customer.example", revision=2)
    told = {one.subject: one.everything for one in world.said(ContactSuppressed)}
    assert told == {ANN: True, BEN: True, CAT: False}


async def test_a_contact_that_is_triaged_again_is_not_told_of_the_same_again(world):
    await Twilio(world).message("STOP")
    world.meet(ANN, revision=2)
    world.meet(ANN, revision=3)
    assert len(world.said(ContactSuppressed)) == 1


# -- campaigns and templates


class Maker:
    def __init__(self, fault=None):
        self.made, self.fault = [], fault

    async def make_template(self, name, language, body, places):
        self.made.append((name, language, body, places))
        if self.fault:
            raise self.fault
        return f"HX{len(self.made)}"


async def make_all(world, maker):
    await Templates(world.edge, maker).make_wanted()


async def test_a_campaign_that_goes_live_wants_its_unasked_whatsapp_lines_as_templates(world):
    maker = Maker()
    await make_all(world, maker)
    wanted = {name.rpartition("_")[0]: body for name, _, body, _ in maker.made}
    assert wanted == {
        "opener_en": "Hi {{1}}, {{2}}'s AI at {{3}}: opener. Reply STOP to end.",
        "callback_en": "Hi {{1}}, {{2}}'s AI at {{3}}: callback. Reply STOP to end.",
    }
    assert {row.state for row in world.rows(TEMPLATE)} == {Making.MADE}


async def test_a_campaign_that_is_said_again_wants_no_template_twice(world):
    world.hear(a_campaign(script=a_script(), version_number=2))
    assert len(world.rows(TEMPLATE)) == 2


async def test_a_campaign_that_is_not_live_wants_none(world):
    before = len(world.rows(TEMPLATE))
    line = a_script()[0].model_copy(update={"channel": Channel.WHATSAPP, "text": "AI again"})
    world.hear(
        a_campaign(script=(line,), version_number=2, state=CampaignState.SIGNED),
        a_campaign(script=(line,), version_number=3, state=CampaignState.PAUSED),
    )
    assert len(world.rows(TEMPLATE)) == before


async def test_openers_wait_until_the_templates_are_made(world):
    world.ask(ANN, channel=Channel.WHATSAPP)
    assert await world.send(Channel.WHATSAPP) == []
    assert world.waiting() == [ANN]
    assert world.said(MessageSent) == []
    await make_all(world, Maker())
    [call] = await world.send(Channel.WHATSAPP)
    assert call.template.startswith("HX")
    assert call.variables == {"1": "Zoe", "2": "Ieva", "3": "Studiolog"}
    assert call.text == "Hi Zoe, Ieva's AI at Studiolog: opener. Reply STOP to end."


async def test_what_waited_for_its_template_is_not_overdue(world, clock):
    policy = Policy(overdue_hours=1)
    world.hear(a_campaign(script=a_script(), version_number=2, policy=policy))
    world.ask(ANN, channel=Channel.WHATSAPP)
    clock.move_to(NOW + timedelta(hours=2))
    await make_all(world, Maker())
    clock.act()
    assert len(await world.send(Channel.WHATSAPP)) == 1


async def test_a_template_that_the_provider_will_not_have_closes_the_window_not_the_channel(world):
    await make_all(world, Maker(TemplateRefusedError("20001")))
    world.ask(ANN, channel=Channel.WHATSAPP)
    assert await world.send(Channel.WHATSAPP) == []
    assert refusals(world) == [Refusal.WINDOW_CLOSED]
    twilio = Twilio(world)
    await twilio.message("Hi", channel="whatsapp:")
    world.ask(ANN, plan=2, purpose=Purpose.ANSWER, channel=Channel.WHATSAPP, heard=1)
    [call] = await world.send(Channel.WHATSAPP)
    assert call.template == ""


async def test_a_provider_that_is_away_makes_its_templates_later(world):
    templates = Templates(world.edge, Maker(ConnectionError()))
    with pytest.raises(ConnectionError):
        await make_all(world, templates.maker)
    assert {row.state for row in world.rows(TEMPLATE)} == {Making.PENDING}
    assert await templates.busy() == "templates to make"


async def test_a_new_version_of_a_campaign_replaces_its_lines(world):
    line = a_script()[0]
    world.hear(a_campaign(script=(line,), version_number=2))
    assert len(world.rows(LINE)) == 1


# -- wishes and endings


def a_reading(contact=ANN, number=1, suppression=Suppression.SUPPRESS):
    return ReplyUnderstood(
        **{**WHO, "subject": contact},
        number=number,
        channel=Channel.SMS,
        intent=Intent.OPT_OUT,
        confidence=0.9,
        suppression=suppression,
        language="en",
        summary=SUMMARY,
        brain="rules-1",
        reply_id=ANN,
    )


def an_outcome(code, contact=ANN, revision=1, campaign=CAMPAIGN):
    return OutcomeRecorded(
        subject=contact,
        workspace_id=WORKSPACE,
        campaign_id=campaign,
        revision=revision,
        code=code,
        reason="said so",
        ended_at=NOW,
    )


async def test_an_opt_out_that_a_reader_understood_binds_everybody_at_the_address(world):
    world.meet(ANN, BEN, number="+37060000009", revision=2)
    await Twilio(world).message("kindly look elsewhere", number="+37060000009")
    assert world.said(ContactSuppressed) == [], "no list has these words"
    [writer] = {row.contact_id for row in world.rows(CONTACT) if row.replies}
    world.hear(a_reading(writer))
    assert {(one.subject, one.source) for one in world.said(ContactSuppressed)} == {
        (ANN, "reading"), (BEN, "reading"),
    }  # fmt: skip


async def test_a_doubt_holds_the_contact_until_a_person_decides(world):
    world.hear(a_reading(suppression=Suppression.HOLD))
    world.ask(ANN, purpose=Purpose.CONFIRM_BOOKING)
    assert await world.send() == []
    assert refusals(world) == [Refusal.NOT_PERMITTED]
    assert world.said(ContactSuppressed) == []


async def test_a_doubt_holds_everybody_at_the_address_from_which_it_was_said(world):
    world.meet(ANN, BEN, number="+37060000009", revision=2)
    await Twilio(world).message("hm", number="+37060000009")
    [writer] = {row.contact_id for row in world.rows(CONTACT) if row.replies}
    world.hear(a_reading(writer, suppression=Suppression.HOLD))
    world.ask({ANN: BEN, BEN: ANN}[writer], channel=Channel.EMAIL)
    assert await world.send(Channel.EMAIL) == []
    assert refusals(world) == [Refusal.NOT_PERMITTED]


async def test_nobody_is_written_to_at_an_address_from_which_something_is_unread(world, clock):
    world.meet(ANN, BEN, number="+37060000009", revision=2)
    await Twilio(world).message("hm", number="+37060000009")
    [writer] = {row.contact_id for row in world.rows(CONTACT) if row.replies}
    other = {ANN: BEN, BEN: ANN}[writer]
    assert await sent_to(other, world, clock, plan=1) == []
    assert refusals(world) == [Refusal.NEWER_REPLY]
    world.hear(a_reading(writer, suppression=Suppression.GO))
    assert len(await sent_to(other, world, clock, plan=2)) == 1


async def sent_to(contact, world, clock, plan):
    world.ask(contact, plan=plan)
    clock.move_to(clock() + timedelta(seconds=2))  # the contest for the number is over
    clock.act()
    return await world.send()


async def test_a_reading_without_a_wish_changes_nothing(world):
    world.hear(a_reading(suppression=Suppression.GO))
    world.ask(ANN)
    assert len(await world.send()) == 1


@pytest.mark.parametrize(
    ("code", "everything"),
    [(Outcome.DECLINED, False), (Outcome.WRONG_PERSON, False), (Outcome.OPTED_OUT, True)],
)
async def test_an_outcome_that_suppresses_puts_the_contact_on_the_list(world, code, everything):
    world.hear(an_outcome(code))
    [suppressed] = world.said(ContactSuppressed)
    assert (suppressed.subject, suppressed.everything) == (ANN, everything)
    assert suppressed.source == "outcome"
    world.ask(ANN)
    assert await world.send() == []
    assert refusals(world) == [Refusal.SUPPRESSED]


async def test_a_decline_closes_a_shared_address_for_marketing_and_says_so(world):
    world.meet(ANN, BEN, number="+37060000009", revision=2)
    world.hear(an_outcome(Outcome.DECLINED))
    whole, part = world.said(ContactSuppressed)
    assert (whole.subject, part.subject) == (ANN, BEN)
    assert part.address_hashes == (HASHER.phone("+37060000009"),)


async def test_a_decline_that_becomes_an_opt_out_is_said_again_and_wider(world):
    world.hear(an_outcome(Outcome.DECLINED))
    world.hear(an_outcome(Outcome.OPTED_OUT, revision=2))
    assert [one.everything for one in world.said(ContactSuppressed)] == [False, True]
    assert {row.listed_since for row in world.rows(ADDRESS) if row.listed_since} == {NOW}


async def test_after_an_outcome_only_what_serves_the_contact_leaves(world):
    world.hear(an_outcome(Outcome.BOOKED))
    world.ask(ANN)
    assert await world.send() == []
    world.ask(ANN, plan=2, purpose=Purpose.CONFIRM_BOOKING)
    assert len(await world.send()) == 1
    assert world.said(ContactSuppressed) == []


async def test_an_outcome_of_another_campaign_ends_nothing_here(world):
    world.hear(an_outcome(Outcome.NO_ANSWER, campaign=WORKSPACE))
    world.ask(ANN)
    assert len(await world.send()) == 1


async def test_a_request_for_a_contact_that_is_not_heard_of_yet_waits(world):
    stranger = UUID(int=77)
    world.ask(stranger)
    assert await world.send() == []
    assert world.said(MessageSent) == []
    [request] = world.waiting()
    assert request == stranger


async def test_a_request_for_a_triage_that_is_not_heard_of_yet_waits_and_then_goes(world):
    world.ask(ANN, triage_revision=2)
    assert await world.send() == []
    world.meet(ANN, revision=2)
    with world.edge.engine.begin() as tx:
        tx.execute(sa.update(REQUEST).values(look_at=None))
    assert len(await world.send()) == 1
    assert [sent.result for sent in world.said(MessageSent)] == [Result.ACCEPTED]
