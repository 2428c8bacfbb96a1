"""Signed lines become words: filled, in the contact's language and zone, or not at all."""

from datetime import UTC, datetime

import pytest

from services.channels.rendering import (
    Filling,
    TooLongError,
    UnfilledError,
    check_length,
    fill,
    numbered,
    variables,
)
from shared.events import Person
from shared.words import Channel

BRIEF = {"founder": "Ieva", "company": "Studiolog", "product": "Studiolog"}
TUESDAY = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
WEDNESDAY = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


def words(language="en", person=None, **more):
    person = person or Person(first_name="Zoe")
    return Filling(language, person, BRIEF, **more).words()


def test_every_place_is_filled_from_person_brief_and_request():
    filled = fill(
        "Hi {first_name}, {founder} of {company}: {months_on_plan} months",
        words(fields={"months_on_plan": "7"}),
    )
    assert filled == "Hi Zoe, Ieva of Studiolog: 7 months"


def test_a_place_that_nobody_fills_stops_the_line():
    with pytest.raises(UnfilledError, match="renewal_date"):
        fill("{first_name}, {renewal_date}", words())


def test_an_empty_field_fills_nothing():
    with pytest.raises(UnfilledError):
        fill("{months_on_plan}", words(fields={"months_on_plan": ""}))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Tuesday 24 November, 14:00 or Wednesday 25 November, 10:30"),
        ("de", "Dienstag, 24. November, 14:00 oder Mittwoch, 25. November, 10:30"),
        ("fr", "mardi 24 novembre à 14:00 ou mercredi 25 novembre à 10:30"),
        ("es", "martes 24 de noviembre a las 14:00 o miércoles 25 de noviembre a las 10:30"),
        ("lt", "antradienį, lapkričio 24 d., 14:00 arba trečiadienį, lapkričio 25 d., 10:30"),
        ("ja", "2026-11-24 14:00 CET / 2026-11-25 10:30 CET"),
    ],
)
def test_slots_are_written_in_the_contacts_language_and_zone(language, expected):
    slots = (TUESDAY, WEDNESDAY)
    assert words(language, slots=slots, zones=("Europe/Berlin",))["slots"] == expected


def test_the_zone_is_named_where_the_contact_may_live_in_several():
    said = words(slots=(TUESDAY,), zones=("America/New_York", "America/Chicago"))
    assert said["slot"] == "Tuesday 24 November, 08:00 EST"


def test_without_a_zone_the_moment_says_utc():
    assert words(slots=(TUESDAY,))["slot"] == "Tuesday 24 November, 13:00 UTC"


def test_a_promised_moment_is_written_as_the_day_it_is_for_the_contact():
    late = {"date": "2026-12-01T23:30:00+00:00"}
    said = words("de", fields=late, zones=("Europe/Vilnius",))
    assert said["date"] == "Mittwoch, 2. Dezember"


def test_a_plain_date_stands_as_it_is():
    assert words("es", fields={"date": "2026-12-01"})["date"] == "martes 1 de diciembre"


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (Person(first_name="Zoe", full_name="Z. Quill"), "Zoe"),
        (Person(full_name="Zoe Quill"), "Zoe"),
        (Person(company="Studio Luna"), "Studio Luna"),
        (Person(), "again"),
    ],
)
def test_a_greeting_finds_a_name_or_does_without(person, expected):
    assert words(person=person)["first_name"] == expected


def test_a_nameless_contact_in_a_language_we_do_not_speak_is_not_greeted():
    assert "first_name" not in words("ja", person=Person())


def test_a_template_numbers_its_places_once_each():
    body, names = numbered("Hi {first_name}, {founder} here. {first_name}?")
    assert body == "Hi {{1}}, {{2}} here. {{1}}?"
    assert names == ("first_name", "founder")


def test_template_values_carry_no_line_breaks():
    person = Person(first_name="Zoe\nMarie")
    assert variables("Hi {first_name}", words(person=person)) == {"1": "Zoe Marie"}


def test_a_filled_template_says_what_the_line_says():
    line = "Hi {first_name}, {founder} here. {first_name}?"
    body, _ = numbered(line)
    for number, value in variables(line, words()).items():
        body = body.replace(f"{{{{{number}}}}}", value)
    assert body == fill(line, words())


def test_a_text_that_the_channel_does_not_carry_is_refused():
    check_length(Channel.SMS, "x" * 1600)
    with pytest.raises(TooLongError):
        check_length(Channel.SMS, "x" * 1601)


def test_personal_words_do_not_show_in_what_a_filling_says_of_itself():
    assert "Zoe" not in repr(Filling("en", Person(first_name="Zoe"), BRIEF))
