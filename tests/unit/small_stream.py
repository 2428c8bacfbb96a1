"""A small recorded stream, made by hand, in which every promise is kept.

Seven rows came in. Ana books a call, Ben opts out, Cleo is silent so far and Emil promised a
callback; they are the pool. Dora waits outside it, Finn never paid, and the last row is Ana again.
"""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid5

from rekindle.recorded import record_of
from shared.events import (
    BookingRequested,
    BookingSettled,
    Brief,
    CalendarOffered,
    CampaignChanged,
    ChannelVerdict,
    ContactImported,
    ContactSuppressed,
    ContactTriaged,
    DecisionMade,
    Facts,
    ImportEnded,
    Line,
    Mailbox,
    MessageDelivered,
    MessageSent,
    OutcomeRecorded,
    Person,
    Phone,
    Policy,
    PoolRule,
    ReplyReceived,
    ReplyUnderstood,
    Signature,
    SmsRequested,
    WhatsappRequested,
)
from shared.ids import named, touch_id_of
from shared.outcomes import Outcome
from shared.privacy.sealed import ContactKey, seal
from shared.signing import digest_of
from shared.words import (
    BookingState,
    CampaignState,
    Channel,
    Delivery,
    Goal,
    Intent,
    LineType,
    Openness,
    Purpose,
    Reason,
    Result,
    Segment,
    Suppression,
    Verdict,
)
from tests.examples import lawful

WORKSPACE = named("workspace", "test")
CAMPAIGN = named("campaign", WORKSPACE, "autumn")
IMPORT = named("import", WORKSPACE, 1)
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
END = START + timedelta(days=3)
SLOT = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
CALLBACK = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)

NAMES = ("Ana", "Ben", "Cleo", "Dora", "Emil", "Finn", "Ana again")
ANA, BEN, CLEO, DORA, EMIL, FINN, ANA_AGAIN = (named("contact", name) for name in NAMES)
POOL = (ANA, BEN, CLEO, EMIL)
# Where each contact may be; Cleo's mornings begin early.
GERMANY = ("DE", ("Europe/Berlin",))
PLACES = {CLEO: ("EE", ("Europe/Tallinn",))}
SEALED_NAMES = ("Ana Alvarez", "Ben Berger", "ana@studio.example", "+491700000002")


def key_of(contact):
    return ContactKey(contact, contact.bytes * 2)


def keys(contacts):
    return {contact: key_of(contact) for contact in contacts}


def hours(n):
    return START + timedelta(hours=n)


def line(id_, purpose, channel, text, **more):
    plain = Line(id=id_, purpose=purpose, channel=channel, language="en", text=text, **more)
    signature = Signature(signer="Ieva", signed_at=START, digest=digest_of(plain))
    return plain.model_copy(update={"signature": signature})


OPENER = "Hi {first_name}, I am the AI assistant of {founder} at {company}. A short call?"
SCRIPT = (
    line("opener", Purpose.OPENER, Channel.WHATSAPP, OPENER),
    line("opener", Purpose.OPENER, Channel.SMS, OPENER + " Reply STOP to end this."),
    line("offer_slots", Purpose.OFFER_SLOTS, Channel.WHATSAPP, "{founder} has time: {slots}."),
    line("confirm_booking", Purpose.CONFIRM_BOOKING, Channel.WHATSAPP, "Booked: {slot}."),
    line("confirm_opt_out", Purpose.CONFIRM_OPT_OUT, Channel.WHATSAPP, "Done."),
    line("later", Purpose.LATER, Channel.SMS, "I will write again on {date}."),
)


class Story:
    """Says events one after another, each with an id and a time of its own."""

    def __init__(self):
        self.events = []
        self._ids = (uuid5(WORKSPACE, str(n)) for n in count())

    def say(self, kind, subject, time, **fields):
        event = kind(
            subject=subject,
            workspace_id=WORKSPACE,
            campaign_id=fields.pop("campaign_id", None),
            id=next(self._ids),
            time=time,
            **fields,
        )
        self.events.append(event)
        return event

    def in_campaign(self, kind, subject, time, **fields):
        return self.say(kind, subject, time, campaign_id=CAMPAIGN, **fields)


def phone_of(contact, n):
    sealed = seal(f"+49170000000{n}", str, key_of(contact))
    return Phone(hash=f"phone{n}", sealed=sealed, region="DE", line=LineType.MOBILE, whatsapp=True)


def mailbox_of(contact, address):
    sealed = seal(address, str, key_of(contact))
    return Mailbox(hash=f"mail-{address[:3]}", alias_hash=f"mail-{address[:3]}", sealed=sealed)


