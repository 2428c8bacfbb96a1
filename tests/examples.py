"""One good example of every event, for tests that need some, and for the released ones."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.events import (
    Account,
    BookingRequested,
    BookingSettled,
    Brief,
    CalendarOffered,
    CampaignChanged,
    Candidate,
    ChannelVerdict,
    Consent,
    ContactImported,
    ContactSuppressed,
    ContactTriaged,
    DecisionMade,
    EmailRequested,
    Event,
    Facts,
    History,
    ImportEnded,
    Line,
    Mailbox,
    MessageDelivered,
    MessageSent,
    Money,
    OptOut,
    OutcomeRecorded,
    OutcomeWritten,
    Person,
    Phone,
    Policy,
    PoolRule,
    ReplyReceived,
    ReplyUnderstood,
    Signature,
    SmsRequested,
    SoftOptIn,
    WhatsappRequested,
    When,
)
from shared.ids import named
from shared.outcomes import Outcome
from shared.privacy.sealed import ContactKey, Sealed
from shared.rules.loading import rules_in_force
from shared.signing import digest_of
from shared.words import (
    Basis,
    BookingState,
    CampaignState,
    Channel,
    Delivery,
    Goal,
    Intent,
    LineType,
    Openness,
    Party,
    Purpose,
    Result,
    Segment,
    Status,
    Suppression,
    Verdict,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
WORKSPACE = named("workspace", "example")
CAMPAIGN = named("campaign", "example")
CONTACT = named("contact", "example")
IMPORT = named("import", "example")
KEY = ContactKey(CONTACT, bytes(32))
WHO = {"subject": CONTACT, "workspace_id": WORKSPACE, "campaign_id": CAMPAIGN}
SOMETHING: Sealed[str] = Sealed("c2VhbGVk")
PERSON: Sealed[Person] = Sealed("c2VhbGVk")
HISTORY: Sealed[History] = Sealed("c2VhbGVk")
SUMMARY: Sealed[tuple[str, str, str]] = Sealed("c2VhbGVk")
PHONE = Phone(hash="a" * 32, sealed=SOMETHING, region="LT", line=LineType.MOBILE, whatsapp=True)
MAILBOX = Mailbox(hash="b" * 32, alias_hash="c" * 32, sealed=SOMETHING)
ACCOUNT = Account(
    status=Status.ACTIVE,
    ever_paid=True,
    plan="Base",
    months_on_plan=14,
    seats=1,
    team_logins=3,
    integrations=2,
    modules_owned=1,
    modules_available=4,
    logins_before=25.0,
    logins_now=1.0,
    annual=True,
    renews_on=date(2027, 1, 4),
    churned_on=None,
    paid_on=date(2026, 11, 4),
    last_login_on=date(2026, 11, 2),
    spoke_by_phone=False,
    talked_on=date(2026, 8, 20),
    worth=Money(amount=1200.0, currency="EUR"),
    term_months=12,
    invoiced_on=date(2026, 1, 4),
    invoice=Money(amount=1200.0, currency="EUR"),
    invoice_paid=True,
    ticket_on=date(2026, 7, 1),
    ticket_open=False,
)


def signed(line: Line) -> Line:
    """The line as its founder signed it."""
    signature = Signature(signer="Ieva", signed_at=NOW, digest=digest_of(line))
    return line.model_copy(update={"signature": signature})


def a_line(**changes: object) -> Line:
    """A signed opener for SMS, in English."""
    line = Line(
        id="opener.cross_sell",
        purpose=Purpose.OPENER,
        channel=Channel.SMS,
        language="en",
        text="Hi {first_name}, I am the AI assistant of {founder} at {company}. Reply STOP to end.",
        goal=Goal.CROSS_SELL,
        discloses_ai=True,
    )
    return signed(line.model_copy(update=changes))


def a_campaign(**changes: object) -> CampaignChanged:
    """A live campaign with one line."""
    campaign = CampaignChanged(
        subject=CAMPAIGN,
        workspace_id=WORKSPACE,
        campaign_id=CAMPAIGN,
        version_number=1,
        name="Autumn",
        state=CampaignState.LIVE,
        starts_at=NOW,
        brief=Brief(founder="Ieva", company="Studiolog", product="Studiolog", offer="A call."),
        policy=Policy(),
        pool=PoolRule(),
        script=(a_line(),),
    )
    return campaign.model_copy(update=changes)


REQUEST = {
    **WHO,
    "plan": 1,
    "purpose": Purpose.OPENER,
    "line_id": "opener.cross_sell",
    "language": "en",
    "fields": {"months_on_plan": "14"},
    "campaign_version": 1,
    "triage_revision": 1,
    "heard": 0,
    "answer_until": NOW + timedelta(hours=20),
}


def a_contact_imported(**changes: object) -> ContactImported:
    imported = ContactImported(
        subject=CONTACT,
        workspace_id=WORKSPACE,
        import_id=IMPORT,
        source="csv",
        row=7,
        record_id=CONTACT,
        ordinal=0,
        facts=Facts(
            country="LT",
            language="lt",
            state="",
            number_state="",
            party=Party.CONSUMER,
            zones=("Europe/Vilnius",),
            name_hash="d" * 32,
            account=ACCOUNT,
            consents=(
                Consent(
                    basis=Basis.EXPRESS_CONSENT,
                    channels=(Channel.SMS, Channel.EMAIL),
                    given_on=date(2026, 1, 5),
                    proof=True,
                    by_person=True,
                ),
            ),
            soft_opt_in=SoftOptIn(offered=True, repeated=False),
            opt_out=OptOut(channels=(Channel.WHATSAPP,), on=date(2026, 2, 1)),
            conflicts=("status",),
        ),
        person=PERSON,
        phone=PHONE,
        mailbox=MAILBOX,
        history=HISTORY,
    )
    return imported.model_copy(update=changes)


def lawful(
    country: str = "LT", zones: tuple[str, ...] = ("Europe/Vilnius",), **changes: object
) -> dict[str, Any]:
    """The facts of a customer who agreed to everything, in the words of the contact rules."""
    agreed = {"kind": "pewc", "channels": ["whatsapp", "sms", "email"], "proof": True}
    return {
        "country": country,
        "tz": list(zones),
        "line_type": "mobile",
        "customer_state": "active",
        "ever_paid": True,
        "offer_relation": "similar",
        "consents": [{**agreed, "given": "2026-01-05"}],
        "preconditions": list(rules_in_force().preconditions),
        **changes,
    }


def a_contact_triaged(**changes: object) -> ContactTriaged:
    triaged = ContactTriaged(
        subject=CONTACT,
        workspace_id=WORKSPACE,
        revision=1,
        import_id=IMPORT,
        row=7,
        verdict=Verdict.ADMITTED,
        channels={
            Channel.SMS: ChannelVerdict(
                openness=Openness.OPEN,
                code="permitted",
                sentence="The contact rules allow it.",
                rules=("CR-LT-MSG",),
            ),
            Channel.VOICE: ChannelVerdict(
                openness=Openness.CLOSED,
                code="channel_not_installed",
                sentence="Voice is not installed.",
            ),
        },
        segment=Segment.SINGLE_MODULE,
        segments=(Segment.SINGLE_MODULE,),
        goal=Goal.CROSS_SELL,
        country="LT",
        language="en",
        zones=("Europe/Vilnius",),
        account=ACCOUNT,
        facts=lawful(),
        person=PERSON,
        phone=PHONE,
        mailbox=MAILBOX,
    )
    return triaged.model_copy(update=changes)


def a_message_sent(**changes: object) -> MessageSent:
    sent = MessageSent(
        **WHO,
        touch_id=UUID(int=5),
        plan=1,
        channel=Channel.SMS,
        purpose=Purpose.OPENER,
        line_id="opener.cross_sell",
        language="en",
        result=Result.ACCEPTED,
        provider_id="SM1",
        address_hash=PHONE.hash,
        text_digest="e" * 64,
        campaign_version=1,
        triage_revision=1,
        disclosed_ai=True,
        first_on_channel=True,
        reserved_at=NOW,
        answer_until=NOW + timedelta(hours=20),
    )
    return sent.model_copy(update=changes)


def all_examples() -> list[Event]:
    """One of each, in the order of the flow."""
    slot = NOW + timedelta(days=1)
    return [
        ImportEnded(
            subject=WORKSPACE,
            workspace_id=WORKSPACE,
            import_id=IMPORT,
            source="csv",
            records=2500,
            changed=3,
        ),
        a_contact_imported(),
        a_contact_triaged(),
        a_campaign(),
        WhatsappRequested(**REQUEST, channel=Channel.WHATSAPP, slots=(slot,)),
        SmsRequested(**REQUEST, channel=Channel.SMS),
        EmailRequested(**REQUEST, channel=Channel.EMAIL),
        a_message_sent(),
        MessageDelivered(
            **WHO, touch_id=UUID(int=5), channel=Channel.SMS, delivery=Delivery.DELIVERED
        ),
        ReplyReceived(
            **WHO,
            number=1,
            channel=Channel.SMS,
            words=SOMETHING,
            address_hash=PHONE.hash,
            provider_id="SM2",
            touch_id=UUID(int=5),
        ),
        ReplyUnderstood(
            **WHO,
            number=1,
            channel=Channel.SMS,
            intent=Intent.NOT_NOW,
            confidence=0.9,
            suppression=Suppression.GO,
            when=When(start=slot, end=slot + timedelta(hours=2)),
            language="en",
            summary=SUMMARY,
            brain="rules-1",
            reply_id=UUID(int=6),
        ),
        ContactSuppressed(
            **WHO,
            address_hashes=(PHONE.hash,),
            channels=(Channel.SMS,),
            everything=True,
            source="keyword",
            since=NOW,
        ),
        CalendarOffered(
            subject=WORKSPACE, workspace_id=WORKSPACE, slots=(slot,), minutes=30, counts_from=NOW
        ),
        BookingRequested(**WHO, plan=2, slot=slot, asked_at=NOW, summary=SUMMARY),
        BookingSettled(
            **WHO,
            plan=2,
            state=BookingState.CONFIRMED,
            slot=slot,
            uid="call@rekindle",
            sequence=0,
            booking_id=UUID(int=7),
        ),
        OutcomeRecorded(
            **WHO, revision=1, code=Outcome.BOOKED, reason="slot confirmed", ended_at=NOW
        ),
        OutcomeWritten(**WHO, revision=1, target="csv"),
        DecisionMade(
            **WHO,
            by="orchestrator",
            decided_at=NOW,
            inputs=(UUID(int=6),),
            engine="1",
            rules="1",
            set_up=("email_unsubscribe",),
            campaign_version=1,
            candidates=(Candidate(channel=Channel.SMS, verdict="chosen", why="first open one"),),
            verdict="send",
            plan=1,
            wake_at=slot,
        ),
    ]
