"""Quiet hours and working time, in every zone in which a person may be."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.rules.hours import A_WEEK, DEFAULT, HOURS, VERSION, next_open, working_time
from shared.words import Channel

SMS = Channel.SMS


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def opens(now: datetime, country: str, *zones: str) -> datetime:
    return next_open(SMS, now, country, zones)


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-11-23T08:59:59", "2026-11-23T09:00"),
        ("2026-11-23T09:00", "2026-11-23T09:00"),
        ("2026-11-23T18:59:59", "2026-11-23T18:59:59"),
        ("2026-11-23T19:00", "2026-11-24T09:00"),
        ("2026-11-27T19:00", "2026-11-30T09:00"),
        ("2026-11-28T12:00", "2026-11-30T09:00"),
    ],
)
def test_germany_is_open_from_nine_to_seven_on_weekdays(local, expected):
    zone = "Europe/Berlin"
    assert opens(at(local, zone), "DE", zone) == at(expected, zone)


def test_an_open_moment_is_returned_as_it_is():
    now = at("2026-11-23T12:00:00.000001")
    assert opens(now, "DE", "Europe/Berlin") is now


def test_france_rests_at_noon():
    zone = "Europe/Paris"
    assert opens(at("2026-11-23T13:00", zone), "FR", zone) == at("2026-11-23T14:00", zone)
    assert opens(at("2026-11-23T12:59", zone), "FR", zone) == at("2026-11-23T12:59", zone)
    assert opens(at("2026-11-27T20:00", zone), "FR", zone) == at("2026-11-30T10:00", zone)


def test_saturday_has_its_own_hours_and_sunday_may_have_none():
    zone = "Europe/London"
    assert opens(at("2026-11-28T09:00", zone), "GB", zone) == at("2026-11-28T10:00", zone)
    assert opens(at("2026-11-28T17:00", zone), "GB", zone) == at("2026-11-30T09:00", zone)
    assert opens(at("2026-11-29T12:00", "America/Toronto"), "CA", "America/Toronto") == at(
        "2026-11-29T12:00", "America/Toronto"
    )


def test_a_country_without_hours_of_its_own_has_the_default():
    zone = "Pacific/Auckland"
    assert "NZ" not in HOURS
    assert opens(at("2026-11-23T18:00", zone), "NZ", zone) == at("2026-11-24T09:00", zone)
    assert opens(at("2026-11-23T18:00", zone), "", zone) == at("2026-11-24T09:00", zone)


def test_email_is_always_open():
    now = at("2026-11-29T03:00")
    assert next_open(Channel.EMAIL, now, "FR", ("Europe/Paris",)) is now
    assert next_open(Channel.EMAIL, now, "", ()) is now


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP, Channel.VOICE])
def test_every_channel_on_a_number_has_hours(channel):
    zone = "Europe/Vilnius"
    assert next_open(channel, at("2026-11-23T03:00", zone), "LT", (zone,)) > at(
        "2026-11-23T03:00", zone
    )


def test_all_possible_zones_must_be_open():
    zones = ("America/New_York", "America/Los_Angeles")
    early = at("2026-11-23T10:00", "America/New_York")
    assert opens(early, "US", *zones) == at("2026-11-23T10:00", "America/Los_Angeles")
    late = at("2026-11-23T17:00", "America/New_York")
    assert opens(late, "US", *zones) == at("2026-11-24T10:00", "America/Los_Angeles")


def test_two_spans_of_a_day_may_meet_in_another_zone():
    zones = ("Europe/Paris", "Indian/Reunion")  # three hours apart in winter
    start = at("2026-11-23T00:00")
    assert opens(start, "FR", *zones) == at("2026-11-23T11:00", "Europe/Paris")
    noon = at("2026-11-23T12:00", "Europe/Paris")
    assert opens(noon, "FR", *zones) == noon
    assert opens(at("2026-11-23T13:00", "Europe/Paris"), "FR", *zones) == at(
        "2026-11-23T14:00", "Europe/Paris"
    )


def test_zones_without_a_common_hour_are_never_open():
    now = at("2026-11-23T12:00")
    assert opens(now, "RU", "Europe/Kaliningrad", "Asia/Kamchatka") == now + A_WEEK


def test_an_unknown_zone_is_never_open():
    now = at("2026-11-23T12:00")
    assert opens(now, "DE") == now + A_WEEK


@pytest.mark.parametrize(
    ("now", "expected"),
    [  # Berlin leaves summer time on 25 October 2026 and enters it on 28 March 2027, on Sundays
        ("2026-10-23T18:00", "2026-10-26T08:00"),
        ("2027-03-26T19:00", "2027-03-29T07:00"),
    ],
)
def test_nine_o_clock_stays_nine_o_clock_when_the_clocks_change(now, expected):
    found = opens(at(now), "DE", "Europe/Berlin")
    assert found == at(expected)
    assert found.astimezone(ZoneInfo("Europe/Berlin")).hour == 9


def test_the_repeated_hour_of_autumn_is_quiet_both_times():
    zone = ZoneInfo("Europe/Berlin")
    twice = datetime(2026, 10, 25, 2, 30, tzinfo=zone)
    for moment in (twice, twice.replace(fold=1)):
        assert opens(moment, "DE", "Europe/Berlin") == at("2026-10-26T08:00")


def test_kathmandu_opens_on_the_quarter_hour():
    assert opens(at("2026-11-23T03:00"), "NP", "Asia/Kathmandu") == at("2026-11-23T03:15")


def test_monday_in_apia_begins_on_sunday():
    sunday = at("2026-11-22T19:59")
    assert opens(sunday, "WS", "Pacific/Apia") == at("2026-11-22T20:00")
    assert opens(at("2026-11-27T05:00"), "WS", "Pacific/Apia") == at("2026-11-29T20:00")


def test_a_day_that_a_country_skipped_opens_nothing():
    # Apia went from Thursday 29 December 2011 to Saturday 31 December.
    thursday_evening = at("2011-12-30T05:00")
    assert opens(thursday_evening, "WS", "Pacific/Apia") == at("2012-01-01T19:00")


def test_whatever_is_answered_is_open_and_nothing_before_it_is():
    zones = ("America/New_York", "America/Chicago")
    step = timedelta(minutes=30)
    now = at("2026-10-30T00:00")
    for _ in range(24 * 2 * 7):
        found = opens(now, "US", *zones)
        assert opens(found, "US", *zones) == found
        assert found == now or opens(found - timedelta(seconds=1), "US", *zones) == found
        now += step


def test_working_time_is_monday_to_friday_nine_to_six():
    zone = "Europe/Vilnius"
    for given, expected in [
        ("2026-11-23T08:00", "2026-11-23T09:00"),
        ("2026-11-23T17:59", "2026-11-23T17:59"),
        ("2026-11-23T18:00", "2026-11-24T09:00"),
        ("2026-11-27T18:00", "2026-11-30T09:00"),
    ]:
        assert working_time(at(given, zone), (zone,)) == at(expected, zone)


def test_working_time_is_common_to_all_zones():
    zones = ("Europe/London", "America/New_York")
    assert working_time(at("2026-11-23T09:00"), zones) == at("2026-11-23T14:00")


def test_without_a_common_hour_the_first_zone_works():
    zones = ("Europe/Kaliningrad", "Asia/Kamchatka")
    assert working_time(at("2026-11-23T00:00"), zones) == at(
        "2026-11-23T09:00", "Europe/Kaliningrad"
    )


def test_without_a_zone_working_time_is_utc():
    assert working_time(at("2026-11-21T12:00"), ()) == at("2026-11-23T09:00")


def test_the_table_is_dated_and_its_spans_are_in_order():
    assert datetime.fromisoformat(VERSION).replace(tzinfo=UTC)
    for days in (DEFAULT, *HOURS.values()):
        assert len(days) == 7
        for spans in days:
            moments = [moment for span in spans for moment in span]
            assert moments == sorted(set(moments))
