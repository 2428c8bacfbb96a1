"""Which channel next. Triage says which ones are open; only this module orders them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.orchestrator.endings import end, hand_over
from services.orchestrator.policy import Campaign
from services.orchestrator.speech import permitted_from, say, spent, usable
from services.orchestrator.state import PROMISED, Decision, Message, Sequence, Then, Wait, Waiting
from shared.events import Candidate
from shared.outcomes import Outcome
from shared.words import Channel, Purpose, Reason

# WhatsApp is open only where the number is verified there; e-mail is the paper trail.
ORDER = (Channel.WHATSAPP, Channel.SMS, Channel.EMAIL)
WORTH_WAITING_FOR = timedelta(days=3)  # a channel that opens later lets the next one go first


@dataclass(frozen=True, slots=True)
class Rung:
    """A channel that can be opened, with which line and from when on."""

    channel: Channel
    line_id: str
    at: datetime


def go_on(state: Sequence, now: datetime, campaign: Campaign) -> Decision:
    """Keep the promise, if there is one; else try the next channel."""
    promise = state.promise
    if promise is None:
        return climb(state, now, campaign)
    if now < promise.at:
        return Decision((Wait(Waiting(promise.at, Then.GO_ON, PROMISED)),), "promised")
    line_id = campaign.line(Purpose.CALLBACK, promise.channel, state.standing.language)
    if line_id is None or spent(state, campaign) or not usable(state, promise.channel):
        return climb(state, now, campaign)
    message = Message(promise.channel, Purpose.CALLBACK, line_id)
    return Decision(say(state, message, now, campaign), "promised")


def climb(state: Sequence, now: datetime, campaign: Campaign) -> Decision:
    """Open the next channel, wait until it may be opened, or end where none is left."""
    start = max(now, campaign.starts_at)
    looked = list(_look(state, start, campaign))
    candidates = tuple(candidate for candidate, _ in looked)
    rungs = [rung for _, rung in looked if rung]
    if not rungs or spent(state, campaign):
        return _exhausted(state, candidates)
    rung = min(rungs, key=lambda its: its.at - start > WORTH_WAITING_FOR)
    if rung.at > now:
        return Decision((Wait(Waiting(rung.at, Then.GO_ON, "not_open_yet")),), "next", candidates)
    message = Message(rung.channel, Purpose.OPENER, rung.line_id)
    return Decision(say(state, message, now, campaign), "next_channel", candidates)


def _look(
    state: Sequence, now: datetime, campaign: Campaign
) -> Iterator[tuple[Candidate, Rung | None]]:
    """Each channel in order, what is said of it, and the rung if it can be opened."""
    standing = state.standing
    for channel in ORDER:
        if channel not in standing.opens:
            why = standing.closed.get(channel, "not_triaged")
            yield Candidate(channel=channel, verdict="closed", why=why), None
        elif channel in state.dropped:
            yield Candidate(channel=channel, verdict="dropped"), None
        elif channel in state.used:
            yield Candidate(channel=channel, verdict="used"), None
        elif not (line_id := _opener(state, channel, campaign)):
            yield Candidate(channel=channel, verdict="no_signed_line"), None
        elif not (at := permitted_from(state, channel, Purpose.OPENER, now)):
            yield Candidate(channel=channel, verdict="not_permitted"), None
        else:
            why = at.isoformat() if at > now else ""
            yield Candidate(channel=channel, verdict="open", why=why), Rung(channel, line_id, at)


def _opener(state: Sequence, channel: Channel, campaign: Campaign) -> str | None:
    standing = state.standing
    return campaign.line(Purpose.OPENER, channel, standing.language, goal=standing.goal)


def _exhausted(state: Sequence, candidates: tuple[Candidate, ...]) -> Decision:
    touch = state.touch
    refused = touch is not None and touch.refused and touch.message.purpose is Purpose.CALLBACK
    if state.promise or refused:
        return hand_over(state, "promise_not_kept")
    if not state.used and any(its.verdict == "no_signed_line" for its in candidates):
        return hand_over(state, "no_signed_line")
    if state.reached:
        why = "went_quiet" if state.heard else "silent"
        return Decision(end(state, Outcome.NO_ANSWER, why), why, candidates)
    if not state.used and any(its.verdict == "not_permitted" for its in candidates):
        effects = end(state, Outcome.NOT_PERMITTED, Reason.NO_LAWFUL_CHANNEL)
        return Decision(effects, Reason.NO_LAWFUL_CHANNEL, candidates)
    effects = end(state, Outcome.UNREACHABLE, "nothing_delivered")
    return Decision(effects, "nothing_delivered", candidates)
