"""The simulated people: who a customer truly is, what it remembers and how it gets to an answer.

Everything is drawn by hashing (seed, key, number of the message), so that the same customer who
gets the same messages gives the same answers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from hashlib import blake2b
from types import MappingProxyType
from typing import TypeVar
from zoneinfo import ZoneInfo

from sandbox.phrases import Phrasebook, Situation
from sandbox.reading import Slot

AWAKE_HOURS = range(8, 21)  # local hours in which people write
MORNING_SPREAD_MINUTES = 90  # how long after waking the night's messages are answered

# Shortest and longest pause before an answer, in minutes.
FIRST_PAUSE = MappingProxyType({"whatsapp": (2, 720), "sms": (2, 720), "email": (10, 1200)})
NEXT_PAUSE = (1, 180)  # within a conversation

Choice = TypeVar("Choice")


class Persona(StrEnum):
    """Who a customer truly is; only the sandbox knows."""

    INTERESTED = "interested"
    BUSY = "busy"
    NOT_INTERESTED = "not_interested"
    ANGRY = "angry"
    OPTING_OUT = "opting_out"
    OUT_OF_OFFICE = "out_of_office"
    WRONG_PERSON = "wrong_person"
    SILENT = "silent"
    ASKING = "asking"
    ASKING_BOT = "asking_bot"


DEFAULT_MIX: Mapping[Persona, float] = MappingProxyType(
    {
        Persona.SILENT: 0.45,
        Persona.INTERESTED: 0.14,
        Persona.BUSY: 0.09,
        Persona.NOT_INTERESTED: 0.07,
        Persona.OPTING_OUT: 0.06,
        Persona.ASKING: 0.06,
        Persona.OUT_OF_OFFICE: 0.04,
        Persona.ANGRY: 0.03,
        Persona.WRONG_PERSON: 0.03,
        Persona.ASKING_BOT: 0.03,
    }
)

# The channels that people never answer on, and the share of people who keep it so.
CHANNEL_HABITS: Mapping[frozenset[str], float] = MappingProxyType(
    {
        frozenset(): 0.60,
        frozenset({"email"}): 0.15,
        frozenset({"whatsapp", "sms"}): 0.15,
        frozenset({"whatsapp"}): 0.10,
    }
)


@dataclass(frozen=True)
class Customer:
    """The hidden truth about one person; `key` names them for ever, `zone` is an IANA name."""

    key: str
    persona: Persona
    language: str
    zone: str
    seed: int
    channel_silent: frozenset[str]


class Stage(StrEnum):
    """How far a conversation has come, from the customer's side."""

    NEW = "new"
    WARM = "warm"  # would talk, waits for times
    ASKED = "asked"  # waits for an answer
    PUT_OFF = "put_off"  # wants to hear nothing before `ready_from`
    PICKED = "picked"  # named a slot, waits for its confirmation
    BOOKED = "booked"
    CANCELLED = "cancelled"
    COMPLAINED = "complained"
    DONE = "done"  # has nothing more to say


@dataclass(frozen=True)
class Memory:
    """What a customer keeps of the messages read so far."""

    stage: Stage = Stage.NEW
    heard: int = 0  # messages read
    said: int = 0  # answers given
    picked: Slot | None = None
    ready_from: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """Words that leave the customer `after` the message came; `situation` is what they mean."""

    text: str
    after: timedelta
    situation: Situation

    @property
    def opts_out(self) -> bool:
        """Tell whether the customer truly asks for silence, whatever the words."""
        return self.situation is Situation.OPT_OUT


Response = tuple[Memory, list[Answer]]


@dataclass(frozen=True)
class Turn:
    """One message before one customer, with the draws that belong to it."""

    customer: Customer
    memory: Memory  # this message is counted
    channel: str
    now: datetime
    book: Phrasebook
    slots: tuple[Slot, ...]  # the times that the message names

    @property
    def fresh(self) -> tuple[Slot, ...]:
        """The named times without the one that the customer has already picked."""
        picked = self.memory.picked
        return tuple(slot for slot in self.slots if picked is None or not slot.means(picked))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.customer.zone)

    def draw(self, what: str) -> float:
        """Return this message's number in [0, 1) for one decision."""
        return draw(self.customer.seed, self.customer.key, self.memory.heard, what)

    def one_of(self, choices: tuple[Choice, ...], what: str = "phrasing") -> Choice:
        return choices[int(self.draw(what) * len(choices))]

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)

    def written_at(self, pause: tuple[float, float] | None = None) -> datetime:
        """Return the local moment at which the answer is written: mostly soon, sometimes late.

        The pause is log-uniform between its bounds (minutes). What would fall into the night is
        written in the morning.
        """
        shortest, longest = pause or self._usual_pause()
        minutes = shortest * (longest / shortest) ** self.draw("pause")
        there = (self.now.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(self.zone)
        if there.hour in AWAKE_HOURS:
            return there
        day = there.date() + timedelta(days=int(there.hour >= AWAKE_HOURS.stop))
        waking = datetime.combine(day, time(AWAKE_HOURS.start), self.zone)
        return waking + timedelta(minutes=MORNING_SPREAD_MINUTES * self.draw("morning"))

    def _usual_pause(self) -> tuple[float, float]:
        opening = self.memory.stage in (Stage.NEW, Stage.PUT_OFF)
        return FIRST_PAUSE.get(self.channel, NEXT_PAUSE) if opening else NEXT_PAUSE

    def keep(self, stage: Stage) -> Response:
        """Say nothing and remember the stage."""
        return replace(self.memory, stage=stage), []

    def say(self, situation: Situation, stage: Stage) -> Response:
        """Answer with one of the situation's phrasings, after the usual pause."""
        text = self.one_of(self.book.phrasings[situation])
        return self.write(situation, text, self.written_at(), stage)

    def write(self, situation: Situation, text: str, written: datetime, stage: Stage) -> Response:
        """Answer with this text at this moment."""
        after = written.astimezone(UTC) - self.now.astimezone(UTC)
        memory = replace(self.memory, stage=stage, said=self.memory.said + 1)
        return memory, [Answer(text, after, situation)]


def draw_customer(
    seed: int, key: str, language: str, zone: str, mix: Mapping[Persona, float]
) -> Customer:
    """Return the person behind a key: persona by the weights of `mix`, habits by their shares."""
    weights = [(persona, mix.get(persona, 0.0)) for persona in Persona]
    persona = _weighted(weights, draw(seed, key, 0, "persona"))
    silent = _weighted(CHANNEL_HABITS.items(), draw(seed, key, 0, "channels"))
    if persona is Persona.OUT_OF_OFFICE:
        silent -= {"email"}  # the mailbox answers by itself
    return Customer(key, persona, language, zone, seed, silent)


def draw(seed: int, key: str, n: int, what: str) -> float:
    """Return a number in [0, 1) that depends on nothing but its arguments."""
    digest = blake2b(f"{seed}|{key}|{n}|{what}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest) >> 11) / 2**53  # as many bits as a float holds exactly


def _weighted(weights: Iterable[tuple[Choice, float]], drawn: float) -> Choice:
    """Return the choice in whose share of the whole the drawn number falls."""
    positive = [(choice, weight) for choice, weight in weights if weight > 0]
    left = drawn * sum(weight for _, weight in positive)
    for choice, weight in positive:
        if left < weight:
            return choice
        left -= weight
    return positive[-1][0]  # rounding left a crumb
