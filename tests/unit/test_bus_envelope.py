"""The envelope survives its headers, and says what is wrong with others."""

from datetime import UTC, datetime

import pytest

from shared.bus.envelope import NAMES, REQUIRED, envelope_of, headers_of
from shared.ids import named

NOON = datetime(2026, 3, 2, 12, 0, 0, 250_000, tzinfo=UTC)
WHOLE = {
    "id": named("event", 1),
    "cause_id": named("event", 0),
    "subject": named("contact", 1),
    "workspace_id": named("workspace", 1),
    "campaign_id": named("campaign", 1),
    "time": NOON,
}


def headers(**changed):
    return headers_of(topic="heard", source="a pen", version=3, **(WHOLE | changed))


def test_an_envelope_comes_back_as_it_was():
    assert envelope_of(headers(), "heard") == WHOLE


def test_an_event_before_a_campaign_has_no_campaign():
    its = headers(campaign_id=None)
    assert "ce_campaignid" not in its
    assert envelope_of(its, "heard") == WHOLE | {"campaign_id": None}


def test_every_header_is_a_cloud_event_s_and_text():
    assert headers().keys() == NAMES
    assert all(isinstance(text, str) and text.isascii() for text in headers().values())


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_header_is_named(name):
    its = headers()
    del its[name]
    with pytest.raises(ValueError, match=f"headers are missing: {name}"):
        envelope_of(its, "heard")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("ce_specversion", "0.3", "ce_specversion is not 1.0"),
        ("ce_type", "said", "ce_type is not the topic"),
        ("ce_id", "1", "ce_id is no UUID"),
        ("ce_causeid", "1", "ce_causeid is no UUID"),
        ("ce_subject", "Ann", "ce_subject is no UUID"),
        ("ce_workspaceid", "x", "ce_workspaceid is no UUID"),
        ("ce_campaignid", "", "ce_campaignid is no UUID"),
        ("ce_time", "noon", "ce_time is no moment"),
        ("ce_time", "2026-03-02T12:00:00", "ce_time has no time zone"),
        ("ce_version", "-1", "ce_version is no number"),
        ("content-type", "text/xml", "content-type is not application/json"),
    ],
)
def test_an_ill_formed_header_is_named(name, text, sentence):
    with pytest.raises(ValueError, match=sentence):
        envelope_of(headers() | {name: text}, "heard")


@pytest.mark.parametrize("text", ["2026-03-02T12:00:00.25Z", "2026-03-02T14:00:00.250+02:00"])
def test_other_writers_ways_to_write_a_moment_are_understood(text):
    assert envelope_of(headers() | {"ce_time": text}, "heard")["time"] == NOON
