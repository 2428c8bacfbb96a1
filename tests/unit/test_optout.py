"""Words that ask to be left alone: what the lists say, and what surrounds them."""

import pytest

from shared.rules.optout import Asked, Wish, asked_by, is_reaction, known_words, opts_out, wishes
from shared.rules.wording import plain, sentences, words
from shared.words import Channel, Purpose

ARRANGED = (Asked.SLOTS, Asked.CONFIRM, Asked.BOOKED)
ELSEWHERE = (Channel.WHATSAPP, Channel.EMAIL, Channel.VOICE)


def wish(text, channel=Channel.WHATSAPP, language="en", asked=Asked.OPENER):
    return wishes(text, channel, [language], asked)


@pytest.mark.parametrize("asked", Asked)
@pytest.mark.parametrize(
    "word",
    ["STOP", "end", "Cancel", "QUIT", "unsubscribe", "revoke", "opt out", "Opt-Out", "ARRET"],
)
def test_on_sms_a_bare_carrier_keyword_is_an_opt_out_whatever_was_asked(word, asked) -> None:
    assert opts_out(word, Channel.SMS, ["lt"], asked)


@pytest.mark.parametrize("asked", ARRANGED)
@pytest.mark.parametrize("channel", ELSEWHERE)
@pytest.mark.parametrize("word", ["cancel", "END", "Cancel please"])
def test_elsewhere_cancel_and_end_are_about_the_appointment(word, channel, asked) -> None:
    assert wishes(word, channel, ["en"], asked) is None
    assert wishes(word, channel, ["en"], Asked.OPENER) is Wish.STOP


@pytest.mark.parametrize("channel", Channel)
def test_words_for_an_appointment_in_other_languages_are_no_carrier_keywords(channel) -> None:
    assert wish("annuler", channel, "fr", Asked.BOOKED) is None
    assert wish("annuler", channel, "fr") is Wish.STOP


@pytest.mark.parametrize("asked", ARRANGED)
def test_stop_stops_also_while_an_appointment_is_arranged(asked) -> None:
    assert wish("stop", Channel.EMAIL, "de", asked) is Wish.STOP


@pytest.mark.parametrize("language", sorted(known_words().lists))
def test_every_hard_word_of_a_language_opts_out_in_that_language(language) -> None:
    lists = known_words().lists[language]
    assert lists.hard
    for word in lists.hard:
        assert wish(word, Channel.EMAIL, language) is Wish.STOP


@pytest.mark.parametrize("language", sorted(known_words().lists))
def test_every_phrase_of_a_language_is_found_inside_a_sentence(language) -> None:
    lists = known_words().lists[language]
    for phrase in lists.phrases:
        found = wish(f"xx {phrase} xx", language=language)
        assert found is (Wish.UNSURE if phrase in known_words().open_ended else Wish.STOP)
    for phrase in lists.erase:
        assert wish(f"xx {phrase} xx", language=language) is Wish.FORGET


@pytest.mark.parametrize(
    "text",
    [
        "«Stop!»", "  STOP.  ", "*stop*", "_stop_", "S T O P", "s.t.o.p.", "st\u200bop",
        "\uff33\uff34\uff2f\uff30", "stop stop STOP", "Stop please", "please stop now, thanks",
        "🛑 stop 🛑", "S\u0336T\u0336O\u0336P\u0336", "stop\ufe0f", "s t o p pls",
    ],
)  # fmt: skip
def test_decoration_and_politeness_change_nothing(text) -> None:
    assert wish(text) is Wish.STOP


@pytest.mark.parametrize("text", ["🛑", "🛑🛑🛑", "⛔ please", "🖕"])
def test_signs_that_say_stop_do_so_without_words(text) -> None:
    assert wish(text) is Wish.STOP


