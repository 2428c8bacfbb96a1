"""The envelope survives its headers, and says what is wrong with others."""

from datetime import UTC, datetime

import pytest

from shared.bus.arrivals import Arrival, opened
from shared.bus.envelope import NAMES, REQUIRED, envelope_of, headers_of
from shared.events.base import Event
from shared.ids import named

NOON = datetime(2026, 3, 2, 12, 0, 0, 250_000, tzinfo=UTC)
ANN = named("contact", 1)
WHOLE = {
    "id": named("event", 1),
    "cause_id": named("event", 0),
    "subject": ANN,
    "workspace_id": named("workspace", 1),
    "campaign_id": named("campaign", 1),
    "time": NOON,
}


class Heard(Event, topic="heard"):
    number: int


def headers(**changed):
    return headers_of(topic="heard", source="a pen", version=1, **(WHOLE | changed))


def arrived(**changed):
    """What becomes of an event of Ann's with these headers."""
    its = headers() | {name.replace("__", "-"): text for name, text in changed.items()}
    arrival = Arrival(WHOLE["id"], ANN, 1, "heard", its, b'{"number": 1, "subject": "x"}')
    return opened(arrival, {"heard": Heard})


def test_an_envelope_comes_back_as_it_was():
    assert arrived().event == Heard(number=1, **WHOLE)


def test_a_later_version_is_welcome_as_long_as_it_fits():
    assert arrived(ce_version="3").event == Heard(number=1, **WHOLE)
    assert arrived(ce_version="3", ce_time="noon").fault == (
        "it was released by a newer version (3, here 1 is known): "
        "time: datetime_from_date_parsing; bring this service up to date, then retry"
    )


def test_an_event_that_nobody_hears_any_more_says_so():
    arrival = Arrival(WHOLE["id"], ANN, 1, "heard", headers(), b'{"number": 1}')
    assert opened(arrival, {}).fault == "nobody here hears heard any more"


def test_an_event_before_a_campaign_has_no_campaign():
    its = headers(campaign_id=None)
    assert "ce_campaignid" not in its
    assert envelope_of(its, "heard")["campaign_id"] is None


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
        ("ce_id", "1", "it is no heard: id: uuid_parsing"),
        ("ce_causeid", "1", "it is no heard: cause_id: uuid_parsing"),
        ("ce_subject", "Ann", "it is no heard: subject: uuid_parsing"),
        ("ce_subject", str(named("contact", 2)), "the key and ce_subject name different subjects"),
        ("ce_workspaceid", "x", "it is no heard: workspace_id: uuid_parsing"),
        ("ce_campaignid", "", "it is no heard: campaign_id: uuid_parsing"),
        ("ce_time", "noon", "it is no heard: time: datetime_from_date_parsing"),
        ("ce_time", "2026-03-02T12:00:00", "ce_time has no time zone"),
        ("ce_version", "-1", "ce_version is no number"),
        ("content__type", "text/xml", "content-type is not application/json"),
    ],
)
def test_an_ill_formed_header_is_named(name, text, sentence):
    its = arrived(**{name: text})
    assert (its.event, its.fault) == (None, sentence)


@pytest.mark.parametrize("text", ["2026-03-02T12:00:00.25Z", "2026-03-02T14:00:00.250+02:00"])
def test_other_writers_ways_to_write_a_moment_are_understood(text):
    assert arrived(ce_time=text).event.time == NOON


def test_a_later_version_is_understood():
    assert arrived(ce_version="12").event == Heard(number=1, **WHOLE)
