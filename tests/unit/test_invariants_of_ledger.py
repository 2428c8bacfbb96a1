"""What providers accepted, held against the stream: each check names what is planted for it."""

from uuid import UUID

from shared.events import (
    ContactSuppressed,
    MessageSent,
    ReplyReceived,
)
from shared.words import (
    Purpose,
    Refusal,
    Result,
)
from tests.unit.planting import breaches, changed, entry, of_touch, small_ledger, with_more, without
from tests.unit.small_stream import (
    BEN,
    CLEO,
    hours,
    small_stream,
    touch,
)


def hushed_up():
    """The suppression was never said, and Ben was written to again; with its ledger entry."""
    (suppressed,) = small_stream().of(ContactSuppressed)
    planted = without(
        with_more(small_stream(), lambda story: touch(story, BEN, hours(25), 4, "opener", heard=1)),
        suppressed,
    )
    (sent,) = [its for its in planted.of(MessageSent) if of_touch(BEN, 4)(its)]
    return planted, entry("accepted", BEN, sent.provider_id, touch=str(sent.touch_id))


def test_a_message_that_a_provider_accepts_after_an_opt_out_is_named():
    planted, accepted = hushed_up()
    ledger = [*small_ledger(), accepted]
    assert breaches(planted, ledger) == ["nothing_reaches_whoever_opted_out"]


def test_a_message_to_another_address_of_whoever_opted_out_is_named_too():
    planted, accepted = hushed_up()
    ledger = [*small_ledger(), accepted | {"address": "ben@studio.example"}]
    assert breaches(planted, ledger) == ["nothing_reaches_whoever_opted_out"]


def test_a_message_that_was_reserved_before_the_opt_out_was_heard_may_arrive():
    planted, accepted = hushed_up()
    early = changed(planted, MessageSent, of_touch(BEN, 4), reserved_at=hours(2.9), heard=1)
    found = breaches(early, [*small_ledger(), accepted])
    assert "nothing_reaches_whoever_opted_out" not in found


def test_a_message_that_was_reserved_at_the_moment_of_the_opt_out_is_named():
    """On a clock that stands still while things happen, it was reserved after."""
    planted, accepted = hushed_up()
    late = changed(planted, MessageSent, of_touch(BEN, 4), reserved_at=hours(3))
    found = breaches(late, [*small_ledger(), accepted])
    assert "nothing_reaches_whoever_opted_out" in found


def test_a_message_of_anybody_to_an_address_that_opted_out_is_named():
    (second,) = [its for its in small_stream().of(MessageSent) if of_touch(CLEO, 2)(its)]
    cleos = entry("accepted", CLEO, "", touch=str(second.touch_id))
    ledger = [its for its in small_ledger() if its["touch"] != cleos["touch"]]
    shared = cleos | {"address": f"number of {BEN}"}
    assert breaches(small_stream(), [*ledger, shared]) == ["nothing_reaches_whoever_opted_out"]


def test_a_second_confirmation_that_a_provider_accepts_is_named():
    planted, accepted = hushed_up()
    confirms = changed(
        planted,
        MessageSent,
        of_touch(BEN, 4),
        line_id="confirm_opt_out",
        purpose=Purpose.CONFIRM_OPT_OUT,
        first_on_channel=False,
    )
    ledger = [*small_ledger(), accepted]
    assert breaches(confirms, ledger) == ["nothing_reaches_whoever_opted_out"]


def test_an_opt_out_that_never_came_to_us_silences_nobody():
    planted, accepted = hushed_up()
    deaf = changed(planted, ReplyReceived, lambda its: its.subject == BEN, provider_id="SMother")
    assert breaches(deaf, [*small_ledger(), accepted]) == []


def test_an_accepted_message_of_which_no_touch_tells_is_named():
    stray = entry("accepted", CLEO, "SM0", touch=str(UUID(int=7)))
    planted = [*small_ledger(), stray]
    assert breaches(small_stream(), planted) == ["every_provider_call_is_one_touch"]


def test_an_accepted_message_whose_touch_was_refused_is_named():
    planted = changed(
        small_stream(),
        MessageSent,
        of_touch(CLEO, 2),
        result=Result.REFUSED,
        refusal=Refusal.LATE,
    )
    assert breaches(planted, small_ledger()) == ["every_provider_call_is_one_touch"]


def test_two_accepted_messages_of_one_touch_are_named():
    ledger = small_ledger()
    (twice,) = [its for its in ledger if its["kind"] == "accepted" and "Cleo" in str(its)] or [
        ledger[0]
    ]
    assert breaches(small_stream(), [*ledger, twice]) == ["every_provider_call_is_one_touch"]


def test_a_mail_is_found_by_the_id_in_its_name():
    ledger = [
        its | {"touch": "", "id": f"<{UUID(its['touch']).hex}@mail.example>"}
        if its["kind"] == "accepted"
        else its
        for its in small_ledger()
    ]
    assert breaches(small_stream(), ledger) == []
