"""The agent on a real database: order, gaps, strangers, the forgotten."""

from datetime import timedelta
from uuid import UUID, uuid5

import pytest
import sqlalchemy as sa

from services.agent.brain import EmbeddedBrain
from services.agent.handlers import Agent
from services.agent.reading import Reading
from services.agent.store import METADATA, TOUCH, WAITING
from shared.bus import make_engine
from shared.events import Event, Person, ReplyReceived, ReplyUnderstood
from shared.privacy.master import key_from_seed
from shared.privacy.sealed import ContactKey, SealBrokenError, seal, unseal
from shared.privacy.vault import VAULT, Vault
from shared.rules.optout import Asked
from shared.words import Channel, Intent, Purpose, Result, Suppression
from tests.examples import (
    CAMPAIGN,
    CONTACT,
    NOW,
    WORKSPACE,
    a_campaign,
    a_contact_triaged,
    a_line,
    a_message_sent,
    signed,
)

OPENER, OFFER = UUID(int=11), UUID(int=12)
STRANGER = UUID(int=77)
SLOTS = (NOW + timedelta(days=1), NOW + timedelta(days=2))
SUMMARY = tuple[str, str, str]
BRAIN = EmbeddedBrain()


class Watched:
    """The embedded brain, and the contexts in which it was asked."""

    name = "watched"

    def __init__(self) -> None:
        self.contexts = []

    def read(self, message, context) -> Reading:
        self.contexts.append(context)
        return BRAIN.read(message, context)


class World:
    """The agent's handler, asked in batches, each in a transaction of its own."""

    def __init__(self, engine, vault) -> None:
        self.engine, self.vault, self.brain = engine, vault, Watched()
        self.agent = Agent(self.brain, vault)

    def hear(self, *events: Event) -> list[ReplyUnderstood]:
        with self.engine.begin() as tx:
            answers = self.agent(tx, events, NOW)
        for cause, outputs in answers:
            assert all(output.reply_id == cause.id for output in outputs)
        return [output for _, outputs in answers for output in outputs]

    def reply(self, number: int, text: str, touch=OPENER, who=CONTACT, **changes) -> ReplyReceived:
        [key] = self.vault.create([who]).values()
        return ReplyReceived(
            subject=who, workspace_id=WORKSPACE, number=number, channel=Channel.SMS,
            words=seal(text, str, key), address_hash="a" * 32, provider_id=f"SM{number}",
            touch_id=touch, id=uuid5(who, f"reply/{number}"), time=NOW + timedelta(minutes=number),
        ).model_copy(update=changes)  # fmt: skip

    def lines(self, understood: ReplyUnderstood) -> SUMMARY:
        return unseal(understood.summary, SUMMARY, self.vault.key(understood.subject))

    def count(self, table) -> int:
        with self.engine.connect() as tx:
            return tx.scalar(sa.select(sa.func.count()).select_from(table))


@pytest.fixture
def world(database):
    engines = [make_engine(database("agent", METADATA)), make_engine(database("vault", VAULT))]
    yield World(engines[0], Vault(engines[1], key_from_seed(1)))
    for engine in engines:
        engine.dispose()


@pytest.fixture
def known(world):
    """A triaged contact in a live campaign, whom an opener was sent."""
    [key] = world.vault.create([CONTACT]).values()
    person = seal(Person(first_name="Rasa", company="Kordent"), Person, key)
    answer = a_line(id="answer.price", purpose=Purpose.ANSWER, topic="price", goal=None)
    script = (a_line(), signed(answer))
    world.hear(
        a_campaign(script=script), a_contact_triaged(person=person), a_message_sent(touch_id=OPENER)
    )
    return world


def offer(**changes):
    return a_message_sent(touch_id=OFFER, purpose=Purpose.OFFER_SLOTS, slots=SLOTS, **changes)


def test_a_reply_is_read_and_the_reading_says_of_what(known) -> None:
    [understood] = known.hear(known.reply(1, "How much is it?"))
    assert (understood.intent, understood.answer) == (Intent.QUESTION, "price")
    assert (understood.number, understood.channel) == (1, Channel.SMS)
    assert (understood.subject, understood.campaign_id) == (CONTACT, CAMPAIGN)
    assert understood.brain == "watched"
    assert known.lines(understood)[0].startswith("Rasa (Kordent), Base plan for 14 months")
    assert known.count(WAITING) == 0


def test_a_reply_waits_until_the_ones_before_it_were_read(known) -> None:
    assert known.hear(known.reply(3, "thanks")) == []
    assert known.hear(known.reply(2, "tomorrow then")) == []
    assert known.count(WAITING) == 2
    assert [one.number for one in known.hear(known.reply(1, "not now"))] == [1, 2, 3]
    assert known.count(WAITING) == 0


def test_the_replies_of_one_batch_are_read_in_order_of_number(known) -> None:
    batch = [known.reply(number, "ok") for number in (2, 3, 1)]
    assert [one.number for one in known.hear(*batch)] == [1, 2, 3]


def test_a_reply_that_was_read_is_not_read_again(known) -> None:
    known.hear(known.reply(1, "not now"))
    assert known.hear(known.reply(1, "not now", id=UUID(int=99))) == []


