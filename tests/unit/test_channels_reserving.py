"""The last look: whatever speaks against sending is seen, and named."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest

from services.channels.reserving import (
    CHECKS,
    Go,
    Lose,
    Refuse,
    Wait,
    may_send,
    shows_what_its_place_asks,
)
from services.channels.view import Address, Contact, Listed, Touch, View
from shared.events import REQUESTED
from shared.ids import touch_id_of
from shared.words import SERVICE_PURPOSES, CampaignState, Channel, Purpose, Refusal
from tests.examples import CONTACT, NOW, PHONE, REQUEST, a_line, lawful

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
NIGHT = NOW.replace(hour=1)
OTHER = UUID(int=99)
NOBODY_LISTED = Listed(everything=True, since=NOW - HOUR)
DECLINED = Listed(everything=False, since=NOW - HOUR)


def a_request(channel=Channel.SMS, **changes):
    request = REQUESTED[channel](**{**REQUEST, "channel": channel})
    return request.model_copy(update={"id": UUID(int=1), "time": NOW, **changes})


def a_contact(**changes):
    contact = Contact(
        id=CONTACT,
        revision=1,
        admitted=True,
        channels={Channel.SMS: None, Channel.WHATSAPP: None, Channel.EMAIL: None},
        facts=lawful(),
        zones=("Europe/Vilnius",),
    )
    return replace(contact, **changes)


def a_touch(**changes):
    touch = Touch(
        id=UUID(int=2),
        contact_id=CONTACT,
        address_hash=PHONE.hash,
        channel=Channel.SMS,
        purpose=Purpose.OPENER,
        reserved_at=NOW - DAY,
        answer_until=NOW + HOUR,
        closed=False,
    )
    return replace(touch, **changes)


def a_view(purpose=Purpose.OPENER, channel=Channel.SMS, request=None, **changes):
    view = View(
        request=a_request(channel, purpose=purpose, **(request or {})),
        contact=a_contact(),
        address=Address(PHONE.hash),
        campaign=CampaignState.LIVE,
        campaign_version=1,
        overdue=6 * HOUR,
        due_at=NOW,
        line=a_line(channel=channel, purpose=purpose),
        touches=(),
        template="HX1",
        age_seconds=1.0,
        waited_seconds=0.0,
    )
    return replace(view, **changes)


def refusal(view, now=NOW):
    verdict = may_send(view, now)
    return verdict.refusal if isinstance(verdict, Refuse) else verdict


def test_a_request_against_which_nothing_speaks_goes():
    verdict = may_send(a_view(), NOW)
    assert isinstance(verdict, Go)
    assert verdict.first_on_channel
    assert verdict.discloses_ai
    assert verdict.template == ""


def test_a_text_to_a_country_shows_what_is_asked_there():
    """In the United States a first text also says how to get help; an answer need not."""
    american = a_contact(facts=lawful("US", region="NJ"))
    verdict = may_send(a_view(contact=american), NOW)
    assert isinstance(verdict, Refuse)
    assert verdict.why == "the line lacks help_line, asked for by DIS-US-SMS"
    helpful = a_line(text=f"{a_line().text} Reply HELP for help.")
    assert isinstance(may_send(a_view(contact=american, line=helpful), NOW), Go)
    answer = a_view(Purpose.ANSWER, contact=american)
    assert shows_what_its_place_asks(answer, NOW) is None


REFUSED = {
    "it was due long ago": (a_view(due_at=NOW - 7 * HOUR), Refusal.OVERDUE),
    "its time is over": (a_view(request={"answer_until": NOW}), Refusal.LATE),
    "no address": (a_view(address=None), Refusal.UNKNOWN_CONTACT),
    "an unknown sender": (
        a_view(request={"triage_revision": 0}, contact=a_contact(revision=0)),
        Refusal.UNKNOWN_CONTACT,
    ),
    "the contact opted out": (
        a_view(contact=a_contact(listed=NOBODY_LISTED)), Refusal.SUPPRESSED,
    ),
    "the address opted out": (
        a_view(address=Address(PHONE.hash, listed=NOBODY_LISTED)), Refusal.SUPPRESSED,
    ),
    "the contact declined": (a_view(contact=a_contact(listed=DECLINED)), Refusal.SUPPRESSED),
    "held": (a_view(contact=a_contact(held=True)), Refusal.NOT_PERMITTED),
    "a newer reply": (a_view(contact=a_contact(replies=1)), Refusal.NEWER_REPLY),
    "somebody there who is not read yet": (
        a_view(address=Address(PHONE.hash, unread=True)), Refusal.NEWER_REPLY,
    ),
    "paused": (a_view(campaign=CampaignState.PAUSED), Refusal.PAUSED),
    "ended": (a_view(campaign=CampaignState.ENDED), Refusal.NOT_PERMITTED),
    "only signed": (a_view(campaign=CampaignState.SIGNED), Refusal.NOT_PERMITTED),
    "no campaign": (
        a_view(request={"campaign_version": 0}, campaign=None, campaign_version=0),
        Refusal.NOT_PERMITTED,
    ),
    "no longer admitted": (a_view(contact=a_contact(admitted=False)), Refusal.NOT_PERMITTED),
    "a closed channel": (a_view(contact=a_contact(channels={})), Refusal.NOT_PERMITTED),
    "a channel that opens later": (
        a_view(contact=a_contact(channels={Channel.SMS: NOW + HOUR})), Refusal.NOT_PERMITTED,
    ),
    "an outcome": (a_view(contact=a_contact(ended=True)), Refusal.NOT_PERMITTED),
    "no such line": (a_view(line=None), Refusal.NOT_SIGNED),
    "an unsigned line": (a_view(line=a_line().model_copy(update={"signature": None})),
                         Refusal.NOT_SIGNED),
    "an altered line": (
        a_view(line=a_line().model_copy(update={"text": "I am the AI. Buy now."})),
        Refusal.NOT_SIGNED,
    ),
    "another purpose than the line's": (
        a_view(Purpose.OPENER, line=a_line(purpose=Purpose.ANSWER)), Refusal.NOT_SIGNED,
    ),
    "a first touch that hides the AI": (
        a_view(line=a_line(text="Hi, it is us again.")), Refusal.NOT_PERMITTED,
    ),
    "a first touch that says it in another language": (
        a_view(line=a_line(language="de")), Refusal.NOT_PERMITTED,
    ),
    "a line without what the contact's place asks": (
        a_view(contact=a_contact(facts=lawful("US", region="NJ"))),
        Refusal.NOT_PERMITTED,
    ),
    "an open touch of the contact": (
        a_view(touches=[a_touch(address_hash="elsewhere")]), Refusal.ADDRESS_BUSY,
    ),
    "an open touch of another at the address": (
        a_view(touches=[a_touch(contact_id=OTHER)]), Refusal.ADDRESS_BUSY,
    ),
    "WhatsApp without a template": (
        a_view(channel=Channel.WHATSAPP, template=""), Refusal.WINDOW_CLOSED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_speaks_against_sending_is_refused(case):
    view, expected = REFUSED[case]
    assert refusal(view) is expected


def test_every_check_refuses_something():
    """A check that is left out lets one of the cases above through."""
    views = [view for view, _ in REFUSED.values()]
    others = (a_view(age_seconds=16.0), a_view(restored_at=NOW), a_view(is_first=False))
    cases = [(view, NOW) for view in (*views, *others)] + [(a_view(), NIGHT)]
    for check in CHECKS:
        alone = [
            (view, now)
            for view, now in cases
            if not isinstance(may_send(view, now), Go)
            and all(_passes(other, view, now) for other in CHECKS if other is not check)
        ]
        assert alone, f"nothing is refused by {check.__name__} alone"


def _passes(check, view, now):
    try:
        return check(view, now) is None
    except AssertionError:  # a fact is missing that an earlier check asks for
        return True


def test_whatever_was_asked_for_before_a_restore_is_lost_even_what_would_be_refused():
    since = a_request(time=NOW + HOUR)
    assert isinstance(may_send(a_view(restored_at=NOW), NOW), Lose)
    assert isinstance(may_send(a_view(restored_at=NOW, address=None), NOW), Lose)
    assert isinstance(may_send(replace(a_view(restored_at=NOW), request=since), NOW), Go)


def test_an_open_touch_says_until_when():
    verdict = may_send(a_view(touches=[a_touch()]), NOW)
    assert verdict.busy_until == NOW + HOUR


@pytest.mark.parametrize(
    "touch",
    [a_touch(closed=True), a_touch(answer_until=NOW)],
    ids=["answered", "over"],
)
def test_a_touch_that_is_closed_or_over_is_not_in_the_way(touch):
    verdict = may_send(a_view(touches=[touch]), NOW)
    assert isinstance(verdict, Go)
    assert not verdict.first_on_channel


def test_another_contacts_touch_at_the_address_leaves_ours_the_first():
    verdict = may_send(a_view(touches=[a_touch(contact_id=OTHER, closed=True)]), NOW)
    assert verdict.first_on_channel


BEHIND = {
    "unknown contact": ({"contact": None}, Refusal.UNKNOWN_CONTACT),
    "an older triage than the asker's": ({"contact": a_contact(revision=0)}, Refusal.STALE_VIEW),
    "an older campaign than the asker's": ({"campaign_version": 0}, Refusal.STALE_VIEW),
    "an old suppression list": ({"age_seconds": 15.1}, Refusal.STALE_VIEW),
}


@pytest.mark.parametrize("case", BEHIND)
def test_a_gateway_that_knows_less_waits_and_then_refuses(case):
    changes, expected = BEHIND[case]
    assert isinstance(may_send(a_view(**changes), NOW), Wait)
    assert refusal(a_view(waited_seconds=15.0, **changes)) is expected


def test_whoever_asked_later_at_a_shared_address_waits() -> None:
    assert isinstance(may_send(a_view(is_first=False), NOW), Wait)


def test_a_newer_triage_than_the_askers_is_what_counts():
    assert isinstance(may_send(a_view(contact=a_contact(revision=5)), NOW), Go)


@pytest.mark.parametrize("purpose", Purpose)
def test_after_an_opt_out_only_its_confirmation_leaves(purpose):
    for where in (
        {"contact": a_contact(listed=NOBODY_LISTED)},
        {"address": Address(PHONE.hash, listed=NOBODY_LISTED)},
    ):
        verdict = refusal(a_view(purpose, **where))
        if purpose is Purpose.CONFIRM_OPT_OUT:
            assert isinstance(verdict, Go)
        else:
            assert verdict is Refusal.SUPPRESSED


def test_an_opt_out_is_confirmed_once_for_an_address_whoever_shares_it():
    confirmed = a_touch(
        contact_id=OTHER, purpose=Purpose.CONFIRM_OPT_OUT, reserved_at=NOW, closed=True
    )
    view = a_view(
        Purpose.CONFIRM_OPT_OUT, contact=a_contact(listed=NOBODY_LISTED), touches=[confirmed]
    )
    assert refusal(view) is Refusal.SUPPRESSED


def test_an_opt_out_weighs_more_than_a_decline():
    view = a_view(
        Purpose.CONFIRM_BOOKING,
        contact=a_contact(listed=DECLINED),
        address=Address(PHONE.hash, listed=NOBODY_LISTED),
    )
    assert refusal(view) is Refusal.SUPPRESSED


SERVED = product(
    sorted(SERVICE_PURPOSES),
    [
        {"contact": a_contact(listed=DECLINED)},
        {"contact": a_contact(ended=True)},
        {"contact": a_contact(admitted=False, channels={})},
        {"campaign": CampaignState.ENDED},
    ],
)


@pytest.mark.parametrize(("purpose", "changes"), list(SERVED))
def test_what_serves_the_contact_leaves_after_a_decline_an_outcome_and_the_campaign(
    purpose, changes
):
    assert isinstance(may_send(a_view(purpose, **changes), NOW), Go)


def test_a_hold_holds_even_what_serves_the_contact():
    view = a_view(Purpose.CONFIRM_BOOKING, contact=a_contact(held=True))
    assert refusal(view) is Refusal.NOT_PERMITTED


def test_quiet_hours_bind_what_comes_unasked():
    assert refusal(a_view(), NIGHT) is Refusal.NOT_PERMITTED


@pytest.mark.parametrize("heard_at", [NIGHT - HOUR, NIGHT - DAY + SECOND])
def test_an_answer_within_a_day_may_leave_at_night(heard_at):
    view = a_view(Purpose.ANSWER, address=Address(PHONE.hash, heard_at=heard_at))
    assert isinstance(may_send(view, NIGHT), Go)


def test_an_answer_after_a_day_may_not_leave_at_night():
    late = NIGHT - DAY
    view = a_view(Purpose.ANSWER, address=Address(PHONE.hash, heard_at=late))
    assert refusal(view, NIGHT) is Refusal.NOT_PERMITTED


def test_a_mail_may_leave_at_night_and_a_promised_callback_may_not():
    assert isinstance(may_send(a_view(channel=Channel.EMAIL), NIGHT), Go)
    verdict = may_send(a_view(Purpose.CALLBACK), NIGHT)
    assert verdict.refusal is Refusal.NOT_PERMITTED
    assert verdict.busy_until == NIGHT.replace(hour=7)


@pytest.mark.parametrize("purpose", sorted(SERVICE_PURPOSES))
def test_what_serves_the_contact_waits_for_the_morning_and_for_nothing_else(purpose):
    night = may_send(a_view(purpose), NIGHT)
    assert (night.refusal, night.busy_until) == (Refusal.NOT_PERMITTED, NIGHT.replace(hour=7))
    lately = a_touch(reserved_at=NOW - HOUR, closed=True)
    without = a_contact(facts=lawful(consents=[]))
    assert isinstance(may_send(a_view(purpose, touches=[lately], contact=without), NOW), Go)


def test_hours_are_open_only_where_they_are_open_in_every_zone():
    zones = ("Europe/Vilnius", "America/Los_Angeles")
    assert refusal(a_view(contact=a_contact(facts=lawful(zones=zones)))) is Refusal.NOT_PERMITTED


def test_without_a_country_or_a_consent_nothing_leaves():
    for facts in ({}, lawful(country="", zones=()), lawful(consents=[])):
        verdict = may_send(a_view(contact=a_contact(facts=facts)), NOW)
        assert (verdict.refusal, verdict.busy_until) == (Refusal.NOT_PERMITTED, None)
        assert verdict.why.startswith("never: ")


def test_facts_that_nobody_knows_how_to_read_let_nothing_leave():
    with pytest.raises(ValueError, match="shoe_size is no fact"):
        may_send(a_view(contact=a_contact(facts={"shoe_size": 46})), NOW)


OF_THE_DAY = [
    a_touch(reserved_at=NOW - 23 * HOUR, closed=True),
    a_touch(reserved_at=NOW - 23 * HOUR, closed=True, channel=Channel.EMAIL, address_hash="box"),
    a_touch(reserved_at=NOW - 23 * HOUR, closed=True, contact_id=OTHER),
]


@pytest.mark.parametrize("touch", OF_THE_DAY, ids=["there", "elsewhere", "another's"])
def test_the_next_touch_waits_a_day_from_the_last_that_came_unasked(touch):
    verdict = may_send(a_view(touches=[touch]), NOW)
    assert (verdict.refusal, verdict.busy_until) == (Refusal.NOT_PERMITTED, NOW + HOUR)
    assert "CAP-HOUSE-DAY" in verdict.why
    for free in ({"is_answer": True}, {"purpose": Purpose.CONFIRM_BOOKING}):
        assert isinstance(may_send(a_view(touches=[replace(touch, **free)]), NOW), Go)


def test_an_answer_is_free_of_the_days_one_touch():
    view = a_view(
        Purpose.ANSWER,
        address=Address(PHONE.hash, heard_at=NOW - HOUR),
        touches=[a_touch(reserved_at=NOW - 2 * HOUR, closed=True)],
    )
    assert isinstance(may_send(view, NOW), Go)


def test_a_touch_does_not_stand_in_its_own_way():
    own = a_touch(id=touch_id_of(UUID(int=1)), reserved_at=NOW, closed=True)
    assert isinstance(may_send(a_view(touches=[own]), NOW), Go)


def test_whatsapp_says_it_freely_within_a_day_and_as_a_template_afterwards():
    fresh = Address(PHONE.hash, heard_at=NOW - HOUR)
    stale = Address(PHONE.hash, heard_at=NOW - DAY - HOUR)
    assert may_send(a_view(channel=Channel.WHATSAPP, address=fresh), NOW).template == ""
    assert may_send(a_view(channel=Channel.WHATSAPP, address=stale), NOW).template == "HX1"
    silent = a_view(channel=Channel.WHATSAPP, address=stale, template="")
    assert refusal(silent) is Refusal.WINDOW_CLOSED
