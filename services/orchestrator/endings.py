"""How a sequence ends, and whether it must."""

from services.orchestrator.policy import Campaign
from services.orchestrator.state import Book, Decision, Effect, End, Heed, Sequence
from shared.outcomes import MEANINGS, Outcome, supersedes
from shared.words import CampaignState, Reason

RANK_OF_BOOKED = MEANINGS[Outcome.BOOKED].rank


def end(state: Sequence, code: Outcome, reason: str) -> tuple[Effect, ...]:
    """The outcome, if it supersedes the current one; a call that it outranks is given up."""
    if not supersedes(code, state.outcome):
        return ()
    call = state.call or state.wanted
    if call and MEANINGS[code].rank > RANK_OF_BOOKED:
        return End(code, reason), Book(None, None, None)
    return (End(code, reason),)


def final(state: Sequence) -> bool:
    """Whether the contact said no for good: not even a call may follow."""
    return state.outcome is not None and MEANINGS[state.outcome].rank > RANK_OF_BOOKED


def hand_over(state: Sequence, why: str) -> Decision:
    """A person has to look at this one."""
    return Decision((Heed(), *end(state, Outcome.NEEDS_PERSON, why)), why)


def barred(state: Sequence, campaign: Campaign) -> tuple[Outcome, str] | None:
    """The outcome that the world outside asks for, with its reason; None when it may go on."""
    if state.suppressed:
        return Outcome.OPTED_OUT, f"suppressed_by_{state.suppressed}"
    standing = state.standing
    if not standing.admitted:
        reason = standing.reason or Reason.NO_LAWFUL_CHANNEL
        opted_out = reason is Reason.OPTED_OUT
        return (Outcome.OPTED_OUT if opted_out else Outcome.NOT_PERMITTED), reason
    if campaign.state is CampaignState.ENDED:
        return Outcome.STOPPED, "campaign_ended"
    return None
