"""From a campaign file to the campaign, and what keeps it from going live. Pure.

The file is TOML: `[campaign]`, `[brief]`, `[policy]`, `[pool]` and a `[[line]]` for each line of
the script, with its text per language. One `[[line]]` stands for as many lines as it has channels
and languages; each of them is signed by itself.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from services.console.linting import faults
from shared.events import Brief, CampaignChanged, Line, Policy, PoolRule, Signature
from shared.rules.disclosures import discloses_ai
from shared.rules.loading import rules_in_force
from shared.signing import digest_of, is_signed
from shared.words import CampaignState, Channel, Goal, Purpose

# The first words on a channel: they must say that an AI writes.
FIRST_PURPOSES = frozenset({Purpose.OPENER, Purpose.CALLBACK, Purpose.BOT_ANSWER})


class CampaignRefusedError(ValueError):
    """The campaign file, or what is asked of the campaign, cannot stand; the sentence says why."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CampaignHead(_Strict):
    """The table `[campaign]`."""

    key: str
    name: str
    starts_at: datetime


class ScriptEntry(_Strict):
    """One `[[line]]`: the same words on several channels, in several languages."""

    id: str
    purpose: Purpose
    channels: tuple[Channel, ...]
    text: dict[str, str]
    goal: Goal | None = None
    subject: dict[str, str] = {}
    topic: str = ""


class StrictBrief(Brief):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StrictPolicy(Policy):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StrictPool(PoolRule):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CampaignFile(_Strict):
    """The whole file. Unknown keys are refused by name."""

    campaign: CampaignHead
    brief: StrictBrief
    policy: StrictPolicy = StrictPolicy()
    pool: StrictPool = StrictPool()
    line: tuple[ScriptEntry, ...]


def read_campaign(text: str) -> CampaignFile:
    """The campaign in a TOML text. Raises CampaignRefusedError naming the place."""
    try:
        return CampaignFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        sentence = f"The campaign file is no TOML: {error}."
        raise CampaignRefusedError(sentence) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        what = "is no key of a campaign" if first["type"] == "extra_forbidden" else first["msg"]
        sentence = f"The campaign file cannot be used: `{place}` {what}."
        raise CampaignRefusedError(sentence) from error


def as_draft(file: CampaignFile, *, campaign_id: UUID, workspace_id: UUID) -> CampaignChanged:
    """The campaign as an unsigned draft."""
    script = tuple(_lines(file.line))
    _refuse_doubles(script)
    return CampaignChanged(
        subject=campaign_id,
        workspace_id=workspace_id,
        campaign_id=campaign_id,
        version_number=1,
        name=file.campaign.name,
        state=CampaignState.DRAFT,
        starts_at=file.campaign.starts_at,
        brief=Brief(**file.brief.model_dump()),
        policy=Policy(**file.policy.model_dump()),
        pool=PoolRule(**file.pool.model_dump()),
        script=script,
    )


def _lines(entries: Sequence[ScriptEntry]) -> Iterator[Line]:
    for entry in entries:
        for channel in entry.channels:
            for language, text in entry.text.items():
                yield Line(
                    id=entry.id,
                    purpose=entry.purpose,
                    channel=channel,
                    language=language,
                    text=text.strip(),
                    goal=entry.goal,
                    subject=entry.subject.get(language, "") if channel is Channel.EMAIL else "",
                    topic=entry.topic,
                    discloses_ai=discloses_ai(text, language),
                )


def _refuse_doubles(script: Sequence[Line]) -> None:
    seen: set[tuple[str, Channel, str]] = set()
    for line in script:
        name = (line.id, line.channel, line.language)
        if name in seen:
            sentence = f"The line {label(line)} stands twice in the script."
            raise CampaignRefusedError(sentence)
        seen.add(name)


def signed(
    campaign: CampaignChanged, digests: Mapping[tuple[str, Channel, str], str], signature: Signature
) -> CampaignChanged:
    """The campaign with these lines signed. `digests` is what the signer saw, by line.

    Raises CampaignRefusedError when a line is unknown, reads differently from what was seen, or
    breaks a contact rule.
    """
    known = {(line.id, line.channel, line.language): line for line in campaign.script}
    for name, digest in digests.items():
        line = known.get(name)
        if line is None or digest_of(line) != digest:
            sentence = f"The line {name[0]} ({name[1]}, {name[2]}) is not the one that was shown."
            raise CampaignRefusedError(sentence)
        if found := unfit(line, signature.signed_at):
            sentence = f"The line {label(line)} cannot be signed: it {'; it '.join(found)}."
            raise CampaignRefusedError(sentence)
    script = tuple(_as_signed(line, digests, signature) for line in campaign.script)
    return campaign.model_copy(update={"script": script, "state": _state_of(campaign, script)})


def _as_signed(
    line: Line, digests: Mapping[tuple[str, Channel, str], str], signature: Signature
) -> Line:
    shown = digests.get((line.id, line.channel, line.language))
    if shown is None:
        return line
    return line.model_copy(update={"signature": signature.model_copy(update={"digest": shown})})


def unfit(line: Line, at: datetime) -> list[str]:
    """What speaks against signing this line, each as the end of a sentence about it."""
    found = []
    if line.purpose in FIRST_PURPOSES and not line.discloses_ai:
        found.append("does not say that an AI writes it")
    if line.channel is Channel.EMAIL and not line.subject:
        found.append("has no subject")
    return [*found, *faults(line, at, rules_in_force())]


def moved(campaign: CampaignChanged, state: CampaignState) -> CampaignChanged:
    """The campaign in another state. Raises CampaignRefusedError with what is missing."""
    if state not in _MOVES[campaign.state]:
        sentence = f"The campaign is {campaign.state} and cannot become {state}."
        raise CampaignRefusedError(sentence)
    unsigned = [line for line in campaign.script if not is_signed(line)]
    if state is CampaignState.LIVE and unsigned:
        sentence = (
            f"{len(unsigned)} lines are not signed, the first is {label(unsigned[0])}: "
            "sign the script before it goes live."
        )
        raise CampaignRefusedError(sentence)
    return campaign.model_copy(update={"state": state})


def label(line: Line) -> str:
    """How a line is named to people."""
    return f"{line.id} ({line.channel}, {line.language})"


def _state_of(campaign: CampaignChanged, script: Sequence[Line]) -> CampaignState:
    drafted = campaign.state is CampaignState.DRAFT
    return CampaignState.SIGNED if drafted and all(map(is_signed, script)) else campaign.state


_MOVES: dict[CampaignState, frozenset[CampaignState]] = {
    CampaignState.DRAFT: frozenset({CampaignState.LIVE, CampaignState.ENDED}),
    CampaignState.SIGNED: frozenset({CampaignState.LIVE, CampaignState.ENDED}),
    CampaignState.LIVE: frozenset({CampaignState.PAUSED, CampaignState.ENDED}),
    CampaignState.PAUSED: frozenset({CampaignState.LIVE, CampaignState.ENDED}),
    CampaignState.ENDED: frozenset(),
}
