"""What simulated customers do with a message: as their hidden persona and their memory have it.

A customer reads a message as text and knows nothing of campaigns, plans or intents. The persona
decides the first answer; what comes after follows from the stage of the conversation. Nobody who
has opted out, declined or turned out to be someone else ever answers again.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from sandbox.people import (
    DEFAULT_MIX,
    Answer,
    Customer,
    Memory,
    Persona,
    Response,
    Stage,
    Turn,
    draw_customer,
)
from sandbox.phrases import PutOff, Situation, phrasebook
from sandbox.reading import Slot, offered_slots

__all__ = [
    "DEFAULT_MIX",
    "Answer",
    "Customer",
    "Memory",
    "Persona",
    "Situation",
    "Stage",
    "draw_customer",
    "respond",
]

ANSWERS_MAX = 5  # after so many answers a customer is tired of talking
AUTO_REPLY_SECONDS = 50
CANCEL_PAUSE = (30, 300)  # minutes from the confirmation to a change of mind
QUESTIONS = (Situation.QUESTION_PRICE, Situation.QUESTION_PRODUCT, Situation.QUESTION_HOW)

# Chances, each of one.
ASKS_FOR_FOUNDER = 0.08  # of those who are interested
IGNORES_FIRST = 0.3  # of those who opt out
STILL_CURIOUS = 0.7  # after the answer to a question
TRUSTS_BOT, WANTS_HUMAN = 0.55, 0.15  # after the answer to "are you a bot?"
BACK_AND_KEEN = 0.6  # after the time out of office
ANGRY_OPTS_OUT = 0.5  # when written to again
NO_SLOT_FITS = 0.15
CANCELS, SAYS_THANKS = 0.08, 0.4  # after a booking
BOOKS_AGAIN = 0.5  # after a cancelled one


def respond(
    customer: Customer, memory: Memory, message_text: str, channel: str, now: datetime
) -> Response:
    """Return what the customer remembers and answers after a message that arrives at `now` (aware).

    On a channel that they never answer on people do not even read.
    """
    if channel in customer.channel_silent:
        return memory, []
    book = phrasebook(customer.language)
    heard = replace(memory, heard=memory.heard + 1)
    slots = offered_slots(message_text, book)
    return _AT_STAGE[memory.stage](Turn(customer, heard, channel, now, book, slots))


def _begin(turn: Turn) -> Response:
    return _FIRST[turn.customer.persona](turn)


def _hear_out(turn: Turn) -> Response:
    if not turn.slots and turn.draw("founder") < ASKS_FOR_FOUNDER:
        return turn.say(Situation.HUMAN, Stage.WARM)
    return _welcome(turn, Situation.INTERESTED)


def _postpone(turn: Turn) -> Response:
    written = turn.written_at()
    put_off = turn.one_of(tuple(PutOff), "put off")
    ready = _ready_day(put_off, written.date(), turn.draw("day"))
    text = turn.one_of(turn.book.busy[put_off]).format(
        weekday=turn.book.weekdays[ready.weekday()], date=turn.book.written(ready)
    )
    memory, answers = turn.write(Situation.BUSY, text, written, Stage.PUT_OFF)
    return replace(memory, ready_from=turn.midnight(ready)), answers


def _ready_day(put_off: PutOff, today: date, drawn: float) -> date:
    """Return the first day on which a customer who puts it off today likes to be asked again."""
    match put_off:
        case PutOff.NEXT_WEEK:
            return today + timedelta(days=7 - today.weekday())
        case PutOff.TWO_WEEKS:
            return today + timedelta(days=12)  # nobody counts the days
        case PutOff.NEXT_MONTH:
            return (today.replace(day=1) + timedelta(days=32)).replace(day=1)
        case PutOff.WEEKDAY:
            tomorrow = today + timedelta(days=1)
            return tomorrow + timedelta(days=(int(drawn * 5) - tomorrow.weekday()) % 7)
        case PutOff.DATE:
            return today + timedelta(days=4 + int(drawn * 6))


def _opt_out(turn: Turn) -> Response:
    if turn.memory.heard == 1 and turn.draw("ignore") < IGNORES_FIRST:
        return turn.keep(Stage.NEW)
    return turn.say(Situation.OPT_OUT, Stage.DONE)


def _be_away(turn: Turn) -> Response:
    back = turn.now.astimezone(turn.zone).date() + timedelta(days=2 + int(turn.draw("back") * 7))
    memory = replace(turn.memory, stage=Stage.PUT_OFF, ready_from=turn.midnight(back))
    return _wait_over(replace(turn, memory=memory))


def _wait_over(turn: Turn) -> Response:
    """Before the promised day only a mailbox on leave answers; from then on people listen."""
    away = turn.customer.persona is Persona.OUT_OF_OFFICE
    ready = turn.memory.ready_from
    if ready is not None and turn.now < ready:
        return _auto_reply(turn, ready) if away else turn.keep(Stage.PUT_OFF)
    if away and turn.draw("keen") >= BACK_AND_KEEN:
        return turn.keep(Stage.DONE)
    return _welcome(turn, Situation.INTERESTED)


def _auto_reply(turn: Turn, back: datetime) -> Response:
    """Answer the first mail of an absence, at once and at any hour."""
    if turn.channel != "email" or turn.memory.said:
        return turn.keep(Stage.PUT_OFF)
    text = turn.one_of(turn.book.phrasings[Situation.OUT_OF_OFFICE])
    text = text.format(return_date=turn.book.written(back))
    written = turn.now + timedelta(seconds=1 + AUTO_REPLY_SECONDS * turn.draw("pause"))
    return turn.write(Situation.OUT_OF_OFFICE, text, written, Stage.PUT_OFF)


def _after_question(turn: Turn) -> Response:
    mood = turn.draw("mood")
    if turn.customer.persona is Persona.ASKING:
        if mood < STILL_CURIOUS:
            return _welcome(turn, Situation.ANSWER_AFTER_QUESTION)
        return turn.say(Situation.NOT_INTERESTED, Stage.DONE)
    if mood < TRUSTS_BOT:
        return _welcome(turn, Situation.ANSWER_AFTER_BOT)
    if mood < TRUSTS_BOT + WANTS_HUMAN:
        return turn.say(Situation.HUMAN, Stage.WARM)
    return turn.keep(Stage.DONE)


def _after_complaint(turn: Turn) -> Response:
    if turn.draw("temper") < ANGRY_OPTS_OUT:
        return turn.say(Situation.OPT_OUT, Stage.DONE)
    return turn.keep(Stage.DONE)


def _welcome(turn: Turn, situation: Situation) -> Response:
    """Take an offered time at once, else say that a talk is welcome."""
    if turn.memory.said >= ANSWERS_MAX:
        return turn.keep(Stage.DONE)
    return _choose(turn) if turn.fresh else turn.say(situation, Stage.WARM)


def _choose(turn: Turn) -> Response:
    """Name one of the offered slots, never the one named before: that is gone."""
    ordinals = turn.book.ordinals
    slot = turn.one_of(turn.fresh[: len(ordinals)], "slot")
    fitting = _ways_to_name(turn, slot)
    if not fitting or turn.draw("fits") < NO_SLOT_FITS:
        return turn.say(Situation.NO_SLOT, Stage.WARM)
    text = turn.one_of(fitting).format(
        weekday="" if slot.weekday is None else turn.book.weekdays[slot.weekday],
        time=slot.written,
        ordinal=ordinals[turn.fresh.index(slot)],
    )
    memory, answers = turn.write(Situation.PICK_SLOT, text, turn.written_at(), Stage.PICKED)
    return replace(memory, picked=slot), answers


def _ways_to_name(turn: Turn, slot: Slot) -> tuple[str, ...]:
    """Return the phrasings that can be filled for this slot and mean no other of the message."""
    unique = {
        "{weekday}": slot.weekday is not None and sum(map(slot.means, turn.slots)) == 1,
        "{ordinal}": turn.fresh == turn.slots and len(turn.slots) > 1,
        "{time}": sum(other.minute == slot.minute for other in turn.slots) == 1,
    }

    def fits(text: str) -> bool:
        # The first of these that the text holds says which slot is meant.
        return next(clear for placeholder, clear in unique.items() if placeholder in text)

    return tuple(filter(fits, turn.book.phrasings[Situation.PICK_SLOT]))


def _expect_confirmation(turn: Turn) -> Response:
    """Other times mean that the picked one is gone; the picked one alone that it is booked."""
    if turn.fresh:
        return _choose(turn)
    if not turn.slots:
        return turn.keep(Stage.PICKED)
    luck = turn.draw("luck")
    if luck < CANCELS:
        text = turn.one_of(turn.book.phrasings[Situation.CANCEL_BOOKING])
        written = turn.written_at(CANCEL_PAUSE)
        return turn.write(Situation.CANCEL_BOOKING, text, written, Stage.CANCELLED)
    if luck < CANCELS + SAYS_THANKS:
        return turn.say(Situation.THANKS, Stage.BOOKED)
    return turn.keep(Stage.BOOKED)


def _after_cancelling(turn: Turn) -> Response:
    if turn.fresh and turn.draw("again") < BOOKS_AGAIN:
        return _choose(turn)
    return turn.keep(Stage.CANCELLED)


_FIRST: Mapping[Persona, Callable[[Turn], Response]] = MappingProxyType(
    {
        Persona.INTERESTED: _hear_out,
        Persona.BUSY: _postpone,
        Persona.NOT_INTERESTED: lambda turn: turn.say(Situation.NOT_INTERESTED, Stage.DONE),
        Persona.ANGRY: lambda turn: turn.say(Situation.ANGRY, Stage.COMPLAINED),
        Persona.OPTING_OUT: _opt_out,
        Persona.OUT_OF_OFFICE: _be_away,
        Persona.WRONG_PERSON: lambda turn: turn.say(Situation.WRONG_PERSON, Stage.DONE),
        Persona.SILENT: lambda turn: turn.keep(Stage.NEW),
        Persona.ASKING: lambda turn: turn.say(turn.one_of(QUESTIONS, "question"), Stage.ASKED),
        Persona.ASKING_BOT: lambda turn: turn.say(Situation.BOT, Stage.ASKED),
    }
)

_AT_STAGE: Mapping[Stage, Callable[[Turn], Response]] = MappingProxyType(
    {
        Stage.NEW: _begin,
        Stage.WARM: lambda turn: _welcome(turn, Situation.ANSWER_AFTER_QUESTION),
        Stage.ASKED: _after_question,
        Stage.PUT_OFF: _wait_over,
        Stage.PICKED: _expect_confirmation,
        Stage.BOOKED: lambda turn: turn.keep(Stage.BOOKED),
        Stage.CANCELLED: _after_cancelling,
        Stage.COMPLAINED: _after_complaint,
        Stage.DONE: lambda turn: turn.keep(Stage.DONE),
    }
)
