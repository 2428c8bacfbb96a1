"""Three lines for the founder: only what is known, never too long."""

from datetime import UTC, date, datetime

import pytest

from services.agent.known import Contact, Quote
from services.agent.reading import Reading
from services.agent.summary import LINE_LENGTH_MAX, quoted, signal, three_lines
from shared.events import Account, Person, When
from shared.words import Channel, Intent, Segment, Suppression

AT = datetime(2026, 12, 3, 13, 30, tzinfo=UTC)
KAREN = Person(first_name="Karen", full_name="Karen Hill", company="Eastgate Physio")
ACCOUNT = Account(
    plan="Solo", months_on_plan=14, seats=1, team_logins=5, modules_owned=1, modules_available=4,
    logins_before=25.0, logins_now=0.5, renews_on=date(2027, 1, 4), churned_on=date(2026, 9, 1),
)  # fmt: skip
CONTACT = Contact(account=ACCOUNT, segment=Segment.SOLO_SEAT, zones=("Europe/Vilnius",))


def reading(intent=Intent.BOOK_CALL, **its):
    return Reading(intent, 0.9, Suppression.GO, **its)


def test_the_lines_say_who_what_they_said_and_what_comes() -> None:
    quote = Quote(text="we have grown to 5 people", channel=Channel.WHATSAPP, topics=("price",))
    assert three_lines(KAREN, CONTACT, quote, reading(slot=AT)) == (
        "Karen (Eastgate Physio), Solo plan for 14 months, 5 people on 1 seat.",
        "Said on WhatsApp: “we have grown to 5 people” Asked about price.",
        "Wants a call: Thu 03 December 2026 15:30.",
    )


def test_of_a_stranger_nothing_is_made_up() -> None:
    assert three_lines(Person(), Contact(), Quote(), reading(Intent.OTHER)) == (
        "The customer.",
        "Said little",
        "Wants unclear.",
    )


def test_a_wish_for_another_time_names_it() -> None:
    later = reading(Intent.NOT_NOW, when=When(start=AT, end=AT))
    lines = three_lines(KAREN, CONTACT, Quote(), later)
    assert lines[2] == "Wants another moment, from Thu 03 December 2026 15:30."


@pytest.mark.parametrize(
    ("segment", "sentence"),
    [
        (Segment.SINGLE_MODULE, "uses 1 of 4 modules"),
        (Segment.RENEWAL_DUE, "renews on 04 January 2027"),
        (Segment.SOLO_SEAT, "5 people on 1 seat"),
        (Segment.DORMANT_PAID, "logins from 25 to 0.5 a month"),
        (Segment.RECENTLY_CHURNED, "left on 01 September 2026"),
        (None, ""),
    ],
)
def test_the_signal_is_the_accounts_own_figure(segment, sentence) -> None:
    assert signal(ACCOUNT, segment) == sentence
    assert signal(Account(), segment) == ""


def test_the_best_sentence_is_kept_and_a_better_one_replaces_it() -> None:
    first = quoted(Quote(), "Hi. We have grown to five people!", Channel.SMS, _interested())
    assert first.text == "We have grown to five people"
    later = quoted(first, "the second one please", Channel.EMAIL, reading())
    assert (later.text, later.channel) == (first.text, Channel.SMS)
    newer = quoted(later, "We stopped because it lost bookings", Channel.SMS, _churned())
    assert newer.text == "We stopped because it lost bookings"


def test_a_word_or_two_is_no_quote() -> None:
    assert quoted(Quote(), "yes please", Channel.SMS, _interested()).text == ""


def test_topics_are_remembered_though_the_sentence_is_not() -> None:
    asked = reading(Intent.QUESTION, topics=("price", "plans"))
    before = Quote(text="we lost all our bookings", worth=3)
    after = quoted(before, "how much is the team plan", Channel.SMS, asked)
    assert (after.text, after.topics) == (before.text, ("price",))


def test_numbers_of_cards_and_phones_are_not_repeated() -> None:
    text = "my card is 4111 1111 1111 1111 so upgrade me"
    quote = quoted(Quote(), text, Channel.SMS, _interested())
    assert quote.text == "my card is [number] so upgrade me"


def test_no_line_is_too_long() -> None:
    person = Person(first_name="Maximiliana" * 12, company="Very Long Name " * 12)
    quote = quoted(Quote(), "word " * 200, Channel.WHATSAPP, _interested())
    quote = quote.model_copy(update={"topics": ("integrations",) * 20})
    lines = three_lines(person, CONTACT, quote, reading(slot=AT))
    assert all(len(line) <= LINE_LENGTH_MAX for line in lines)


def _interested():
    return reading(Intent.INTERESTED)


def _churned():
    return reading(Intent.CHURN_REASON)
