"""Wishes to be left alone in many words, and ordinary messages that use the same ones."""

from datetime import UTC, datetime, timedelta

import pytest

from services.agent.brain import EmbeddedBrain
from services.agent.reading import Context, Message
from shared.rules.optout import Asked
from shared.words import Channel, Suppression
from tests.opt_out_words import ORDINARY, WISHES

BRAIN = EmbeddedBrain()
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SLOTS = (NOW + timedelta(days=1),)
HELD_SHARE_MAX = 0.15


def suppression(language, text, asked=Asked.OPENER):
    context = Context(NOW, zones=("UTC",), language=language, asked=asked, slots=SLOTS)
    return BRAIN.read(Message(text, Channel.WHATSAPP), context).suppression


def lines(messages):
    return [
        (language, text) for language, its in messages.items() for text in its.split("\n") if text
    ]


@pytest.mark.parametrize(("language", "text"), lines(WISHES))
def test_whoever_asks_to_be_left_alone_is_left_alone_whatever_we_asked(language, text) -> None:
    for asked in Asked:
        assert suppression(language, text, asked) is not Suppression.GO, asked


def test_most_wishes_need_no_person_to_decide() -> None:
    said = [suppression(language, text) for language, text in lines(WISHES)]
    assert said.count(Suppression.HOLD) < HELD_SHARE_MAX * len(said)


@pytest.mark.parametrize(("language", "text"), lines(ORDINARY))
def test_whoever_only_uses_the_words_is_not_suppressed(language, text) -> None:
    assert suppression(language, text) is not Suppression.SUPPRESS


@pytest.mark.parametrize("asked", Asked)
def test_most_ordinary_messages_go_on(asked) -> None:
    said = [suppression(language, text, asked) for language, text in lines(ORDINARY)]
    assert said.count(Suppression.HOLD) < HELD_SHARE_MAX * len(said)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Atsisakau"),
        ("en", "yeter"),
        ("fr", "leiratkozom"),
        ("lt", "ta bort!"),
        ("en", "Nej. Sluta."),
    ],
)
def test_a_wish_in_a_language_nobody_expected_waits_for_a_person(language, text) -> None:
    assert suppression(language, text) is Suppression.HOLD


def test_a_word_of_the_conversation_is_not_looked_up_in_other_languages() -> None:
    """An Italian ends with it; whoever is written to in English agrees."""
    assert suppression("en", "Fine") is Suppression.GO
