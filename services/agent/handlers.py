"""What the agent hears: replies, and what it has to know in order to understand them.

A reply is put down first and read when its turn has come: when every earlier one of its contact was
read, and when the touch that it answers and the contact's triage are known, because the topics of
one contact arrive in any order among themselves. So the readings of a contact come in order, and
the same reply always meets the same knowledge.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from services.agent import store
from services.agent.known import (
    Contact,
    Conversation,
    Knowledge,
    Question,
    Quote,
    Script,
    question_after,
)
from services.agent.reading import Brain, Message, Reading
from services.agent.summary import Lines, quoted, three_lines
from shared.events import (
    Answer,
    CampaignChanged,
    ContactTriaged,
    Event,
    MessageSent,
    Person,
    ReplyReceived,
    ReplyUnderstood,
)
from shared.privacy.sealed import ContactKey, Sealed, seal, unseal
from shared.privacy.vault import Vault
from shared.words import Intent, Suppression

Talks = dict[UUID, Conversation]
# What no longer opens cannot be read; until a person has looked, nothing is sent.
UNREADABLE = Reading(Intent.OTHER, 0.0, Suppression.HOLD)
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Agent:
    """Reads replies with one brain."""

    brain: Brain
    vault: Vault
    hears: Collection[type[Event]] = (ReplyReceived, MessageSent, ContactTriaged, CampaignChanged)

    def __call__(
        self, tx: sa.Connection, inputs: Sequence[Event], _: datetime, /
    ) -> Sequence[Answer]:
        store.save_campaigns(tx, [one for one in inputs if isinstance(one, CampaignChanged)])
        store.save_contacts(tx, [one for one in inputs if isinstance(one, ContactTriaged)])
        store.put_down(tx, [one for one in inputs if isinstance(one, ReplyReceived)])
        subjects = {one.subject for one in inputs if not isinstance(one, CampaignChanged)}
        before = store.load(tx, Conversation, subjects)
        talks = dict(before)
        sent = [one for one in inputs if isinstance(one, MessageSent)]
        store.save(tx, {one.touch_id: _follow(talks, one) for one in sent})
        answers = self.read(tx, talks, store.waiting_of(tx, subjects))
        store.save(tx, {who: its for who, its in talks.items() if its is not before.get(who)})
        return answers

    def read(
        self, tx: sa.Connection, talks: Talks, waiting: Sequence[ReplyReceived]
    ) -> Sequence[Answer]:
        """Read every reply whose turn has come; the others go on waiting."""
        if not waiting:
            return []
        known = self.know(tx, waiting)
        read: list[tuple[ReplyReceived, ReplyUnderstood]] = []
        for reply in waiting:
            talk = talks.get(reply.subject, Conversation())
            if reply.number == talk.heard + 1 and known.suffices(reply):
                talks[reply.subject], understood = self.understand(reply, talk, known)
                read.append((reply, understood))
        store.take_up(tx, [reply for reply, _ in read])
        return [(reply, [understood]) for reply, understood in read]

    def know(self, tx: sa.Connection, waiting: Sequence[ReplyReceived]) -> Knowledge:
        """What is needed to read these, in one query for each kind."""
        who = {one.subject for one in waiting}
        questions = store.load(tx, Question, {one.touch_id for one in waiting if one.touch_id})
        campaigns = {one.campaign_id for one in questions.values() if one.campaign_id}
        return Knowledge(
            contacts=store.load(tx, Contact, who),
            questions=questions,
            scripts=store.load(tx, Script, campaigns),
            keys=self.vault.keys(who),
        )

    def understand(
        self, reply: ReplyReceived, talk: Conversation, known: Knowledge
    ) -> tuple[Conversation, ReplyUnderstood]:
        """One reply, read; and the conversation after it."""
        key, contact = known.keys.get(reply.subject), known.contact(reply)
        if key is None:
            # Sealed under a key that nobody keeps, as all else of a forgotten contact is by now.
            lost = ContactKey(reply.subject, secrets.token_bytes(SECRET_BYTES))
            lines = three_lines(Person(), contact, Quote(), UNREADABLE)
            after = talk.model_copy(update={"heard": reply.number, "quote": None})
            return after, self.understood(
                reply, known, UNREADABLE, seal(lines, tuple[str, str, str], lost)
            )
        text = unseal(reply.words, str, key)
        message = Message(text, reply.channel, reply.automatic)
        reading = self.brain.read(message, known.context(reply))
        before = unseal(talk.quote, Quote, key) if talk.quote else Quote()
        quote = quoted(before, text, reply.channel, reading)
        person = unseal(contact.person, Person, key) if contact.person else Person()
        lines = three_lines(person, contact, quote, reading)
        after = talk.model_copy(update={"heard": reply.number, "quote": seal(quote, Quote, key)})
        return after, self.understood(reply, known, reading, seal(lines, tuple[str, str, str], key))

    def understood(
        self, reply: ReplyReceived, known: Knowledge, reading: Reading, summary: Sealed[Lines]
    ) -> ReplyUnderstood:
        """The reading as an event."""
        return ReplyUnderstood(
            subject=reply.subject,
            workspace_id=reply.workspace_id,
            campaign_id=known.question(reply).campaign_id or reply.campaign_id,
            number=reply.number,
            channel=reply.channel,
            intent=reading.intent,
            also=reading.also,
            confidence=reading.confidence,
            suppression=reading.suppression,
            when=reading.when,
            slot=reading.slot,
            answer=reading.answer,
            language=reading.language,
            summary=summary,
            brain=self.brain.name,
            reply_id=reply.id,
        )


def _follow(talks: Talks, sent: MessageSent) -> Question:
    """The question that stands after a touch; the conversation remembers it."""
    talk = talks.get(sent.subject, Conversation())
    question = question_after(talk.question, sent)
    talks[sent.subject] = talk.model_copy(update={"question": question})
    return question
