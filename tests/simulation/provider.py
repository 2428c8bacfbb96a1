"""The providers: they take messages, refuse them, hang, tell of them late, twice or never.

They keep their own ledger of what they accepted and of what customers truly said.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from services.channels.adapters.base import (
    Accepted,
    Answer,
    NotMade,
    Outgoing,
    Refused,
    Taken,
    Unknown,
)
from services.channels.delivering import Callback
from services.channels.statuses import MAIL, TWILIO, Status
from shared.ids import named
from shared.words import Channel
from tests.simulation.world import World

HANGS_SECONDS = 60.0
THREE_DAYS = timedelta(days=3)
SECOND = timedelta(seconds=1)
ARRIVES = (("sent", "delivered", "read"), ("sent", "delivered"))
IS_LOST = (("sent", "undelivered"), ("failed",))
REPORTED = (("delivered",), ("relayed",), (), (), ())  # most mailboxes say nothing
BLOCKED_CODES = ("21610", "63014", "30640")  # the person has blocked us


class Call(NamedTuple):
    """One call that a provider accepted."""

    at: datetime
    message: Outgoing
    provider_id: str


class Said(NamedTuple):
    """What a customer wrote, and whether it truly asked for silence."""

    at: datetime
    channel: Channel
    address: str
    id: str
    opts_out: bool
    clicked: bool  # with no words at all


class Provider:
    """All of them. `arrives` lets a customer read a message, `tells` brings a callback to us."""

    def __init__(
        self,
        world: World,
        arrives: Callable[[Outgoing], None],
        tells: Callable[[Callback], None],
    ) -> None:
        self.world, self._arrives, self._tells = world, arrives, tells
        self.ledger: list[Call | Said] = []
        self._calls = 0

    def take(self, message: Outgoing) -> tuple[Answer, float]:
        """One call; what comes of it, and after how many seconds."""
        fate = self.world.fate
        seconds = fate.within(timedelta(seconds=0.02), timedelta(seconds=3)).total_seconds()
        self._calls += 1
        self.world.note("is called", message.channel, message.touch_id.hex[:6])
        if fate.happens(fate.busy):
            return NotMade("429", fate.one_of((0.0, 1.0, 30.0))), seconds
        if fate.happens(fate.refusals):
            blocked = fate.happens(0.5)
            return Refused(fate.one_of(BLOCKED_CODES) if blocked else "63016", blocked), seconds
        if fate.happens(fate.hangs):
            if fate.happens(0.7):
                self._accept(message)
            return Unknown("connection lost"), fate.one_of((seconds, HANGS_SECONDS))
        return Accepted(self._accept(message)), seconds

    def _accept(self, message: Outgoing) -> str:
        provider_id = f"SM{named('call', self.world.seed, self._calls).hex}"
        if message.channel is Channel.EMAIL:
            provider_id = f"<{message.touch_id}@mail>"
        self.ledger.append(Call(self.world.now, message, provider_id))
        self.world.note("accepts", message.channel, message.touch_id.hex[:6])
        fate = self.world.fate
        lost = fate.happens(0.2)
        if not lost:
            self.world.after(fate.within(SECOND, 20 * SECOND), self._arrives, message)
        if message.channel is Channel.EMAIL:
            words = ("failed",) if lost else fate.one_of(REPORTED)
            self._tell_later(message.touch_id, provider_id, words, MAIL)
        else:
            words = fate.one_of(IS_LOST if lost else ARRIVES)
            self._tell_later(message.touch_id, provider_id, words, TWILIO)
        return provider_id

    def taken(self, channel: Channel, to: str) -> list[Taken]:
        """What was accepted for this number. Raises ConnectionError when nobody can say now."""
        if self.world.fate.happens(self.world.fate.busy):
            raise ConnectionError
        calls = [its for its in self.ledger if isinstance(its, Call)]
        its = [call for call in calls if (call.message.channel, call.message.to) == (channel, to)]
        return [Taken(call.provider_id, call.message.text, call.at) for call in its]

    def _tell_later(
        self,
        touch_id: UUID,
        provider_id: str,
        words: tuple[str, ...],
        meanings: Mapping[str, Status],
    ) -> None:
        """The callbacks: each may be lost, come again, or come late; so they come in any order."""
        fate = self.world.fate
        for word in words:
            code = fate.one_of(BLOCKED_CODES) if word == "failed" and fate.happens(0.5) else ""
            callback = Callback(touch_id, provider_id, word, meanings[word], code)
            for _ in range(2 if fate.happens(fate.repeats) else 1):
                latest = THREE_DAYS if fate.happens(0.05) else 20 * SECOND
                if not fate.happens(fate.loses):
                    self.world.after(fate.within(SECOND / 10, latest), self._tells, callback)
