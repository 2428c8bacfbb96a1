"""Campaign files, signatures, and what keeps a campaign from going live."""

from pathlib import Path
from uuid import UUID

import pytest

from services.console.campaigns import (
    CampaignRefusedError,
    as_draft,
    moved,
    read_campaign,
    signed,
)
from shared.events import CampaignChanged, Signature
from shared.lines import lint_line
from shared.rules.facts import Facts
from shared.rules.loading import rules_in_force
from shared.signing import digest_of, is_signed
from shared.words import CampaignState, Channel, Purpose
from tests.examples import NOW

EXAMPLE = (Path(__file__).parent.parent.parent / "examples" / "campaign.toml").read_text()
SMALL = """
[campaign]
key = "k"
name = "n"
starts_at = 2026-11-23T08:00:00Z
[brief]
founder = "F"
company = "C"
product = "P"
offer = "O"
[[line]]
id = "opener.win_back"
purpose = "opener"
goal = "win_back"
channels = ["sms"]
[line.text]
en = "I am the AI assistant of {founder} at {company}. Reply STOP to end this."
"""


def draft(text: str) -> CampaignChanged:
    return as_draft(read_campaign(text), campaign_id=UUID(int=1), workspace_id=UUID(int=2))


def sign_all(campaign: CampaignChanged) -> CampaignChanged:
    digests = {(one.id, one.channel, one.language): digest_of(one) for one in campaign.script}
    return signed(campaign, digests, Signature(signer="F", signed_at=NOW, digest=""))


def test_the_example_campaign_can_be_signed_and_goes_live() -> None:
    campaign = sign_all(draft(EXAMPLE))
    assert campaign.state is CampaignState.SIGNED
    assert moved(campaign, CampaignState.LIVE).state is CampaignState.LIVE
    assert campaign.languages == {"en", "de", "fr", "es", "lt"}


def test_the_example_campaign_is_unsigned_as_it_lies_there() -> None:
    assert not any(is_signed(line) for line in draft(EXAMPLE).script)


def test_an_unsigned_campaign_does_not_go_live_and_says_which_line() -> None:
    with pytest.raises(CampaignRefusedError, match=r"1 lines .* opener\.win_back \(sms, en\)"):
        moved(draft(SMALL), CampaignState.LIVE)


def test_an_altered_line_is_no_longer_signed() -> None:
    line = sign_all(draft(SMALL)).script[0]
    assert is_signed(line)
    assert not is_signed(line.model_copy(update={"text": line.text + "!"}))


def test_a_line_that_hides_the_ai_cannot_be_signed() -> None:
    with pytest.raises(CampaignRefusedError, match="does not say that an AI writes it"):
        sign_all(draft(SMALL.replace("the AI assistant", "an assistant")))


@pytest.mark.parametrize(
    ("said", "instead", "finding"),
    [
        (" Reply STOP to end this.", "", "does not show how to stop the messages"),
        (" at {company}", "", "does not show the name of the business"),
        ("STOP", "STOP, or see bit.ly/x", "breaks SMS-LINKS: "),
    ],
)
def test_a_line_that_breaks_a_contact_rule_cannot_be_signed(said, instead, finding) -> None:
    with pytest.raises(CampaignRefusedError) as refused:
        sign_all(draft(SMALL.replace(said, instead)))
    sentence = str(refused.value)
    assert sentence.startswith("The line opener.win_back (sms, en) cannot be signed: it ")
    assert finding in sentence


def test_all_that_speaks_against_a_line_is_told_at_once() -> None:
    with pytest.raises(CampaignRefusedError, match=r"AI .*; it .* the business; it .* stop"):
        sign_all(
            draft(SMALL.replace("the AI assistant of {founder} at {company}. Reply STOP", "x"))
        )


def test_an_answer_may_leave_out_what_first_words_must_show() -> None:
    answer = SMALL.replace('purpose = "opener"\ngoal = "win_back"', 'purpose = "answer"')
    short = answer.replace("I am the AI assistant of {founder} at {company}. Reply STOP to", "To")
    assert sign_all(draft(short)).state is CampaignState.SIGNED
    with pytest.raises(CampaignRefusedError, match="breaks SMS-LINKS"):
        sign_all(draft(short.replace("To end", "See bit.ly/x to end")))


def test_a_mail_without_a_subject_cannot_be_signed() -> None:
    with pytest.raises(CampaignRefusedError, match="has no subject"):
        sign_all(draft(SMALL.replace('["sms"]', '["email"]')))


def test_what_was_not_shown_cannot_be_signed() -> None:
    digests = {("opener.win_back", Channel.SMS, "en"): "0" * 64}
    with pytest.raises(CampaignRefusedError, match="is not the one that was shown"):
        signed(draft(SMALL), digests, Signature(signer="F", signed_at=NOW, digest=""))


def test_an_unknown_key_is_refused_by_name() -> None:
    with pytest.raises(CampaignRefusedError, match=r"`campaign\.colour` is no key"):
        read_campaign(SMALL.replace('key = "k"', 'key = "k"\ncolour = "red"'))


def test_a_line_that_stands_twice_is_refused() -> None:
    twice = SMALL + SMALL[SMALL.index("[[line]]") :]
    with pytest.raises(CampaignRefusedError, match="stands twice"):
        draft(twice)


def test_what_is_no_toml_is_refused_with_its_place() -> None:
    with pytest.raises(CampaignRefusedError, match="no TOML"):
        read_campaign("[campaign\n")


def test_an_ended_campaign_stays_ended() -> None:
    ended = moved(draft(SMALL), CampaignState.ENDED)
    with pytest.raises(CampaignRefusedError, match="is ended and cannot become live"):
        moved(ended, CampaignState.LIVE)


@pytest.mark.parametrize("region", ["NJ", "CA", "ME"])
def test_the_example_shows_what_is_asked_of_texts_to_the_united_states(region):
    lines = [
        its
        for its in draft(EXAMPLE).script
        if its.channel is Channel.SMS and its.language in {"en", "es"}
    ]
    there = Facts(country="US", region=region)
    assert all(not lint_line(its, there, NOW.date(), rules_in_force()).missing for its in lines)
    assert any(its.purpose is Purpose.OPENER for its in lines)
