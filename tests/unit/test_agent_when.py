"""Time expressions, on Tuesday 24 November 2026, 10:15 in Vilnius."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from services.agent.spans import easter
from services.agent.when import when_meant

VILNIUS = "Europe/Vilnius"
TUESDAY = datetime(2026, 11, 24, 10, 15, tzinfo=ZoneInfo(VILNIUS))


def local(text, language="en", zone=VILNIUS, now=TUESDAY, **options):
    """The window as `month-day hour:minute`, in the contact's own time."""
    languages = list(dict.fromkeys((language, "en")))
    when = when_meant(text, now=now, zone=zone, languages=languages, **options)
    if when is None:
        return None
    return tuple(
        f"{moment.astimezone(ZoneInfo(zone)):%m-%d %H:%M}" for moment in (when.start, when.end)
    )


def starts(text, language="en", **options):
    window = local(text, language, **options)
    return window and window[0]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("tomorrow", "11-25 09:00", "11-25 18:00"),
        ("on Friday", "11-27 09:00", "11-27 18:00"),
        ("next Thursday", "12-03 09:00", "12-03 18:00"),
        ("next week", "11-30 09:00", "12-04 18:00"),
        ("the week after next", "12-07 09:00", "12-11 18:00"),
        ("in two weeks", "12-07 09:00", "12-11 18:00"),
        ("next month", "12-01 09:00", "12-31 18:00"),
        ("early January", "01-01 09:00", "01-08 18:00"),
        ("mid March", "03-12 09:00", "03-18 18:00"),
        ("14 December at 16:30", "12-14 16:30", "12-14 16:30"),
        ("Monday between 2 and 4", "11-30 14:00", "11-30 16:00"),
        ("Wednesday morning", "11-25 09:00", "11-25 12:00"),
        ("Monday or Tuesday afternoon", "11-30 12:00", "12-01 18:00"),
        ("this afternoon", "11-24 12:00", "11-24 18:00"),
        ("this evening", "11-24 17:00", "11-24 20:00"),
        ("13 to 15 January", "01-13 09:00", "01-15 18:00"),
        ("in half an hour", "11-24 10:45", "11-24 10:45"),
        ("give me 20 minutes", "11-24 10:35", "11-24 10:35"),
    ],
)
def test_an_expression_becomes_its_window(text, start, end) -> None:
    assert local(text) == (start, end)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("I'm away until 7 December", "12-07 09:00"),
        ("after the 3rd", "12-04 09:00"),
        ("through Thursday we are closed", "11-27 09:00"),
        ("closed from 21 December to 3 January", "01-04 09:00"),
        ("not this week", "11-30 09:00"),
        ("tomorrow is bad, how about Thursday at ten", "11-26 10:00"),
        ("Friday doesn't work, Monday does", "11-30 09:00"),
        ("I'm out next week but the Monday after that is fine", "12-07 09:00"),
        ("don't call before 14:00, otherwise tomorrow", "11-25 14:00"),
        ("a week on Friday", "12-04 09:00"),
        ("after Christmas", "01-04 09:00"),
    ],
)
def test_what_is_said_of_a_day_decides_when_it_is(text, start) -> None:
    assert starts(text) == start


@pytest.mark.parametrize(
    ("language", "text", "start"),
    [
        ("de", "nächste Woche Dienstag um halb zehn", "12-01 09:30"),
        ("de", "ab dem 7. Dezember", "12-07 09:00"),
        ("de", "morgen Nachmittag", "11-25 12:00"),
        ("de", "in zwei Stunden", "11-24 12:15"),
        ("fr", "lundi prochain à 14h30", "11-30 14:30"),
        ("fr", "début janvier", "01-01 09:00"),
        ("fr", "la semaine prochaine", "11-30 09:00"),
        ("es", "mañana por la tarde", "11-25 12:00"),
        ("es", "la semana que viene", "11-30 09:00"),
        ("es", "el jueves a las 5", "11-26 17:00"),
        ("it", "tra due settimane", "12-07 09:00"),
        ("it", "venerdì alle 9:30", "11-27 09:30"),
        ("pt", "amanhã às três da tarde", "11-25 15:00"),
        ("pt", "depois do natal", "01-04 09:00"),
        ("nl", "dinsdagmiddag", "12-01 12:00"),
        ("nl", "morgen om half elf", "11-25 10:30"),
        ("lt", "kitą savaitę", "11-30 09:00"),
        ("lt", "ketvirtadienį 14 val", "11-26 14:00"),
        ("lt", "po dviejų savaičių", "12-07 09:00"),
        ("ru", "в пятницу в три часа", "11-27 15:00"),
        ("ru", "через неделю", "11-30 09:00"),
        ("pl", "w czwartek o dziesiątej", "11-26 10:00"),
        ("pl", "po 7 grudnia", "12-08 09:00"),
    ],
)
def test_ten_languages_speak_of_time(language, text, start) -> None:
    assert starts(text, language) == start


@pytest.mark.parametrize(
    "text", ["", "hello", "may I ask something?", "he sat down", "we have 14 seats", "31 February"]
)
def test_words_that_name_no_time_give_none(text) -> None:
    assert local(text) is None


def test_a_day_that_falls_on_a_weekend_moves_to_monday_unless_it_was_named() -> None:
    friday = TUESDAY.replace(day=27)
    assert starts("tomorrow", now=friday) == "11-30 09:00"
    assert starts("Saturday at 11", now=friday) == "11-28 11:00"


def test_an_hour_that_has_passed_is_meant_for_the_next_working_day() -> None:
    assert starts("call me at 9") == "11-25 09:00"
    assert starts("today") == "11-24 10:30"


def test_a_named_month_that_has_begun_is_what_is_left_of_it() -> None:
    assert starts("in November") == "11-24 10:30"
    assert starts("in October") == "10-01 09:00"


def test_the_order_of_day_and_month_is_the_countrys() -> None:
    assert starts("on 3/12") == "12-03 09:00"
    assert starts("on 3/12", month_first=True) == "03-12 09:00"
    assert starts("am 3.12.", "de", month_first=True) == "12-03 09:00"


def test_a_time_far_away_is_no_time_for_a_callback() -> None:
    assert local("in 20 years") is None


def test_times_are_the_contacts_and_come_back_in_utc() -> None:
    when = when_meant("tomorrow at 10", now=TUESDAY, zone="America/New_York", languages=["en"])
    assert when.start == datetime(2026, 11, 25, 15, tzinfo=UTC)
    assert when.start.tzinfo is UTC


def test_easter_is_right_also_in_the_years_of_its_exceptions() -> None:
    known = {1954: (4, 18), 1981: (4, 19), 2026: (4, 5), 2027: (3, 28), 2049: (4, 18)}
    assert {year: easter(year) for year in known} == {
        year: date(year, *day) for year, day in known.items()
    }
