"""Which of the offered slots a reply chooses, on Tuesday 24 November 2026."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.agent.slots import answers, slot_chosen

ZONE = "Europe/Berlin"
NOW = datetime(2026, 11, 24, 9, tzinfo=ZoneInfo(ZONE))
WEDNESDAY = NOW.replace(day=25, hour=10)
THURSDAY = NOW.replace(day=26, hour=15, minute=30)
MONDAY = NOW.replace(day=30, hour=9)
OFFERED = (WEDNESDAY, THURSDAY, MONDAY)


def chosen(text, language="en", offered=OFFERED):
    languages = list(dict.fromkeys((language, "en")))
    return slot_chosen(text, offered, now=NOW, zone=ZONE, languages=languages)


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("2", THURSDAY),
        ("3️⃣", MONDAY),
        ("Option 1 please", WEDNESDAY),
        ("1st", WEDNESDAY),
        ("the second one", THURSDAY),
        ("the last one please", MONDAY),
        ("the earliest", WEDNESDAY),
        ("Thursday works", THURSDAY),
        ("Monday at nine", MONDAY),
        ("10 o'clock on Wednesday", WEDNESDAY),
        ("half past three on Thursday", THURSDAY),
        ("26 November is good", THURSDAY),
        ("the afternoon one", THURSDAY),
        ("wed 10 👍", WEDNESDAY),
        ("no wait, Monday", MONDAY),
        ("any of them", WEDNESDAY),
        ("whichever suits you", WEDNESDAY),
    ],
)
def test_a_slot_is_chosen_by_its_place_its_day_or_its_time(text, slot) -> None:
    assert chosen(text) == slot


@pytest.mark.parametrize(
    ("language", "text", "slot"),
    [
        ("de", "Donnerstag um halb vier passt", THURSDAY),
        ("de", "der zweite", THURSDAY),
        ("fr", "jeudi à 15h30", THURSDAY),
        ("fr", "lundi me convient", MONDAY),
        ("es", "el miércoles a las 10", WEDNESDAY),
        ("es", "cualquiera", WEDNESDAY),
        ("lt", "pirmadienį 9 val tinka", MONDAY),
        ("lt", "antras variantas", THURSDAY),
        ("it", "giovedì va bene", THURSDAY),
        ("pl", "w poniedziałek", MONDAY),
    ],
)
def test_a_slot_is_chosen_in_the_contacts_language(language, text, slot) -> None:
    assert chosen(text, language) == slot


@pytest.mark.parametrize(
    "text",
    [
        "none of these", "neither", "Thursday at 4pm", "Friday", "next Friday at ten", "4", "maybe",
        "1 or 2?", "yes", "book all three slots", "31 February", "Wednesday afternoon", "",
    ],
)  # fmt: skip
def test_what_fits_none_or_several_chooses_none(text) -> None:
    assert chosen(text) is None


def test_a_yes_takes_a_slot_only_when_one_was_offered() -> None:
    assert chosen("Yes, perfect", offered=(THURSDAY,)) == THURSDAY
    assert chosen("Passt!", "de", offered=(THURSDAY,)) == THURSDAY
    assert chosen("No, sorry", offered=(THURSDAY,)) is None
    assert chosen("No problem", offered=(THURSDAY,)) == THURSDAY


def test_without_an_offer_nothing_is_chosen() -> None:
    assert chosen("2", offered=()) is None


def test_of_two_slots_on_the_day_that_is_named_none_is_chosen() -> None:
    both = (WEDNESDAY, WEDNESDAY + timedelta(hours=4))
    assert chosen("Wednesday please", offered=both) is None
    assert chosen("Wednesday at two", offered=both) == both[1]


def test_a_slot_in_another_week_is_found_by_its_weekday() -> None:
    later = (WEDNESDAY + timedelta(weeks=2), THURSDAY + timedelta(weeks=2))
    assert chosen("Thursday please", offered=later) == later[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no problem", {"yes"}),
        ("sorry, I have to cancel", {"no", "cancelling"}),
        ("neither, another day?", {"no", "none_of_them"}),
        ("hello", set()),
    ],
)
def test_an_answer_to_an_appointment_is_told_by_its_words(text, said) -> None:
    assert answers(text, ["en"]) == said
