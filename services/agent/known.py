"""What the agent remembers of a contact, as values: who it is, what was asked, what was said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.agent.reading import Context
from shared.events import (
    Account,
    CampaignChanged,
    ContactTriaged,
    MessageSent,
    Person,
    ReplyReceived,
)
from shared.events.base import Value
from shared.ids import NOBODY
from shared.privacy.sealed import ContactKey, Sealed
from shared.rules.optout import Asked, asked_by
from shared.words import Channel, Purpose, Result, Segment


class Contact(Value):
    """Who it is; the defaults are those of somebody whom no import knows."""

    country: str = ""
    language: str = ""
    zones: tuple[str, ...] = ()
    account: Account = Account()
    segment: Segment | None = None
    person: Sealed[Person] | None = None


class Question(Value):
    """What we had asked when the contact wrote, in which language, for which campaign."""

    asked: Asked = Asked.OPENER
    slots: tuple[datetime, ...] = ()
    language: str = ""
    campaign_id: UUID | None = None


class Quote(Value):
    """The customer's best sentence so far, and what they asked about. Only ever sealed."""

    text: str = ""
    channel: Channel = Channel.SMS
    worth: int = 0
    topics: tuple[str, ...] = ()


class Conversation(Value):
    """How far a contact was read, what was asked last, and the best that they said."""

    heard: int = 0
    question: Question = Question()
    quote: Sealed[Quote] | None = None


class Script(Value):
    """The topics to which a campaign has signed answers, by language."""

    answers: dict[str, frozenset[str]] = Field(default={})


def contact_of(event: ContactTriaged) -> Contact:
    """What triage says, as far as a reading needs it."""
    return Contact(
        country=event.country,
        language=event.language,
        zones=event.zones,
        account=event.account,
        segment=event.segment,
        person=event.person,
    )


def script_of(event: CampaignChanged) -> Script:
    """The answers that a person has signed."""
    signed = [one for one in event.script if one.purpose is Purpose.ANSWER and one.signature]
    languages = {line.language for line in signed}
    return Script(
        answers={
            its: frozenset(one.topic for one in signed if one.language == its) for its in languages
        }
    )


def question_after(question: Question, sent: MessageSent) -> Question:
    """What stands once a touch was made: one that asks nothing leaves the question before it.

    A touch of unknown result may have arrived, so it counts.
    """
    if sent.result is Result.REFUSED:
        return question
    asked = asked_by(sent.purpose, len(sent.slots))
    return Question(
        asked=asked or question.asked,
        slots=sent.slots if asked else question.slots,
        language=sent.language,
        campaign_id=sent.campaign_id,
    )


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known for a batch of replies, with the keys of those who are not forgotten."""

    contacts: Mapping[UUID, Contact]
    questions: Mapping[UUID, Question]
    scripts: Mapping[UUID, Script]
    keys: Mapping[UUID, ContactKey]

    def suffices(self, reply: ReplyReceived) -> bool:
        """Whether the touch that it answers is known, and its contact; a stranger answers none."""
        known = reply.touch_id in self.questions and reply.subject in self.contacts
        return known or reply.touch_id is None

    def contact(self, reply: ReplyReceived) -> Contact:
        return self.contacts.get(reply.subject, Contact())

    def question(self, reply: ReplyReceived) -> Question:
        return self.questions.get(reply.touch_id or NOBODY, Question())

    def context(self, reply: ReplyReceived) -> Context:
        """In which the reply was written; the moment is the reply's own, not that of reading it."""
        contact, question = self.contact(reply), self.question(reply)
        language = question.language or contact.language
        script = self.scripts.get(question.campaign_id or NOBODY, Script())
        return Context(
            now=reply.time,
            zones=contact.zones,
            country=contact.country,
            language=language,
            asked=question.asked,
            slots=question.slots,
            answers=script.answers.get(language, frozenset()),
        )
