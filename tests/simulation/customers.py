"""The customers: they read what arrives and answer, as their persona has it or on a whim."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from sandbox.people import Customer, Memory, Persona, draw_customer
from sandbox.personas import respond
from sandbox.phrases import Situation
from services.channels.adapters.base import Outgoing
from services.channels.inbound import Heard
from shared.events import MessageRequested
from shared.ids import named
from shared.words import Channel
from tests.simulation.edge import Edge
from tests.simulation.provider import Provider, Said
from tests.simulation.world import World

# People who talk: silence is tried often enough by itself.
MIX = dict.fromkeys(Persona, 0.05) | {Persona.INTERESTED: 0.6, Persona.BUSY: 0.15}
TEXTED = (Channel.SMS, Channel.WHATSAPP)
MINUTE = timedelta(minutes=1)


class Whim(NamedTuple):
    words: str
    opts_out: bool = False


DOUBTFUL = Whim("Who gave you my number? Delete it", opts_out=True)
WHIMS = (
    Whim("STOP", opts_out=True),
    Whim("stop", opts_out=True),
    Whim("Please unsubscribe me", opts_out=True),
    DOUBTFUL,
    DOUBTFUL,
    DOUBTFUL,
    Whim("ok"),
    Whim("yes"),
    Whim("no"),
    Whim("Who is this?"),
    Whim("👍"),
    Whim("The first one is fine"),
    Whim("Not this week, maybe in two weeks"),
    Whim("How much is it?"),
)


@dataclass
class Person:
    """One human being, with a number and a mailbox."""

    customer: Customer
    phone: str
    mailbox: str
    memory: Memory = field(default_factory=Memory)
    latest: Outgoing | None = None  # what they read last


def a_person(seed: int, key: str, language: str, zone: str) -> Person:
    customer = draw_customer(seed, key, language, zone, MIX)
    number = int(named("number", key).hex[:6], 16)
    return Person(customer, f"+3706{number:08d}", f"{key}@customer.example")


class Customers:
    """All of them, by their addresses."""

    def __init__(self, world: World, edge: Edge) -> None:
        self.world, self.edge = world, edge
        self.provider: Provider
        self._at: dict[str, Person] = {}
        self._contacts: dict[UUID, Person] = {}
        self._written = 0

    def move_in(self, person: Person, contact: UUID) -> None:
        """The contact of this id is this person."""
        self._contacts[contact] = person
        self._at[person.phone] = self._at[person.mailbox] = person

    def read(self, message: Outgoing) -> None:
        """A message has arrived."""
        fate, person = self.world.fate, self._at[message.to]
        heard = (person.customer, person.memory, message.text, message.channel, self.world.now)
        person.memory, answers = respond(*heard)
        for answer in answers:
            write = partial(
                self.write,
                opts_out=answer.opts_out,
                automatic=answer.situation is Situation.OUT_OF_OFFICE,
            )
            haste = fate.haste if person.memory.said == 1 else 1
            self.world.after(answer.after / haste, write, person, message, answer.text)
        person.latest = message
        if fate.happens(fate.whims / 3):
            self._get_a_whim(person, fate.within(MINUTE / 60, 600 * MINUTE))

    def cross(self, request: MessageRequested) -> None:
        """While something is asked to be said to somebody, they may be writing themselves."""
        fate = self.world.fate
        person = self._contacts.get(request.subject)
        if person and person.latest and fate.happens(fate.whims / 2):
            self._get_a_whim(person, fate.within(MINUTE / 6000, 3 * MINUTE))

    def _get_a_whim(self, person: Person, soon: timedelta) -> None:
        whim = self.world.fate.one_of(WHIMS)
        write = partial(self.write, opts_out=whim.opts_out, automatic=False)
        self.world.after(soon, write, person, person.latest, whim.words)

    def write(
        self, person: Person, message: Outgoing, words: str, *, opts_out: bool, automatic: bool
    ) -> None:
        """The customer writes; the provider brings it to us until we have taken it."""
        fate, channel = self.world.fate, message.channel
        if fate.calm:
            return
        self._written += 1
        if channel is not Channel.EMAIL and fate.happens(0.1):
            channel = fate.one_of(TEXTED)
        by_mail = channel is Channel.EMAIL
        address = person.mailbox if by_mail else person.phone
        id_ = named("written", self.world.seed, self._written).hex
        clicks = by_mail and opts_out and fate.happens(0.3)
        said = Said(self.world.now, channel, address, id_, opts_out, clicks)
        self.provider.ledger.append(said)
        self.world.note("writes", person.customer.key, channel, repr(words))
        self.edge.bring_words(
            Heard(
                channel=channel,
                provider_id=f"one-click-{message.touch_id}" if clicks else f"SM{id_}",
                address="" if clicks else address,
                words="unsubscribe" if clicks else words,
                touch_id=message.touch_id
                if by_mail and (clicks or not fate.happens(0.2))
                else None,
                automatic=automatic,
                asks_out=clicks,
            )
        )