def test_a_reply_waits_for_the_touch_that_it_answers(known) -> None:
    assert known.hear(known.reply(1, "the second one", touch=OFFER)) == []
    [understood] = known.hear(offer())
    assert (understood.intent, understood.slot) == (Intent.BOOK_CALL, SLOTS[1])


def test_a_reply_waits_for_the_triage_of_its_contact(world) -> None:
    world.hear(a_campaign(), a_message_sent(touch_id=OPENER))
    assert world.hear(world.reply(1, "call me tomorrow at 10")) == []
    [understood] = world.hear(a_contact_triaged(person=None))
    assert understood.when.start == (NOW + timedelta(days=1)).replace(hour=8)


def test_in_one_batch_what_is_known_comes_before_what_is_read(world) -> None:
    reply = world.reply(1, "the second one", touch=OFFER)
    [understood] = world.hear(reply, offer(), a_contact_triaged(person=None))
    assert understood.slot == SLOTS[1]


def test_a_touch_that_asks_nothing_leaves_the_question_before_it(known) -> None:
    answer, later = UUID(int=13), UUID(int=14)
    known.hear(offer())
    known.hear(a_message_sent(touch_id=answer, purpose=Purpose.BOT_ANSWER))
    refused = {"purpose": Purpose.OPENER, "result": Result.REFUSED}
    known.hear(a_message_sent(touch_id=later, **refused))
    [understood] = known.hear(known.reply(1, "ok, the first one", touch=later))
    assert understood.slot == SLOTS[0]
    assert known.brain.contexts[-1].asked is Asked.SLOTS
    assert known.count(TOUCH) == 4


def test_a_touch_of_unknown_result_may_have_asked(known) -> None:
    known.hear(offer(result=Result.UNKNOWN))
    [understood] = known.hear(known.reply(1, "2", touch=OFFER))
    assert understood.slot == SLOTS[1]


def test_what_was_asked_is_what_the_reply_answers_though_more_was_said_since(known) -> None:
    known.hear(offer(), a_message_sent(touch_id=UUID(int=13), purpose=Purpose.CONFIRM_BOOKING))
    known.hear(known.reply(1, "2", touch=OFFER))
    assert known.brain.contexts[-1].asked is Asked.SLOTS


def test_times_count_from_when_it_was_written(known) -> None:
    [understood] = known.hear(known.reply(1, "in half an hour", time=NOW - timedelta(hours=5)))
    assert understood.when.start == NOW - timedelta(hours=4, minutes=30)


def test_a_stranger_is_read_with_nothing_known(world) -> None:
    [understood] = world.hear(world.reply(1, "STOP", touch=None, who=STRANGER))
    assert (understood.intent, understood.suppression) == (Intent.OPT_OUT, Suppression.SUPPRESS)
    assert understood.campaign_id is None
    assert world.lines(understood)[0] == "The customer."


def test_words_of_a_forgotten_contact_are_held_and_their_summary_never_opens(known) -> None:
    first, second = known.reply(1, "we have grown to five people"), known.reply(2, "not now")
    known.hear(first)
    known.vault.destroy(CONTACT)
    [understood] = known.hear(second)
    assert (understood.intent, understood.suppression) == (Intent.OTHER, Suppression.HOLD)
    assert (understood.confidence, understood.number) == (0.0, 2)
    with pytest.raises(SealBrokenError):
        unseal(understood.summary, SUMMARY, ContactKey(CONTACT, bytes(32)))


def test_a_machine_is_not_taken_for_the_contact(known) -> None:
    text = "Out of office until Monday. Please stop by our website."
    [understood] = known.hear(known.reply(1, text, automatic=True))
    assert (understood.intent, understood.suppression) == (Intent.AUTO_REPLY, Suppression.GO)


def test_the_best_sentence_of_the_conversation_reaches_the_last_summary(known) -> None:
    known.hear(known.reply(1, "Nice timing. We have grown to five people this year"))
    known.hear(offer())
    [understood] = known.hear(known.reply(2, "the second one", touch=OFFER))
    assert known.lines(understood)[1] == "Said on SMS: “We have grown to five people this year”"
    assert known.lines(understood)[2].startswith("Wants a call: ")


def test_an_older_triage_or_campaign_changes_nothing(known) -> None:
    known.hear(a_contact_triaged(revision=2, country="US", person=None))
    known.hear(a_contact_triaged(revision=1, country="DE", person=None))
    known.hear(a_campaign(version_number=0, script=()))
    known.hear(known.reply(1, "How much is it?"))
    assert known.brain.contexts[-1].country == "US"
    assert known.brain.contexts[-1].answers == {"price"}


def test_replies_of_several_contacts_do_not_wait_for_one_another(known) -> None:
    waiting, stranger = known.reply(2, "ok"), known.reply(1, "stop", touch=None, who=STRANGER)
    assert [one.subject for one in known.hear(waiting, stranger)] == [STRANGER]


def test_nothing_that_was_written_rests_unsealed(known) -> None:
    words = "We have grown to five people this year"
    known.hear(known.reply(1, words), known.reply(3, words))
    with known.engine.connect() as tx:
        for table in METADATA.sorted_tables:
            rows = tx.execute(sa.select(sa.cast(table.table_valued(), sa.Text))).scalars()
            assert not [row for row in rows if "grown" in row or "Rasa" in row]
