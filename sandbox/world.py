"""The world's time: who gets which message, and what happens when.

A driver moves the moment; whatever is due by then is done in order, one act after another for each
person, and the world says when it is idle and what comes next.
"""

import asyncio
import base64
import heapq
import itertools
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from sandbox.acts import Act, Message, Reply, Resident, statuses_of
from sandbox.ledger import Entry, Ledger
from sandbox.lies import Lies, chance
from sandbox.people import Answer, Customer, Memory, draw_customer
from sandbox.personas import DEFAULT_MIX, respond

log = logging.getLogger(__name__)

SHARE_NOT_ON_WHATSAPP, SHARE_UNREACHABLE = 0.06, 0.02
TRIES_MAX = 5
AT_ONCE_MAX = 8  # webhooks and mails under way
WINDOW = timedelta(hours=24)


@dataclass
class World:
    """People, their memories, and what is still to come.

    Whatever a provider accepts it acknowledges `answer_seconds` later, on the wall's clock.
    """

    seed: int
    now: datetime
    ledger: Ledger
    deliver: Callable[[Act], Awaitable[bool]]
    answer_seconds: float = 0.0
    lies: Lies = field(init=False)
    hanging: set[str] = field(default_factory=set)  # touches whose callers wait in vain
    customers: dict[str, Customer] = field(default_factory=dict)
    memories: dict[str, Memory] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    _agenda: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _order: "itertools.count[int]" = field(default_factory=itertools.count)
    _counts: Counter[Hashable] = field(default_factory=Counter)
    _last_inbound: dict[str, datetime] = field(default_factory=dict)
    _in_hand: int = 0

    def __post_init__(self) -> None:
        self.lies = Lies(self.seed)

    def settle(self, residents: list[Resident]) -> None:
        """The people who may be written to. Whoever shares an address answers as the first."""
        for resident in residents:
            customer = draw_customer(
                self.seed, resident.key, resident.language, resident.zone, DEFAULT_MIX
            )
            for address in resident.addresses:
                self.customers.setdefault(address, customer)

    def count(self, what: Hashable) -> int:
        """How often this was counted before."""
        self._counts[what] += 1
        return self._counts[what] - 1

    def knows(self, headers: Mapping[str, str], user: str, secret: str) -> bool:
        """Whether the request carries these credentials (HTTP Basic)."""
        expected = base64.b64encode(f"{user}:{secret}".encode()).decode()
        return headers.get("authorization", "") == f"Basic {expected}"

    async def accept(self, message: Message, *, silent: bool = False) -> None:
        """A provider takes a message, and takes its time to say so.

        Of a `silent` one it never speaks again.
        """
        self._take(message, silent=silent)
        await asyncio.sleep(self.answer_seconds)

    def _take(self, message: Message, *, silent: bool) -> None:
        """It is on the ledger, what follows is on the agenda."""
        customer = self.customer_of(message.address)
        self._note("accepted", message, customer, message.text)
        fate = self._fate(message)
        if message.channel != "email" and not silent:
            for at, status in statuses_of(message, fate, self.lies, self.now):
                self._plan(at, status)
        if fate:
            return
        memory = self.memories.get(customer.key, Memory())
        memory, answers = respond(customer, memory, message.text, message.channel, self.now)
        self.memories[customer.key] = memory
        for n, answer in enumerate(answers):
            reply = Reply(message, customer, answer, self._id("IN", message.id, str(n)))
            self._plan(self.now + answer.after, reply)

    def customer_of(self, address: str) -> Customer:
        """Who answers at an address; a stranger is drawn when nobody is known there."""
        if address not in self.customers:
            stranger = draw_customer(self.seed, address, "en", "UTC", DEFAULT_MIX)
            self.customers[address] = stranger
        return self.customers[address]

    async def move_to(self, moment: datetime) -> int:
        """Do all that is due by this moment; how many acts that were.

        Every person does one thing after another, several people at a time.
        """
        self.now = max(self.now, moment)
        done = 0
        while due := self._take_due():
            people: dict[str, list[Act]] = {}
            for act in due:
                people.setdefault(self.customer_of(act.message.address).key, []).append(act)
            turns = asyncio.Semaphore(AT_ONCE_MAX)
            await asyncio.gather(*(self._do_all(acts, turns) for acts in people.values()))
            done += len(due)
        return done

    @contextmanager
    def waited_for_in_vain(self, message: Message) -> Iterator[None]:
        """While its caller hangs."""
        self.hanging.add(message.touch)
        try:
            yield
        finally:
            self.hanging.discard(message.touch)

    def busy(self) -> str:
        if self._in_hand:
            return "a webhook or a mail is under way"
        return ""

    def next_due(self) -> datetime | None:
        return self._agenda[0][0] if self._agenda else None

    def _take_due(self) -> list[Act]:
        due = []
        while self._agenda and self._agenda[0][0] <= self.now:
            due.append(heapq.heappop(self._agenda)[2])
        return due

    async def _do_all(self, acts: list[Act], turns: asyncio.Semaphore) -> None:
        async with turns:
            for act in self._in_order(acts):
                await self._do(act)
                if isinstance(act, Reply) and self.lies.tells("inbound_doubled", act.id):
                    await self._do(act, again=True)

    def _in_order(self, acts: list[Act]) -> list[Act]:
        """As they happened, or the other way round."""
        first = acts[0].message.id
        return acts[::-1] if self.lies.tells("inbound_disordered", first) else acts

    async def _do(self, act: Act, *, again: bool = False) -> None:
        self._in_hand += 1
        try:
            if isinstance(act, Reply) and not again:
                self._speak(act)
            for attempt in range(TRIES_MAX):
                if await self.deliver(act):
                    return
                await asyncio.sleep(0.05 * 2**attempt)
            log.warning("an act was given up after %d tries", TRIES_MAX)
        finally:
            self._in_hand -= 1

    def _speak(self, reply: Reply) -> None:
        """Before it is delivered the ledger knows what the customer truly meant."""
        message, answer = reply.message, reply.answer
        self._note("said", replace(message, id=reply.id), reply.customer, answer.text, answer)
        self._last_inbound[message.address] = self.now

    def _fate(self, message: Message) -> str:
        """The provider's error code when the message will not arrive; empty when it will."""
        if message.channel == "whatsapp":
            since = self._last_inbound.get(message.address)
            if not message.template and (since is None or self.now - since > WINDOW):
                return "63016"
            if chance(self.seed, "whatsapp", message.address) < SHARE_NOT_ON_WHATSAPP:
                return "63024"
        by_sms = message.channel == "sms"
        if by_sms and chance(self.seed, "sms", message.address) < SHARE_UNREACHABLE:
            return "30003"
        return ""

    def _plan(self, at: datetime, act: Act) -> None:
        heapq.heappush(self._agenda, (at, next(self._order), act))

    def _id(self, *words: str) -> str:
        return blake2b("|".join((str(self.seed), *words)).encode(), digest_size=16).hexdigest()

    def _note(
        self,
        kind: str,
        message: Message,
        customer: Customer,
        text: str,
        answer: Answer | None = None,
    ) -> None:
        self.ledger.add(
            Entry(
                kind=kind,
                at=self.now.isoformat(),
                channel=message.channel,
                address=message.address,
                person=customer.key,
                id=message.id,
                text=text,
                touch=message.touch,
                truth=answer.situation if answer else "",
            )
        )
