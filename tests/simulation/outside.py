"""What triage and the console say: who may be reached how, and the campaign's fortunes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from services.console.campaigns import as_draft, read_campaign, signed
from shared.events import (
    Answer,
    CampaignChanged,
    ChannelVerdict,
    ContactImported,
    ContactSuppressed,
    ContactTriaged,
    Event,
    Facts,
    Mailbox,
    MessageRequested,
    Phone,
    Signature,
)
from shared.events import Person as Name
from shared.ids import named
from shared.privacy.sealed import seal
from shared.signing import digest_of
from shared.words import (
    CampaignState,
    Channel,
    Goal,
    LineType,
    Openness,
    Reason,
    Segment,
    Verdict,
)
from tests.examples import lawful
from tests.simulation.customers import Customers, Person, a_person
from tests.simulation.database import Database
from tests.simulation.vault import HASHER, KEYS, WORKSPACE
from tests.simulation.world import START, World


class Place(NamedTuple):
    country: str
    language: str
    zones: tuple[str, ...]


CAMPAIGN, IMPORT = named("campaign", "simulation"), named("import", "simulation")
EXAMPLE = Path(__file__).parents[2] / "examples" / "campaign.toml"
CHANNEL_SETS = (
    (Channel.WHATSAPP, Channel.SMS, Channel.EMAIL),
    (Channel.WHATSAPP, Channel.SMS, Channel.EMAIL),
    (Channel.SMS, Channel.EMAIL),
    (Channel.EMAIL,),
    (Channel.WHATSAPP,),
)
CONTACTS = (5, 6, 7, 8)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIVE_AT = START + HOUR
SOON = timedelta(seconds=0.2)
PLACES = (
    Place("LT", "lt", ("Europe/Vilnius",)),
    Place("DE", "de", ("Europe/Berlin",)),
    Place("US", "en", ("America/New_York", "America/Chicago")),
    Place("GB", "en", ("Europe/London",)),
)
GOALS = {
    Segment.SINGLE_MODULE: Goal.CROSS_SELL,
    Segment.RENEWAL_DUE: Goal.RENEWAL,
    Segment.RECENTLY_CHURNED: Goal.WIN_BACK,
}


@dataclass
class Known:
    """The newest word on each contact."""

    triaged: dict[UUID, ContactTriaged] = field(default_factory=dict)

    def next(self, contact: UUID, **changes: Any) -> ContactTriaged:
        known = self.triaged[contact]
        changes["revision"] = known.revision + 1
        self.triaged[contact] = known.model_copy(update=changes)
        return self.triaged[contact]


class Triage:
    """Whoever is suppressed is judged anew."""

    hears: Collection[type[Event]] = (ContactSuppressed,)

    def __call__(self, tx: Known, inputs: Sequence[ContactSuppressed], _: datetime) -> list[Answer]:
        known = [event for event in inputs if event.subject in tx.triaged]
        return [(event, [tx.next(event.subject, **_closed(tx, event))]) for event in known]


def _closed(tx: Known, event: ContactSuppressed) -> dict[str, Any]:
    if event.everything:
        return {"verdict": Verdict.EXCLUDED, "reasons": (Reason.SUPPRESSED,)}
    channels = tx.triaged[event.subject].channels
    return {"channels": channels | dict.fromkeys(event.channels, _verdict(Openness.CLOSED))}


class Outside:
    """Everything that the services under test hear from elsewhere."""

    def __init__(self, world: World, database: Database, customers: Customers) -> None:
        self.world, self.database, self.customers = world, database, customers
        self._words = 0
        campaign, slots = a_campaign(), world.fate.one_of((1, 1, 2))
        policy = campaign.policy.model_copy(update={"slots_offered": slots})
        self._campaign = campaign.model_copy(update={"policy": policy})

    def begin(self) -> None:
        """A list comes in, is judged, and its campaign goes live."""
        fate, known = self.world.fate, list[tuple[Person, Place]]()
        for row in range(1, fate.one_of(CONTACTS) + 1):
            place = fate.one_of(PLACES)
            person = a_person(self.world.seed, f"customer{row}", place.language, place.zones[0])
            if known and fate.happens(0.4):  # on the list twice, or two who share their addresses
                person, place = fate.one_of(known)
            known.append((person, place))
            self._introduce(row, person, place)
        self.world.at(LIVE_AT, self._change, CampaignState.LIVE)
        self._plan_fortunes()

    def _introduce(self, row: int, person: Person, place: Place) -> None:
        contact, fate = HASHER.contact_id("csv", "id", str(row)), self.world.fate
        segment = fate.one_of(list(GOALS))
        self.customers.move_in(person, contact)
        its = {
            "subject": contact,
            "workspace_id": WORKSPACE,
            "import_id": IMPORT,
            "row": row,
            "person": seal(Name(first_name="Zoe", full_name="Zoe Quill"), Name, KEYS.key(contact)),
            "phone": _phone(contact, person.phone),
            "mailbox": _mailbox(contact, person.mailbox),
        }
        imported = ContactImported(**its, source="csv", record_id=contact, ordinal=0, facts=Facts())
        triaged = ContactTriaged(
            **its,
            revision=1,
            verdict=Verdict.ADMITTED,
            channels=self._channels(),
            segment=segment,
            goal=GOALS[segment],
            country=place.country,
            language=place.language,
            zones=place.zones,
            facts=lawful(place.country, place.zones),
        )
        self.database.tables.triaged[contact] = triaged
        self._say(imported, triaged)

    def _channels(self) -> dict[Channel, ChannelVerdict]:
        fate = self.world.fate
        open_ = fate.one_of(CHANNEL_SETS)
        opens_at = self.world.now + 30 * HOUR if fate.happens(0.15) else None
        verdict = _verdict(Openness.DEFERRED if opens_at else Openness.OPEN, opens_at)
        closed = _verdict(Openness.CLOSED)
        return {channel: verdict if channel in open_ else closed for channel in Channel}

    def _plan_fortunes(self) -> None:
        """What may happen in the days to come."""
        fate, world = self.world.fate, self.world
        for _ in range(fate.one_of((0, 1, 3))):
            world.at(LIVE_AT + fate.within(SOON, 8 * DAY), self._judge_anew)
        if fate.happens(0.15):
            world.at(LIVE_AT + fate.within(DAY / 24, 10 * DAY), self._change, CampaignState.ENDED)

    def cross(self, _: MessageRequested) -> None:
        """While something is asked to be said, the founder may be at work on the campaign."""
        fate, world = self.world.fate, self.world
        soon = fate.within(SOON, HOUR / 30)
        if fate.happens(0.05):
            world.after(soon, self._change, CampaignState.PAUSED)
            world.after(soon + fate.within(HOUR / 60, DAY), self._change, CampaignState.LIVE)
        if fate.happens(0.02):
            world.after(soon, self._forge_a_line)

    def _judge_anew(self) -> None:
        """Triage has other facts now: other channels, or another number."""
        fate, known = self.world.fate, self.database.tables
        contact = fate.one_of(list(known.triaged))
        if known.triaged[contact].verdict is Verdict.ADMITTED:
            self._say(known.next(contact, channels=self._channels()))

    def _change(self, state: CampaignState, **changes: Any) -> None:
        if self._campaign.state is not CampaignState.ENDED:
            number = self._campaign.version_number + 1
            its = {"version_number": number, "state": state, **changes}
            self._campaign = self._campaign.model_copy(update=its)
            self._say(self._campaign)

    def _forge_a_line(self) -> None:
        """Somebody alters words under a signature."""
        script = list(self._campaign.script)
        for n, line in enumerate(script):
            if self.world.fate.happens(0.3):
                script[n] = line.model_copy(update={"text": f"{line.text} Only today."})
        self._change(self._campaign.state, script=tuple(script))

    def _say(self, *events: Event) -> None:
        self._words += 1
        self.database.tell(named("outside", self.world.seed, self._words), events)


@cache
def a_campaign() -> CampaignChanged:
    """The example campaign, signed."""
    file = read_campaign(EXAMPLE.read_text("utf-8"))
    draft = as_draft(file, campaign_id=CAMPAIGN, workspace_id=WORKSPACE)
    spoken = {place.language for place in PLACES}
    script = tuple(line for line in draft.script if line.language in spoken)
    draft = draft.model_copy(update={"script": script})
    shown = {(line.id, line.channel, line.language): digest_of(line) for line in draft.script}
    return signed(draft, shown, Signature(signer="Ieva", signed_at=START, digest=""))


def _verdict(openness: Openness, opens_at: datetime | None = None) -> ChannelVerdict:
    return ChannelVerdict(openness=openness, code="simulated", sentence="", opens_at=opens_at)


def _phone(contact: UUID, number: str) -> Phone:
    return Phone(
        hash=HASHER.phone(number),
        sealed=seal(number, str, KEYS.key(contact)),
        region="LT",
        line=LineType.MOBILE,
        whatsapp=True,
    )


def _mailbox(contact: UUID, address: str) -> Mailbox:
    return Mailbox(
        hash=HASHER.mailbox(address),
        alias_hash=HASHER.alias(address),
        sealed=seal(address, str, KEYS.key(contact)),
    )
