"""A gateway's last look is taken again, and what comes out otherwise is named."""

from datetime import timedelta

import pytest

from rekindle.case import Case
from rekindle.recorded import record_of
from rekindle.replaying.gateways import GATEWAYS, gateways_come_out_the_same
from shared.events import (
    CampaignChanged,
    ContactSuppressed,
    ContactTriaged,
    DecisionMade,
    MessageRequested,
    MessageSent,
    OutcomeRecorded,
    ReplyReceived,
    ReplyUnderstood,
    SmsRequested,
)
from shared.ids import named, touch_id_of
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
from tests.examples import (
    CONTACT,
    NOW,
    PHONE,
    REQUEST,
    SOMETHING,
    SUMMARY,
    WHO,
    a_campaign,
    a_contact_triaged,
    a_message_sent,
)
from tests.unit.planting import changed, of_touch, without

HOUR = timedelta(hours=1)
NIGHT = NOW.replace(hour=1)
REQUESTED = named("event", "requested")


def stream(*more, verdict="send", **told):
    """A line was asked for, and a gateway looked; `more` was said before."""
    decided = DecisionMade(
        **WHO,
        by=GATEWAYS.by,
        decided_at=NOW,
        inputs=(REQUESTED,),
        engine=GATEWAYS.engine,
        rules=GATEWAYS.rules,
        verdict=verdict,
    )
    sent = a_message_sent(touch_id=touch_id_of(REQUESTED), **told)
    request = SmsRequested(**REQUEST, channel=Channel.SMS, id=REQUESTED)
    events = (a_contact_triaged(), a_campaign(), *more, request, decided, sent)
    return record_of(
        event.model_copy(
            update={"id": event.id if event is request else named("event", n), "time": NOW}
        )
        for n, event in enumerate(events)
    )


def refused(refusal, *more):
    its = {"result": Result.REFUSED, "refusal": refusal, "reserved_at": None}
    return stream(*more, verdict="refuse", **its)


def told_otherwise(recorded):
    return [its.sentence for its in gateways_come_out_the_same(Case(recorded, NOW + HOUR))]


def test_what_was_asked_for_and_allowed_comes_out_again():
    assert told_otherwise(stream()) == []


def test_a_touch_that_was_never_asked_for_is_named():
    (found,) = told_otherwise(without(stream(), *stream().of(MessageRequested)))
    assert found == "The line opener.cross_sell was never asked for on sms."


@pytest.mark.parametrize(
    "change",
    [{"line_id": "x"}, {"plan": 2}, {"heard": 3}, {"language": "de"}, {"slots": (NOW,)}],
)
def test_a_touch_that_is_not_what_was_asked_for_is_named(change):
    (found,) = told_otherwise(changed(stream(), MessageSent, lambda _: True, **change))
    assert found == f"The touch of plan {change.get('plan', 1)} is not what was asked for."


@pytest.mark.parametrize(
    ("kind", "change", "why"),
    [
        (ContactTriaged, {"verdict": Verdict.EXCLUDED}, "triage has closed the channel"),
        (ContactTriaged, {"channels": {}}, "triage has closed the channel"),
        (ContactTriaged, {"revision": 2}, "the contact's triage has yet to be heard"),
        (CampaignChanged, {"state": CampaignState.PAUSED}, "the campaign is paused"),
        (CampaignChanged, {"script": ()}, "nobody signed this line as it stands"),
        (MessageSent, {"reserved_at": NIGHT}, "not yet: CH-FLOOR, CH-LT-POLICY, P-HOURS"),
        (MessageSent, {"reserved_at": NOW + 21 * HOUR}, "the time for an answer is over"),
    ],
)
def test_what_left_against_its_own_ground_is_named(kind, change, why):
    (found,) = told_otherwise(changed(stream(), kind, lambda _: True, **change))
    assert found == f"The line opener.cross_sell was sent although {why}."


def suppressed(**changes):
    its = {
        "address_hashes": (PHONE.hash,),
        "channels": tuple(Channel),
        "everything": True,
        "source": "keyword",
        "since": NOW,
    }
    return ContactSuppressed(**WHO, **its).model_copy(update=changes)