@pytest.mark.parametrize(
    "text",
    ["", "…", "👍", "thanks", "Please", "stopcock", "the endless bend", "I can't stop using it",
     "unstoppable", "quit my old job", "🛑 is the wrong sign here"],
)  # fmt: skip
def test_other_words_are_no_wish(text) -> None:
    assert wish(text) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Don\u2019t contact me", "en"),
        ("DONT CONTACT ME", "en"),
        ("Hören Sie auf", "de"),
        ("horen sie auf!", "de"),
        ("je m\u2019oppose à tout envoi", "fr"),
        ("Laissez moi tranquille", "fr"),
        ("no quiero recibir esto", "es"),
        ("palikite mane ramybeje", "lt"),
        ("Больше не пишите", "ru"),
    ],
)
def test_accents_case_and_apostrophes_do_not_matter(text, language) -> None:
    assert wish(text, language=language) is Wish.STOP


def test_english_is_always_read_and_another_language_only_when_it_is_named() -> None:
    assert opts_out("stop calling", Channel.WHATSAPP, ["lt"])
    assert not opts_out("abmelden", Channel.WHATSAPP, ["lt"])
    assert opts_out("abmelden", Channel.WHATSAPP, ["lt", "de"])
    assert not opts_out("fine", Channel.WHATSAPP, ["de"])


def test_a_language_without_lists_is_read_in_english() -> None:
    assert opts_out("stop", Channel.EMAIL, ["xx", ""])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Please don't call before ten", "en"),
        ("don't text me today", "en"),
        ("no me llamen hasta el lunes", "es"),
        ("Ich will keine Zeit verlieren", "de"),
        ("ik wil niet op maandag", "nl"),
    ],
)
def test_a_softened_or_open_ended_phrase_is_a_doubt(text, language) -> None:
    assert wish(text, language=language) is Wish.UNSURE
    assert not opts_out(text, Channel.WHATSAPP, [language])


def test_a_firm_phrase_is_not_softened_by_a_time() -> None:
    assert wish("stop calling me before breakfast") is Wish.STOP


def test_a_firm_phrase_beside_a_softened_one_decides() -> None:
    assert wish("don't call before ten. In fact leave me alone") is Wish.STOP


def test_a_wish_to_be_forgotten_is_told_from_one_to_be_left_alone() -> None:
    assert wish("kindly erase my data and leave me alone") is Wish.FORGET


@pytest.mark.parametrize("text", ["Liked “Reply STOP to end”", 'Laughed at "stop texting me"'])
def test_a_copied_message_of_ours_is_not_the_customers_words(text) -> None:
    assert is_reaction(text)
    assert wish(text, Channel.SMS) is None


def test_who_liked_something_may_still_ask_to_stop() -> None:
    assert not is_reaction("Liked it once, now stop texting me")
    assert wish("Liked it once, now stop texting me") is Wish.STOP


@pytest.mark.parametrize(
    ("purpose", "slots", "asked"),
    [
        (Purpose.OPENER, 0, Asked.OPENER),
        (Purpose.OFFER_SLOTS, 2, Asked.SLOTS),
        (Purpose.OFFER_SLOTS, 1, Asked.CONFIRM),
        (Purpose.CONFIRM_BOOKING, 0, Asked.BOOKED),
        (Purpose.CONFIRM_BOOKING, 1, Asked.BOOKED),
        (Purpose.CONFIRM_CANCELLED, 0, Asked.OPENER),
        (Purpose.ANSWER, 0, None),
        (Purpose.ANSWER, 2, Asked.SLOTS),
        (Purpose.BOT_ANSWER, 0, None),
    ],
)
def test_what_a_touch_asked_follows_from_its_purpose_and_slots(purpose, slots, asked) -> None:
    assert asked_by(purpose, slots) is asked


def test_plain_words_have_no_case_accent_or_apostrophe() -> None:
    assert plain("  Don\u2019t\tSTOP  l\u2019Été ") == "dont stop l ete"
    assert words("Łódź, œuvre: 16:30!") == ("lodz", "oeuvre", "16", "30")
    assert sentences("One. Two?\n\nThree; ") == ("One", "Two", "Three")
