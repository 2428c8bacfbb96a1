"""What a service writes: a table of pure functions, or a handler of its own form, or several.

    HANDLERS = {ContactTriaged: on_triaged, ReplyReceived: on_reply, Woke: on_woke}
    ORCHESTRATOR = Several(Steps(HANDLERS, load, save, new=new_sequence), Campaigns())

The functions of a table see one contact's state, one event and the moment, and return the next
state and what follows. They do no I/O. `load` and `save` move the states of a whole batch.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import sqlalchemy as sa

from shared.events.base import Answer, Event, Output

State = TypeVar("State")
Next = tuple[State, Sequence[Output]]
# The event's type is the table's key; Python cannot tie a key to the type of its value.
Handlers = Mapping[type[Event], Callable[[State, Any, datetime], Next[State]]]


class Handler(Protocol):
    """What a service does with events. Called inside the transaction, with every lane locked.

    It may read and write its own tables through `tx` and does no other I/O. What it raises parks
    the subject whose event it could not take, except `Temporary`, which tries the batch again.
    """

    @property
    def hears(self) -> Collection[type[Event]]:
        """The types of event, each with a topic of its own; `Woke` for timers."""

    def __call__(
        self, tx: sa.Connection, inputs: Sequence[Event], now: datetime, /
    ) -> Sequence[Answer]:
        """Each answer names the input that caused it."""


@dataclass(frozen=True, slots=True)
class Steps(Generic[State]):
    """A `Handler` that folds each contact's events over its state, in order.

    `load` gets the batch's events and returns the known states by contact; `new` makes the state
    of a contact that has none, from its first event; `save` gets the states that are not the very
    objects that were loaded.
    """

    handlers: Handlers[State]
    load: Callable[[sa.Connection, Sequence[Event]], Mapping[UUID, State]]
    save: Callable[[sa.Connection, Mapping[UUID, State]], None]
    new: Callable[[Event], State]

    @property
    def hears(self) -> Collection[type[Event]]:
        return self.handlers.keys()

    def __call__(
        self, tx: sa.Connection, inputs: Sequence[Event], now: datetime
    ) -> Sequence[Answer]:
        known = self.load(tx, inputs)
        states = dict(known)
        answers: list[Answer] = []
        for event in inputs:
            contact = event.subject
            state = states[contact] if contact in states else self.new(event)
            states[contact], outputs = self.handlers[type(event)](state, event, now)
            answers.append((event, outputs))
        changed = {who: its for who, its in states.items() if its is not known.get(who)}
        if changed:
            self.save(tx, changed)
        return answers


class Several:
    """Handlers side by side, each for the types that it hears, in the order of the inputs.

    Raises ValueError when two of them hear the same type.
    """

    def __init__(self, *parts: Handler) -> None:
        self._parts = parts
        self._part_of: dict[type[Event], int] = {}
        for n, part in enumerate(parts):
            for kind in part.hears:
                if kind in self._part_of:
                    sentence = f"{kind.__name__} is heard by two handlers of one group"
                    raise ValueError(sentence)
                self._part_of[kind] = n

    @property
    def hears(self) -> Collection[type[Event]]:
        return self._part_of.keys()

    def __call__(
        self, tx: sa.Connection, inputs: Sequence[Event], now: datetime
    ) -> Sequence[Answer]:
        answers: list[Answer] = []
        for n, its in groupby(inputs, key=lambda event: self._part_of[type(event)]):
            answers += self._parts[n](tx, list(its), now)
        return answers
