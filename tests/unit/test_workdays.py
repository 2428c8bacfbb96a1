"""Callbacks fall on working days, in every zone in which a person may be."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.orchestrator.workdays import working_time


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-11-23T08:00", "2026-11-23T09:00"),
        ("2026-11-23T17:59", "2026-11-23T17:59"),
        ("2026-11-23T18:00", "2026-11-24T09:00"),
        ("2026-11-27T18:00", "2026-11-30T09:00"),
        ("2026-11-28T12:00", "2026-11-30T09:00"),
    ],
)
def test_working_time_is_monday_to_friday_nine_to_six(given, expected):
    zone = "Europe/Vilnius"
    assert working_time(at(given, zone), (zone,)) == at(expected, zone)


def test_a_working_moment_is_returned_as_it_is():
    now = at("2026-11-23T12:00:00.000001")
    assert working_time(now, ("Europe/Berlin",)) is now


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


@pytest.mark.parametrize(
    ("now", "expected"),
    [  # Berlin leaves summer time on 25 October 2026 and enters it on 28 March 2027, on Sundays
        ("2026-10-23T18:00", "2026-10-26T08:00"),
        ("2027-03-26T19:00", "2027-03-29T07:00"),
    ],
)
def test_nine_o_clock_stays_nine_o_clock_when_the_clocks_change(now, expected):
    found = working_time(at(now), ("Europe/Berlin",))
    assert found == at(expected)
    assert found.astimezone(ZoneInfo("Europe/Berlin")).hour == 9


def test_kathmandu_opens_on_the_quarter_hour():
    assert working_time(at("2026-11-23T03:00"), ("Asia/Kathmandu",)) == at("2026-11-23T03:15")


def test_monday_in_apia_begins_on_sunday():
    assert working_time(at("2026-11-22T19:59"), ("Pacific/Apia",)) == at("2026-11-22T20:00")
    assert working_time(at("2026-11-27T05:00"), ("Pacific/Apia",)) == at("2026-11-29T20:00")


def test_a_day_that_a_country_skipped_opens_nothing():
    """Apia went from Thursday 29 December 2011 to Saturday 31 December."""
    thursday_evening = datetime(2011, 12, 30, 4, 30, tzinfo=UTC)
    found = working_time(thursday_evening, ("Pacific/Apia",))
    assert found.astimezone(ZoneInfo("Pacific/Apia")) == at("2012-01-02T09:00", "Pacific/Apia")
