"""A mail is read without what it quotes."""

import pytest

from services.channels.quotes import own_words

OURS = ["assistant@mail.example", "reply+abc@reply.example"]

REPLIES = {
    "a quote with an introduction": (
        "Yes please\n\nOn 24 Nov 2026, assistant@mail.example wrote:\n> Hi Zoe\n> Reply STOP\n",
        "Yes please",
    ),
    "a wrapped introduction": (
        "Gerne\n\nAm 24. Nov. 2026 schrieb AI assistant\n<assistant@mail.example>:\n\n> Hallo\n",
        "Gerne",
    ),
    "an introduction in a language that no list knows": (
        "はい\n\n2026年11月24日 AI <assistant@mail.example>:\n\nReply STOP\n",
        "はい",
    ),
    "a header block": (
        "Nein danke\n\nVon: AI <assistant@mail.example>\nGesendet: Dienstag\nAn: Zoe\n\nSTOP",
        "Nein danke",
    ),
    "a header block under a rule": (
        "Non merci\r\n\r\n____________________\r\nDe : AI\r\nEnvoyé : mardi\r\n\r\nSTOP",
        "Non merci",
    ),
    "an answer below the quote": (
        "On Tuesday, AI assistant <assistant@mail.example> wrote:\n> Suits Tuesday?\n\nIt does.",
        "It does.",
    ),
    "answers between the quoted lines": (
        "> the price?\nYes\n> the team?\nOnly me\n",
        "Yes\nOnly me",
    ),
    "a signature": ("Ok\n\n-- \nZoe Quill\nStudio Luna", "Ok"),
    "a telephone's signature": ("Sí\n\nEnviado desde mi iPhone", "Sí"),
    "an original message": ("Taip\n\n-----Original Message-----\nStop", "Taip"),
    "plain talk about our address": (
        "I wrote to assistant@mail.example yesterday\nand heard nothing",
        "I wrote to assistant@mail.example yesterday\nand heard nothing",
    ),
    "nothing but a quote": ("> STOP", "> STOP"),
}


@pytest.mark.parametrize("case", REPLIES)
def test_own_words_are_what_the_writer_wrote(case):
    text, expected = REPLIES[case]
    assert own_words(text, OURS) == expected
