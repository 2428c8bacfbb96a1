"""Open channels, contact rules, rules by name: each check names exactly what is planted for it."""

from datetime import timedelta

import pytest

from rekindle import lawful as lawful_checks
from rekindle.recorded import record_of
from shared.events import (
    ChannelVerdict,
    ContactSuppressed,
    ContactTriaged,
    DecisionMade,
    MessageSent,
)
from shared.rules.loading import rules_in_force
from shared.words import Channel, Intent, Openness, Reason, Verdict
from tests.examples import lawful
from tests.unit.planting import breaches, changed, of_touch, with_more, without
from tests.unit.small_stream import (
    ANA,
    BEN,
    CLEO,
    EMIL,
    END,
    decide,
    hours,
    reply,
    small_stream,
    touch,
)

CLOSED = ChannelVerdict(openness=Openness.CLOSED, code="no_consent", sentence="No consent.")
LATER = ChannelVerdict(
    openness=Openness.DEFERRED, code="quiet_hours", sentence="Later.", opens_at=hours(30)
)
UNNAMED = ChannelVerdict(openness=Openness.OPEN, code="", sentence="Somehow.")
RULES = rules_in_force()
NIGHT = hours(36)  # 22:00 in Berlin, a day and more after all that was said


def of(contact):
    return lambda event: event.subject == contact


def with_channels(contact, verdict):
    """The small stream in which triage says this of a contact's SMS."""
    (triaged,) = [its for its in small_stream().of(ContactTriaged) if its.subject == contact]
    channels = {**triaged.channels, Channel.SMS: verdict}
    return changed(small_stream(), ContactTriaged, of(contact), channels=channels)


# -- open channels


@pytest.mark.parametrize("verdict", [CLOSED, LATER])
def test_a_touch_on_a_channel_that_is_closed_or_not_open_yet_is_named(verdict):
    assert breaches(with_channels(CLEO, verdict)) == ["only_open_channels_are_used"]


def test_a_deferred_channel_may_be_used_once_it_has_opened():
    opened = LATER.model_copy(update={"opens_at": hours(20)})
    assert breaches(with_channels(CLEO, opened)) == []


def test_a_touch_to_whom_triage_did_not_admit_is_named():
    excluded = changed(
        small_stream(),
        ContactTriaged,
        of(CLEO),
        verdict=Verdict.HELD,
        reasons=(Reason.OUT_OF_WINDOW,),
    )
    assert breaches(excluded).count("only_open_channels_are_used") == 2


def test_what_serves_the_contact_may_leave_on_a_closed_channel():
    (triaged,) = [its for its in small_stream().of(ContactTriaged) if its.subject == BEN]
    closed = {**triaged.channels, Channel.WHATSAPP: CLOSED}

    def tell(story):
        its = triaged.model_dump(exclude={"id", "time", "subject", "workspace_id", "campaign_id"})
        story.say(ContactTriaged, BEN, hours(3.5), **{**its, "revision": 2, "channels": closed})
        decide(story, BEN, hours(3.5), "held", by="triage")

    planted = changed(
        with_more(small_stream(), tell), MessageSent, of_touch(BEN, 3), triage_revision=2
    )
    assert breaches(planted) == []


def test_a_touch_by_a_verdict_that_nobody_said_is_named():
    planted = changed(small_stream(), MessageSent, of_touch(CLEO, 2), triage_revision=7)
    assert breaches(planted) == ["only_open_channels_are_used"]


@pytest.mark.parametrize(("age", "found"), [(25, ["only_open_channels_are_used"]), (23, [])])
def test_a_touch_by_a_verdict_that_was_old_for_a_day_is_named(age, found):
    (triaged,) = [its for its in small_stream().of(ContactTriaged) if its.subject == CLEO]

    def tell(story):
        its = triaged.model_dump(exclude={"id", "time", "subject", "workspace_id", "campaign_id"})
        story.say(ContactTriaged, CLEO, hours(24 - age), **{**its, "revision": 2})
        decide(story, CLEO, hours(24 - age), "admitted", by="triage")

    planted = with_more(small_stream(), tell)
    first = changed(planted, MessageSent, of_touch(CLEO, 1), triage_revision=2)
    assert breaches(first) == found


# -- the contact rules


def with_facts(contact, **changes):
    """The small stream in which triage knows this of a contact."""
    return changed(small_stream(), ContactTriaged, of(contact), facts=lawful("EE", **changes))


def test_a_touch_in_a_quiet_hour_is_named():
    planted = changed(small_stream(), MessageSent, of_touch(CLEO, 2), reserved_at=hours(24 + 11))
    assert breaches(planted) == ["every_touch_is_permitted"]


def test_a_quiet_hour_of_any_zone_is_quiet():
    zones = ("Europe/Tallinn", "America/New_York")
    assert set(breaches(with_facts(CLEO, zones=zones))) == {"every_touch_is_permitted"}


def test_a_touch_without_a_consent_or_any_facts_is_named():
    assert breaches(with_facts(CLEO, zones=("Europe/Tallinn",))) == []
    without_any = with_facts(CLEO, zones=("Europe/Tallinn",), consents=[])
    assert breaches(without_any) == ["every_touch_is_permitted"] * 2
    nothing_known = changed(small_stream(), ContactTriaged, of(CLEO), facts={})
    assert breaches(nothing_known) == ["every_touch_is_permitted"] * 2


