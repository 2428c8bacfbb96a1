"""Each check names exactly the breach that is planted for it, and nothing else."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from rekindle.auditing import audit
from rekindle.invariants import INVARIANTS
from rekindle.recorded import Unreadable, record_of
from shared.events import (
    CampaignChanged,
    ContactImported,
    ContactSuppressed,
    DecisionMade,
    MessageDelivered,
    MessageSent,
)
from shared.outcomes import Outcome
from shared.words import (
    CampaignState,
    Channel,
    Delivery,
    Purpose,
    Refusal,
    Result,
)
from tests.unit.planting import breaches, changed, of_touch, small_ledger, with_more
from tests.unit.small_stream import (
    ANA,
    BEN,
    CLEO,
    DORA,
    EMIL,
    END,
    SCRIPT,
    SEALED_NAMES,
    START,
    end,
    hours,
    line,
    small_stream,
    touch,
)


def test_a_stream_that_keeps_every_promise_passes():
    result = audit(small_stream(), at=END, ledger=small_ledger(), words=SEALED_NAMES)
    assert (result.checked, result.broken, result.unreadable) == (len(INVARIANTS), (), 0)


def test_an_empty_stream_keeps_every_promise():
    assert breaches(record_of([]), ledger=[]) == []


def test_without_a_ledger_its_checks_are_not_counted():
    of_ledger = sum(invariant.needs_ledger for invariant in INVARIANTS)
    assert audit(small_stream(), at=END).checked == len(INVARIANTS) - of_ledger


def test_names_of_invariants_are_unique():
    assert len({invariant.name for invariant in INVARIANTS}) == len(INVARIANTS)


def test_a_breach_is_told_with_its_promise_its_contact_and_its_events():
    planted = with_more(small_stream(), lambda story: end(story, DORA, END, Outcome.STOPPED, "x"))
    (broken,) = audit(planted, at=END).as_json()["broken"]
    assert broken == {
        "invariant": "only_the_pool_has_outcomes",
        "promise": 9,
        "subject": str(DORA),
        "event_ids": [str(UUID(int=1))],
        "sentence": "The outcome stopped is of a contact outside the pool.",
    }


def test_records_that_cannot_be_read_are_counted():
    stream = replace(small_stream(), unreadable=(Unreadable("message.sent", 3, 17, "no id"),))
    assert audit(stream, at=END).unreadable == 1


# -- promise 1


def test_a_touch_after_an_opt_out_is_named():
    planted = with_more(
        small_stream(), lambda story: touch(story, BEN, hours(25), 4, "opener", heard=1)
    )
    assert breaches(planted) == ["nothing_is_sent_after_an_opt_out"]


def test_a_touch_to_the_address_of_an_opt_out_is_named_whoever_has_it():
    planted = changed(
        small_stream(), ContactSuppressed, lambda _: True, address_hashes=("phone2", "phone3")
    )
    assert breaches(planted) == ["nothing_is_sent_after_an_opt_out"]  # Cleo's second touch


def test_a_touch_reserved_when_the_opt_out_came_may_leave():
    def tell(story):
        story.in_campaign(ContactSuppressed, CLEO, hours(24), **SILENCE)

    assert breaches(with_more(small_stream(), tell)) == []


def test_a_second_confirmation_of_an_opt_out_is_named():
    def tell(story):
        touch(story, BEN, hours(9), 4, "confirm_opt_out", heard=1)

    assert breaches(with_more(small_stream(), tell)) == ["nothing_is_sent_after_an_opt_out"]


def test_after_a_decline_what_sells_is_named_and_what_serves_is_not():
    declined = changed(small_stream(), ContactSuppressed, lambda _: True, everything=False)
    sells = with_more(declined, lambda story: touch(story, BEN, hours(25), 4, "opener", heard=1))
    serves = with_more(
        declined, lambda story: touch(story, BEN, hours(9), 4, "confirm_booking", heard=1)
    )
    assert breaches(serves) == []
    assert breaches(sells) == ["nothing_is_sent_after_an_opt_out"]


def test_a_touch_that_was_refused_after_an_opt_out_breaks_nothing():
    def tell(story):
        touch(story, BEN, hours(25), 4, "opener", heard=1)

    planted = changed(
        with_more(small_stream(), tell),
        MessageSent,
        of_touch(BEN, 4),
        result=Result.REFUSED,
        refusal=Refusal.SUPPRESSED,
    )
    assert breaches(planted) == []


def test_a_touch_over_an_unread_reply_is_named():
    planted = changed(
        small_stream(), MessageSent, of_touch(ANA, 6), heard=1, reserved_at=hours(4.5)
    )
    assert breaches(planted) == ["nothing_is_sent_over_a_newer_reply"]


def test_a_reply_of_the_same_moment_need_not_have_been_read():
    planted = changed(small_stream(), MessageSent, of_touch(ANA, 6), heard=1)
    assert breaches(planted) == []


# -- promise 2


def test_two_messages_of_one_plan_are_named():
    planted = with_more(small_stream(), lambda story: touch(story, CLEO, hours(50), 2, "opener"))
    assert breaches(planted) == ["one_provider_call_per_plan"]


def cleos_second_again(story):
    """Told of once more: the same touch."""
    (its,) = [its for its in small_stream().of(MessageSent) if of_touch(CLEO, 2)(its)]
    touch(story, CLEO, hours(20), 2, "opener", Channel.SMS, touch_id=its.touch_id)


def test_two_provider_calls_of_one_touch_are_named():
    planted = changed(
        with_more(small_stream(), cleos_second_again),
        MessageSent,
        lambda its: its.id < UUID(int=99),
        provider_id="SMother",
    )
    assert breaches(planted) == ["one_provider_call_per_plan"]


def test_a_touch_that_was_unknown_and_then_accepted_is_one_call():
    unknown = changed(
        small_stream(), MessageSent, of_touch(CLEO, 2), result=Result.UNKNOWN, provider_id=""
    )
    assert breaches(with_more(unknown, cleos_second_again), small_ledger()) == []


def test_a_contact_whose_wake_up_has_passed_is_forgotten():
    assert breaches(small_stream(), at=hours(97)) == ["nobody_is_forgotten"]


def test_a_contact_without_any_wake_up_is_forgotten():
    planted = changed(
        small_stream(), DecisionMade, lambda its: its.verdict == "call_back", wake_at=None
    )
    assert breaches(planted) == ["nobody_is_forgotten"]


def test_a_gateways_own_wake_up_does_not_count():
    planted = changed(
        small_stream(), DecisionMade, lambda its: its.verdict == "call_back", by="channels"
    )
    assert breaches(planted) == ["nobody_is_forgotten"]


def test_whoever_is_in_a_paused_campaign_is_not_forgotten():
    paused = changed(
        small_stream(),
        CampaignChanged,
        lambda its: its.state is CampaignState.SIGNED,
        time=START + timedelta(hours=1),
        state=CampaignState.PAUSED,
    )
    in_order = record_of(sorted(paused.events, key=lambda event: event.time))
    assert breaches(in_order, at=hours(97)) == []


# -- promise 3


def test_a_second_open_touch_of_a_contact_is_named():
    planted = changed(small_stream(), MessageSent, of_touch(CLEO, 1), answer_until=hours(30))
    assert breaches(planted) == ["one_touch_of_a_contact_at_a_time"]


def test_a_touch_after_one_that_got_lost_is_no_second_open_one():
    earlier = changed(small_stream(), MessageSent, of_touch(CLEO, 1), answer_until=hours(30))
    (first,) = [its for its in earlier.of(MessageSent) if of_touch(CLEO, 1)(its)]

    def tell(story):
        story.in_campaign(
            MessageDelivered,
            CLEO,
            hours(18),
            touch_id=first.touch_id,
            channel=Channel.WHATSAPP,
            delivery=Delivery.FAILED,
        )

    assert breaches(with_more(earlier, tell)) == []


def test_a_reply_of_the_same_moment_came_before_the_touch_and_does_not_end_it():
    def tell(story):
        touch(story, ANA, hours(3), 9, "offer_slots", heard=1)

    assert breaches(with_more(small_stream(), tell)) == ["one_touch_of_a_contact_at_a_time"]


def test_an_unknown_touch_is_open_like_any_other():
    planted = changed(small_stream(), MessageSent, of_touch(CLEO, 1), answer_until=hours(30))
    unknown = changed(planted, MessageSent, of_touch(CLEO, 1), result=Result.UNKNOWN)
    assert breaches(unknown) == ["one_touch_of_a_contact_at_a_time"]


def test_two_open_touches_at_a_shared_address_are_named():
    shared = changed(small_stream(), ContactImported, lambda its: its.subject == CLEO, phone=PHONE)
    planted = changed(shared, MessageSent, lambda its: its.subject == CLEO, address_hash="phone1")
    assert set(breaches(planted)) == {"one_touch_of_an_address_at_a_time"}


# -- promise 4


def script_without_signature(name):
    return tuple(
        its.model_copy(update={"signature": None}) if its.id == name else its for its in SCRIPT
    )


def test_an_unsigned_line_is_named():
    script = script_without_signature("later")
    planted = changed(small_stream(), CampaignChanged, lambda _: True, script=script)
    assert breaches(planted) == ["only_signed_lines_are_sent"]


def test_a_line_that_was_altered_after_it_was_signed_is_named():
    script = tuple(
        its.model_copy(update={"text": "Another text."}) if its.id == "later" else its
        for its in SCRIPT
    )
    planted = changed(small_stream(), CampaignChanged, lambda _: True, script=script)
    assert breaches(planted) == ["only_signed_lines_are_sent"]


def test_a_line_of_another_version_is_named():
    planted = changed(small_stream(), MessageSent, of_touch(EMIL, 3), campaign_version=2)
    assert breaches(planted) == ["only_signed_lines_are_sent"]


@pytest.mark.parametrize("flagged", [True, False])
def test_a_first_touch_that_hides_the_ai_is_named_whether_or_not_it_is_flagged(flagged):
    hiding = line("opener", Purpose.OPENER, Channel.SMS, "Hi {first_name}, a short call?")
    script = tuple(
        hiding if (its.id, its.channel) == ("opener", Channel.SMS) else its for its in SCRIPT
    )
    planted = changed(small_stream(), CampaignChanged, lambda _: True, script=script)
    planted = changed(planted, MessageSent, of_touch(EMIL, 1), first_on_channel=flagged)
    found = breaches(planted)
    assert found == ["first_touches_say_that_an_ai_writes"] * 2  # Cleo's and Emil's


# -- promise 6


def test_an_address_that_no_import_holds_is_named():
    planted = changed(small_stream(), MessageSent, of_touch(CLEO, 2), address_hash="phone9")
    assert breaches(planted) == ["only_imported_addresses_are_contacted"]


def test_the_address_of_another_contact_is_named():
    planted = changed(small_stream(), MessageSent, of_touch(EMIL, 1), address_hash="phone6")
    assert breaches(planted) == ["only_imported_addresses_are_contacted"]


PHONE = next(its.phone for its in small_stream().of(ContactImported) if its.subject == ANA)
SILENCE = {
    "address_hashes": ("phone3",),
    "channels": tuple(Channel),
    "everything": True,
    "source": "keyword",
    "since": hours(20),
}