def imports(story):
    people = zip(
        (ANA, BEN, CLEO, DORA, EMIL, FINN, ANA_AGAIN),
        ("Alvarez", "Berger", "Costa", "Diaz", "Ek", "Fox", "Alvarez"),
        NAMES,
        strict=True,
    )
    for row, (contact, family, name) in enumerate(people, start=1):
        first = name.partition(" ")[0]
        country, zones = PLACES.get(contact, GERMANY)
        person = Person(crm_id=f"C{row:03}", full_name=f"{first} {family}", first_name=first)
        story.say(
            ContactImported,
            contact,
            START - timedelta(hours=2),
            import_id=IMPORT,
            source="csv",
            row=row,
            record_id=contact,
            ordinal=0,
            facts=Facts(country=country, language="en", zones=zones),
            person=seal(person, Person, key_of(contact)),
            phone=phone_of(contact, row),
            mailbox=mailbox_of(contact, f"{first.lower()}@studio.example"),
        )
    story.say(
        ImportEnded,
        WORKSPACE,
        START - timedelta(hours=2),
        import_id=IMPORT,
        source="csv",
        records=len(NAMES),
        changed=len(NAMES),
    )


def verdicts(story):
    reasons = {FINN: (Reason.NEVER_PAID,), ANA_AGAIN: (Reason.DUPLICATE,)}
    verdict = {FINN: Verdict.EXCLUDED, ANA_AGAIN: Verdict.DUPLICATE}
    open_ = ChannelVerdict(openness=Openness.OPEN, code="customer", sentence="A customer.")
    for row, contact in enumerate((ANA, BEN, CLEO, DORA, EMIL, FINN, ANA_AGAIN), start=1):
        country, zones = PLACES.get(contact, GERMANY)
        time = START - timedelta(hours=1)
        decide(story, contact, time, verdict.get(contact, Verdict.ADMITTED), by="triage")
        story.say(
            ContactTriaged,
            contact,
            time,
            revision=1,
            import_id=IMPORT,
            row=row,
            verdict=verdict.get(contact, Verdict.ADMITTED),
            reasons=reasons.get(contact, ()),
            duplicate_of=ANA if contact == ANA_AGAIN else None,
            channels={Channel.WHATSAPP: open_, Channel.SMS: open_},
            segment=Segment.SINGLE_MODULE,
            goal=Goal.CROSS_SELL,
            country=country,
            language="en",
            zones=zones,
            facts=lawful(country, zones),
        )


def campaign(story):
    for state in (CampaignState.SIGNED, CampaignState.LIVE):
        story.in_campaign(
            CampaignChanged,
            CAMPAIGN,
            START,
            version_number=1,
            name="Autumn check-in",
            state=state,
            starts_at=START,
            brief=Brief(founder="Ieva", company="Studiolog", product="Studiolog", offer="A call."),
            policy=Policy(),
            pool=PoolRule(size=4),
            script=SCRIPT,
        )
    story.say(CalendarOffered, WORKSPACE, START, slots=(SLOT,), minutes=30, counts_from=START)
    for contact in POOL:
        decide(story, contact, START, "joined_pool")


def decide(story, contact, time, verdict, wake_at=None, *, by="orchestrator", inputs=(CAMPAIGN,)):
    """By hand, not by an engine: it cannot come out again."""
    story.in_campaign(
        DecisionMade,
        contact,
        time,
        by=by,
        decided_at=time,
        inputs=inputs,
        engine="by hand",
        rules="none",
        verdict=verdict,
        wake_at=wake_at,
    )


def touch(story, contact, time, plan, line_id, channel=Channel.WHATSAPP, **more):
    """Asked for, and accepted a moment later."""
    its = next(one for one in SCRIPT if (one.id, one.channel) == (line_id, channel))
    row = POOL.index(contact) + 1 if contact != EMIL else 5
    asked = {
        "plan": plan,
        "channel": channel,
        "purpose": its.purpose,
        "line_id": line_id,
        "language": "en",
        "slots": more.get("slots", ()),
        "campaign_version": 1,
        "triage_revision": 1,
        "heard": more.get("heard", 0),
        "answer_until": time + timedelta(hours=more.get("patience", 20)),
    }
    kind = WhatsappRequested if channel is Channel.WHATSAPP else SmsRequested
    request = story.in_campaign(kind, contact, time, fields=more.get("fields", {}), **asked)
    decide(story, contact, time, "send", by="channels", inputs=(request.id,))
    touch_id = more.get("touch_id") or touch_id_of(request.id)
    return story.in_campaign(
        MessageSent,
        contact,
        time,
        touch_id=touch_id,
        result=Result.ACCEPTED,
        provider_id=f"SM{touch_id.hex}",
        address_hash=f"phone{row}",
        first_on_channel=its.purpose is Purpose.OPENER,
        disclosed_ai=its.purpose is Purpose.OPENER,
        reserved_at=time,
        **asked,
    )