def replied():
    return ReplyReceived(
        **WHO,
        number=1,
        channel=Channel.EMAIL,
        words=SOMETHING,
        address_hash="b" * 32,
        provider_id="in-1",
    )


def ended():
    return OutcomeRecorded(**WHO, revision=1, code=Outcome.DECLINED, reason="said_no", ended_at=NOW)


def doubted(contact):
    return ReplyUnderstood(
        **{**WHO, "subject": contact},
        number=1,
        channel=Channel.SMS,
        intent=Intent.OTHER,
        confidence=0.5,
        suppression=Suppression.HOLD,
        language="en",
        summary=SUMMARY,
        brain="rules-1",
        reply_id=named("event", 2),
    )


NEIGHBOUR = named("contact", 9)
GROUNDS = {
    "the contact may have asked for silence": (Refusal.NOT_PERMITTED, doubted(CONTACT)),
    "the contact is on the list": (Refusal.SUPPRESSED, suppressed()),
    "the address is on the list": (Refusal.SUPPRESSED, suppressed(subject=NEIGHBOUR)),
    "the contact wrote": (Refusal.NEWER_REPLY, replied()),
    "the contact has an outcome": (Refusal.NOT_PERMITTED, ended()),
    "another touch is open": (Refusal.ADDRESS_BUSY, a_message_sent(purpose=Purpose.CALLBACK)),
}


@pytest.mark.parametrize("ground", GROUNDS)
def test_a_refusal_with_its_ground_on_record_comes_out_again(ground):
    refusal, said = GROUNDS[ground]
    found = told_otherwise(refused(refusal, said))
    assert [its for its in found if "never asked for" not in its] == []


def test_whoever_shares_the_address_from_which_a_doubt_was_said_is_held():
    wrote = replied().model_copy(update={"subject": NEIGHBOUR, "address_hash": PHONE.hash})
    assert told_otherwise(refused(Refusal.NOT_PERMITTED, wrote, doubted(NEIGHBOUR))) == []


def test_what_somebody_else_wrote_from_the_address_is_a_ground_until_it_is_read():
    wrote = replied().model_copy(update={"subject": NEIGHBOUR, "address_hash": PHONE.hash})
    assert told_otherwise(refused(Refusal.NEWER_REPLY, wrote)) == []


@pytest.mark.parametrize("became", [{"result": Result.REFUSED}, {"reserved_at": NOW + 2 * HOUR}])
def test_a_touch_that_was_in_hand_is_a_ground_whatever_became_of_it(became):
    """Of another contact with the same number; it was refused later, or reserved anew."""
    asked = SmsRequested(**{**REQUEST, "subject": NEIGHBOUR}, channel=Channel.SMS)
    told = a_message_sent(subject=NEIGHBOUR, touch_id=touch_id_of(named("event", 2)), **became)
    planted = refused(Refusal.ADDRESS_BUSY, asked, told)
    assert ground_of(changed(planted, MessageSent, of_touch(NEIGHBOUR, 1), time=NOW + HOUR)) == []
    assert len(ground_of(planted)) == 1, "it was told of before"


def ground_of(recorded):
    return [its for its in told_otherwise(recorded) if "is a ground" in its]


@pytest.mark.parametrize("ground", GROUNDS)
def test_a_refusal_without_its_ground_is_named(ground):
    refusal, _ = GROUNDS[ground]
    (found,) = told_otherwise(refused(refusal))
    assert found.startswith(f"Nothing on record is a ground to refuse as {refusal}")


@pytest.mark.parametrize("refusal", [Refusal.STALE_VIEW, Refusal.UNKNOWN_CONTACT])
def test_a_refusal_whose_ground_is_on_no_topic_is_believed(refusal):
    assert told_otherwise(refused(refusal)) == []


def test_what_another_version_decided_is_left_out():
    planted = changed(stream(), MessageSent, lambda _: True, reserved_at=NIGHT)
    assert told_otherwise(changed(planted, DecisionMade, lambda _: True, engine="older")) == []
