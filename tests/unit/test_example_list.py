"""The example list: as messy as a real export, and rich enough for the demo."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rekindle.offline import triage_file
from sandbox.exports import SEED, Export, as_csv
from services.console.campaigns import as_draft, read_campaign
from shared.ids import NOBODY
from shared.words import Channel, Openness, Reason, Segment, Verdict

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SPOKEN = {"en", "de", "fr", "es", "lt"}
# The suppression list, and the languages of a script, decide about these only later.
LATER = {Reason.SUPPRESSED, Reason.LANGUAGE_NOT_IN_SCRIPT}
# What is odder than this company's customers.
ODDER = {Reason.TEST_DATA, Reason.PROBABLE_DUPLICATE, Reason.REVIEW_NEEDED}


@pytest.fixture(scope="module")
def judged():
    _, verdicts = triage_file(EXAMPLES / "customers.csv", NOW, "US")
    return list(verdicts)


@pytest.fixture(scope="module")
def admitted(judged):
    """Those that stay admitted once the script is signed."""
    return [
        (row, its)
        for row, its in judged
        if its.verdict is Verdict.ADMITTED and row.facts.language in SPOKEN
    ]


def test_the_file_is_what_its_seed_makes_it() -> None:
    assert (EXAMPLES / "customers.csv").read_bytes() == as_csv(Export(SEED).make())


def test_there_are_2500_rows_and_700_to_900_are_admitted(judged, admitted) -> None:
    assert len(judged) == 2500
    assert 700 <= len(admitted) <= 900


def test_every_segment_has_at_least_60(admitted) -> None:
    found = Counter(its.segment for _, its in admitted)
    assert min(found[segment] for segment in Segment) >= 60


def test_every_reason_decides_at_least_five_rows(judged) -> None:
    found = Counter(its.reasons[0] for _, its in judged if its.reasons)
    assert min(found[reason] for reason in Reason if reason not in LATER | ODDER) >= 5


def test_five_languages_are_spoken_and_signed(admitted) -> None:
    assert {row.facts.language for row, _ in admitted} == SPOKEN
    campaign = as_draft(
        read_campaign((EXAMPLES / "campaign.toml").read_text()),
        campaign_id=NOBODY,
        workspace_id=NOBODY,
    )
    assert {line.language for line in campaign.script} == SPOKEN


def test_every_channel_that_is_installed_is_open_to_many(admitted) -> None:
    found = Counter(
        channel
        for _, its in admitted
        for channel, verdict in its.channels.items()
        if verdict.openness is not Openness.CLOSED
    )
    assert min(found[c] for c in (Channel.WHATSAPP, Channel.SMS, Channel.EMAIL)) >= 100