def reply(story, contact, time, number, words, intent, channel=Channel.WHATSAPP, **more):
    """Said, and understood at once."""
    row = POOL.index(contact) + 1 if contact != EMIL else 5
    said = story.in_campaign(
        ReplyReceived,
        contact,
        time,
        number=number,
        channel=channel,
        words=seal(words, str, key_of(contact)),
        address_hash=f"phone{row}",
        provider_id=f"SM{named('said', contact, number).hex}",
    )
    summary = ("Uses one module.", f"Wrote: {words}", "Wants a call.")
    story.in_campaign(
        ReplyUnderstood,
        contact,
        time,
        number=number,
        channel=channel,
        intent=intent,
        confidence=0.9,
        suppression=more.get("suppression", Suppression.GO),
        summary=seal(summary, tuple[str, str, str], key_of(contact)),
        brain="rules",
        reply_id=said.id,
    )
    return said


def ana_books(story):
    opener = touch(story, ANA, hours(0), 1, "opener")
    story.in_campaign(
        MessageDelivered,
        ANA,
        hours(1),
        touch_id=opener.touch_id,
        channel=Channel.WHATSAPP,
        delivery=Delivery.READ,
    )
    reply(story, ANA, hours(2), 1, "Yes, gladly", Intent.INTERESTED)
    touch(story, ANA, hours(2), 3, "offer_slots", heard=1, slots=(SLOT,))
    reply(story, ANA, hours(4), 2, "The first one", Intent.BOOK_CALL)
    summary = ("Uses one module.", "Wants the others.", "Chose the first slot.")
    story.in_campaign(
        BookingRequested,
        ANA,
        hours(4),
        plan=5,
        slot=SLOT,
        asked_at=hours(4),
        summary=seal(summary, tuple[str, str, str], key_of(ANA)),
    )
    story.in_campaign(
        BookingSettled,
        ANA,
        hours(4),
        plan=5,
        state=BookingState.CONFIRMED,
        slot=SLOT,
        uid=f"{ANA}@rekindle",
        sequence=0,
        booking_id=ANA,
    )
    end(story, ANA, hours(4), Outcome.BOOKED, "call_booked")
    touch(story, ANA, hours(4), 6, "confirm_booking", heard=2, slots=(SLOT,), patience=1)


def ben_opts_out(story):
    touch(story, BEN, hours(0), 1, "opener")
    reply(story, BEN, hours(3), 1, "STOP", Intent.OPT_OUT, suppression=Suppression.SUPPRESS)
    story.in_campaign(
        ContactSuppressed,
        BEN,
        hours(3),
        address_hashes=("phone2", "mail-ben"),
        channels=tuple(Channel),
        everything=True,
        source="keyword",
        since=hours(3),
    )
    end(story, BEN, hours(3), Outcome.OPTED_OUT, "asked")
    touch(story, BEN, hours(4), 3, "confirm_opt_out", heard=1, patience=1)


def cleo_is_silent(story):
    touch(story, CLEO, hours(0), 1, "opener")
    touch(story, CLEO, hours(24), 2, "opener", Channel.SMS)
    decide(story, CLEO, hours(24), "say", hours(96))


def emil_puts_off(story):
    touch(story, EMIL, hours(0), 1, "opener", Channel.SMS)
    reply(story, EMIL, hours(5), 1, "Next week", Intent.NOT_NOW, Channel.SMS)
    fields = {"date": CALLBACK.isoformat()}
    touch(story, EMIL, hours(5), 3, "later", Channel.SMS, heard=1, fields=fields)
    decide(story, EMIL, hours(5), "call_back", CALLBACK)


def end(story, contact, time, code, reason, revision=1):
    story.in_campaign(
        OutcomeRecorded,
        contact,
        time,
        revision=revision,
        code=code,
        reason=reason,
        ended_at=time,
    )
    decide(story, contact, time, "end")


def small_story():
    story = Story()
    for part in (imports, verdicts, campaign, ana_books, ben_opts_out, cleo_is_silent):
        part(story)
    emil_puts_off(story)
    return story


def small_stream():
    return record_of(sorted(small_story().events, key=lambda event: event.time))
