"""A contact's story, told fact by fact to the orchestrator's core; for all tests of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from services.orchestrator.policy import Campaign, SignedLine
from services.orchestrator.state import Sequence, World
from shared.events import (
    BookingSettled,
    CalendarOffered,
    ChannelVerdict,
    ContactSuppressed,
    ContactTriaged,
    MessageDelivered,
    MessageRequested,
    MessageSent,
    ReplyReceived,
    ReplyUnderstood,
    When,
    Woke,
)
from shared.words import (
    BookingState,
    CampaignState,
    Channel,
    Delivery,
    Intent,
    Openness,
    Purpose,
    Reason,
    Refusal,
    Result,
    Suppression,
    Verdict,
)
from tests.examples import (
    CAMPAIGN,
    CONTACT,
    SOMETHING,
    SUMMARY,
    WORKSPACE,
    a_contact_triaged,
    lawful,
)

NOW = datetime.fromisoformat("2026-11-23T09:00:00+00:00")  # a Monday
TEXT_CHANNELS = (Channel.WHATSAPP, Channel.SMS, Channel.EMAIL)
TOPIC = "price"
WHO = {"subject": CONTACT, "workspace_id": WORKSPACE, "campaign_id": CAMPAIGN}
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def a_campaign(
    channels: Iterable[Channel] = TEXT_CHANNELS, *, without: Iterable[Purpose] = (), **changes
) -> Campaign:
    """A live campaign with a signed line for everything."""
    lines = tuple(
        SignedLine(
            id=f"{purpose}.{channel}",
            purpose=purpose,
            channel=channel,
            language="en",
            topic=TOPIC if purpose is Purpose.ANSWER else "",
        )
        for channel in channels
        for purpose in Purpose
        if purpose not in set(without)
    )
    campaign = Campaign(
        id=CAMPAIGN, version=1, state=CampaignState.LIVE, starts_at=NOW, lines=lines
    )
    return campaign.model_copy(update=changes)


def a_calendar(
    days: int = 14, first: datetime = NOW, hours: Iterable[int] = (10, 11, 13, 14)
) -> CalendarOffered:
    """Free slots at these hours of UTC, Monday to Friday."""
    mornings = (first.replace(hour=0) + n * DAY for n in range(days))
    return CalendarOffered(
        subject=WORKSPACE,
        workspace_id=WORKSPACE,
        slots=tuple(day + hour * HOUR for day in mornings if day.weekday() < 5 for hour in hours),
        minutes=30,
        counts_from=first,
    )


A_WORLD = World(a_campaign(), (a_calendar(),))
STRANGER = Sequence(contact_id=CONTACT, workspace_id=WORKSPACE)


def at(fact, now: datetime, n: int = 0):
    """The fact as the bus would bring it."""
    its = uuid5(CONTACT, f"{type(fact).__name__}/{now.isoformat()}/{n}")
    return fact.model_copy(update={"time": now, "id": its})


def triaged(
    channels: Iterable[Channel] = TEXT_CHANNELS,
    *,
    revision: int = 1,
    reason: Reason | None = None,
    opens_at: datetime | None = None,
    **changes,
) -> ContactTriaged:
    """The contact is admitted with these channels, or is not, for a reason."""
    opened = Openness.DEFERRED if opens_at else Openness.OPEN
    verdicts = {
        channel: ChannelVerdict(openness=opened, code="consent", sentence="", opens_at=opens_at)
        for channel in channels
    }
    closed = ChannelVerdict(openness=Openness.CLOSED, code="no_basis", sentence="")
    where = {name: changes[name] for name in ("country", "zones") if name in changes}
    return a_contact_triaged(
        revision=revision,
        verdict=Verdict.EXCLUDED if reason else Verdict.ADMITTED,
        reasons=(reason,) if reason else (),
        channels={channel: verdicts.get(channel, closed) for channel in Channel},
        **{"facts": lawful(**where), **changes},
    )


def woke(plan: int, due: datetime) -> Woke:
    return Woke(**WHO, plan=plan, time=due, id=uuid5(CONTACT, f"woke/{plan}/{due.isoformat()}"))


def sent(
    request: MessageRequested,
    result: Result = Result.ACCEPTED,
    refusal: Refusal | None = None,
    busy_until: datetime | None = None,
) -> MessageSent:
    """What the gateway says of a request."""
    return MessageSent(
        **WHO,
        touch_id=touch_of(request.plan),
        plan=request.plan,
        channel=request.channel,
        purpose=request.purpose,
        line_id=request.line_id,
        language=request.language,
        result=result,
        refusal=refusal,
        busy_until=busy_until,
        slots=request.slots,
        answer_until=request.answer_until,
    )


def refused(
    request: MessageRequested, refusal: Refusal, busy_until: datetime | None = None
) -> MessageSent:
    return sent(request, Result.REFUSED, refusal, busy_until)


def touch_of(plan: int) -> UUID:
    return uuid5(CONTACT, f"touch/{plan}")


def delivered(request: MessageRequested, delivery: Delivery) -> MessageDelivered:
    return MessageDelivered(
        **WHO, touch_id=touch_of(request.plan), channel=request.channel, delivery=delivery
    )


def received(number: int, channel: Channel) -> ReplyReceived:
    return ReplyReceived(
        **WHO,
        number=number,
        channel=channel,
        words=SOMETHING,
        address_hash="a" * 32,
        provider_id=f"in-{number}",
    )


def understood(
    number: int,
    channel: Channel,
    intent: Intent,
    *,
    suppression: Suppression = Suppression.GO,
    when: datetime | None = None,
    **changes,
) -> ReplyUnderstood:
    reading = ReplyUnderstood(
        **WHO,
        number=number,
        channel=channel,
        intent=intent,
        confidence=0.9,
        suppression=suppression,
        when=When(start=when, end=when + HOUR) if when else None,
        language="en",
        summary=SUMMARY,
        brain="rules-1",
        reply_id=uuid5(CONTACT, f"reply/{number}"),
    )
    return reading.model_copy(update=changes)


def suppressed(*channels: Channel) -> ContactSuppressed:
    """Everything, or these channels only."""
    return ContactSuppressed(
        **WHO,
        address_hashes=("a" * 32,),
        channels=channels or tuple(Channel),
        everything=not channels,
        source="keyword",
        since=NOW,
    )


def settled(state: BookingState, slot: datetime | None, plan: int = 1) -> BookingSettled:
    return BookingSettled(
        **WHO,
        plan=plan,
        state=state,
        slot=slot,
        uid="call@rekindle",
        sequence=0,
        booking_id=UUID(int=7),
    )