def test_two_touches_of_one_day_are_named_and_answers_are_none():
    planted = changed(small_stream(), MessageSent, of_touch(CLEO, 2), reserved_at=hours(23))
    assert breaches(planted) == ["every_touch_is_permitted"]

    def tell(story):
        touch(story, ANA, hours(25), 8, "opener", Channel.SMS, heard=2)  # a day after the first

    assert breaches(with_more(small_stream(), tell)) == []


def test_what_serves_the_contact_is_held_against_the_hours_only():
    confirmation = of_touch(BEN, 3)
    without_consent = changed(
        small_stream(), ContactTriaged, of(BEN), facts=lawful("DE", ("Europe/Berlin",), consents=[])
    )
    assert breaches(without_consent) == ["every_touch_is_permitted"]  # by its opener
    at_night = changed(small_stream(), MessageSent, confirmation, reserved_at=NIGHT)
    assert breaches(at_night) == ["every_touch_is_permitted"]


def test_a_touch_is_judged_by_the_rules_of_its_day(monkeypatch):
    (touched,) = [its for its in small_stream().of(MessageSent) if of_touch(CLEO, 1)(its)]
    request = small_stream().requests[touched.touch_id]
    by_gateway = lambda its: its.inputs == (request.id,)  # noqa: E731  read as the others are
    planted = changed(small_stream(), DecisionMade, by_gateway, rules="2020-01-01")
    asked = []
    monkeypatch.setattr(lawful_checks, "rules_of", lambda its: asked.append(its) or RULES)
    assert breaches(planted) == []
    assert "2020-01-01" in asked


@pytest.mark.parametrize(("wrote", "found"), [(NIGHT, []), (None, ["every_touch_is_permitted"])])
def test_an_answer_within_a_day_may_leave_at_night(wrote, found):
    def tell(story):
        heard = 2
        if wrote:
            heard = 3
            reply(story, ANA, wrote, 3, "And where?", Intent.QUESTION)
        touch(story, ANA, NIGHT + timedelta(hours=1), 8, "offer_slots", heard=heard)

    assert breaches(with_more(small_stream(), tell)) == found


def test_what_the_contact_writes_later_is_not_answered_before():
    def tell(story):
        touch(story, ANA, NIGHT, 8, "offer_slots", heard=2)
        reply(story, ANA, NIGHT + timedelta(hours=1), 3, "And where?", Intent.QUESTION)

    assert breaches(with_more(small_stream(), tell)) == ["every_touch_is_permitted"]


def test_an_answer_on_another_channel_is_none():
    def tell(story):
        reply(story, ANA, NIGHT, 3, "And where?", Intent.QUESTION, Channel.SMS)
        touch(story, ANA, NIGHT + timedelta(hours=1), 8, "offer_slots", heard=3)

    assert breaches(with_more(small_stream(), tell)) == ["every_touch_is_permitted"]


# -- rules by name


@pytest.mark.parametrize("change", [{"engine": ""}, {"rules": ""}, {"inputs": ()}])
@pytest.mark.parametrize("by", ["triage", "orchestrator"])
def test_a_decision_that_does_not_say_by_what_is_named(by, change):
    planted = changed(
        small_stream(), DecisionMade, lambda its: (its.by, its.subject) == (by, EMIL), **change
    )
    assert set(breaches(planted)) == {"every_verdict_names_its_rules"}


def test_a_channels_verdict_without_a_rule_is_named():
    assert breaches(with_channels(ANA, UNNAMED)) == ["every_verdict_names_its_rules"]


def test_a_touch_without_its_decision_is_named():
    (touched,) = [its for its in small_stream().of(MessageSent) if of_touch(CLEO, 2)(its)]
    requests = small_stream().requests
    (decision,) = [
        its
        for its in small_stream().of(DecisionMade)
        if its.inputs == (requests[touched.touch_id].id,)
    ]
    assert breaches(without(small_stream(), decision)) == ["every_verdict_names_its_rules"]


def test_a_verdict_without_its_decision_is_named():
    of_triage = [its for its in small_stream().of(DecisionMade) if its.by == "triage"]
    planted = without(small_stream(), *of_triage)
    assert set(breaches(planted)) == {
        "every_verdict_names_its_rules",
        "verdicts_come_out_the_same",
    }


def test_a_verdict_of_a_moment_ago_may_wait_for_its_decision():
    (triaged, *_) = small_stream().of(ContactTriaged)
    only = record_of([triaged])
    assert "every_verdict_names_its_rules" not in breaches(only, at=triaged.time)
    assert "every_verdict_names_its_rules" in breaches(only, at=END)


# -- what is closed stays closed


def closed_again(**changes):
    def tell(story):
        its = {
            "address_hashes": ("phone2", "mail-ben"),
            "channels": tuple(Channel),
            "everything": True,
            "source": "keyword",
            "since": hours(30),
        }
        story.in_campaign(ContactSuppressed, BEN, hours(30), **{**its, **changes})

    return with_more(small_stream(), tell)


def test_an_opt_out_that_is_taken_back_is_named():
    narrower = closed_again(everything=False, channels=(Channel.SMS,))
    assert breaches(narrower) == ["suppressions_only_grow"]


def test_a_closed_channel_that_is_opened_again_is_named():
    declined = changed(
        closed_again(everything=False, channels=(Channel.SMS,)),
        ContactSuppressed,
        lambda its: its.time < hours(30),
        everything=False,
    )
    assert breaches(declined) == ["suppressions_only_grow"]
    moved = changed(
        declined, ContactSuppressed, lambda its: its.time == hours(30), address_hashes=("other",)
    )
    assert breaches(moved) == [], "another address is another entry"


def test_an_entry_that_is_said_again_breaks_nothing():
    assert breaches(closed_again()) == []
