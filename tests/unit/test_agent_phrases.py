"""The notation of the rules, and the rule files themselves."""

import pytest

from services.agent.phrases import GAP_WORDS, Phrases, parse, read, variants
from services.agent.rulebook import ARRANGING, LANGUAGES, read_table, rulebook
from services.agent.times import lexicon

GROUPS = {"contact": {"call*", "text"}}
RUN_MAX = 3


def fits(line, text) -> bool:
    phrases = Phrases()
    for phrase in parse("section", sure=True, line=line, groups=GROUPS):
        phrases.add(phrase)
    return bool(phrases.claims(read(text)))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("stop", "Please STOP!"),
        ("stop|quit texting", "so quit texting"),
        ("text*", "all this texting"),
        ("stop … <contact>", "stop with all of these calls"),
        ("not really? interested", "not interested"),
        ("not really? interested", "I am not really interested"),
        ("^no", "Hello. No, thanks"),
        ("no $", "I said no. Thanks"),
        ("is it … ?", "is it any good?"),
        ("or|as_well", "that as well"),
        ("or|as_well", "this or that"),
        (":yes:", "👍🏽"),
        ("café", "le Cafe"),
    ],
)
def test_a_phrase_fits_what_it_notes(line, text) -> None:
    assert fits(line, text)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("stop", "stopping"),
        ("stop … <contact>", "stop. Call me"),
        ("stop … <contact>", "stop " + "very " * (GAP_WORDS + 1) + "call"),
        ("^no", "well no"),
        ("no $", "no thanks"),
        ("is it … ?", "is it so. Really?"),
        ("stop … <contact>", "text me to stop"),
    ],
)
def test_a_phrase_does_not_fit_what_it_does_not_note(line, text) -> None:
    assert not fits(line, text)


def test_of_two_claims_to_the_same_words_the_one_that_names_more_wins() -> None:
    phrases = Phrases()
    for section, line in (("refusal", "not interested"), ("later", "not interested … now")):
        phrases.add(*parse(section, sure=True, line=line, groups={}))
    assert [one.phrase.section for one in phrases.claims(read("not interested right now"))] == [
        "later"
    ]
    assert [one.phrase.section for one in phrases.claims(read("not interested"))] == ["refusal"]


def test_a_wish_to_be_left_alone_yields_only_to_what_says_that_it_is_none() -> None:
    phrases = Phrases()
    lines = (("opt_out", "stop"), ("question", "how do … stop … it"), ("nothing", "bus stop"))
    for section, line in lines:
        phrases.add(*parse(section, sure=True, line=line, groups={}))
    sections = {one.phrase.section for one in phrases.claims(read("how do I stop doing it"))}
    assert sections == {"opt_out", "question"}
    assert {one.phrase.section for one in phrases.claims(read("at the bus stop"))} == {"nothing"}


@pytest.mark.parametrize("line", ["… …", "^ $", "two-words", "sto,p"])
def test_a_line_that_names_no_word_is_refused(line) -> None:
    with pytest.raises(ValueError, match="word"):
        parse("section", sure=True, line=line, groups={})


def test_an_alternative_of_two_words_becomes_a_phrase_of_its_own() -> None:
    assert variants("go a|b_c|d e") == ["go b c e", "go a|d e"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_knows_the_same_meanings(language) -> None:
    english, its = read_table("intents", "en"), read_table("intents", language)
    assert its.keys() == english.keys()
    assert its["topics"].keys() == english["topics"].keys()
    assert its.keys() >= ARRANGING


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_names_more_than_three_words_in_a_row(language) -> None:
    book = rulebook(language)
    kinds = (book.meanings, book.arranging, book.topics)
    phrases = {one for kind in kinds for some in kind.by_word.values() for one in some}
    for phrase in phrases:
        run = 0
        for step in phrase.steps:
            run = 1 if step.gap else run + (step.exact != {"?"})
            assert run <= RUN_MAX, phrase


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_speaks_of_days_months_and_links(language) -> None:
    meanings = {*lexicon(language).phrases.values()}
    days = "monday tuesday wednesday thursday friday saturday sunday today tomorrow"
    months = "january february april june july august september october november december"
    links = "next this in after until not week month morning afternoon"
    said = {one.rstrip("?") for one in meanings}
    assert {*days.split(), *months.split(), *links.split()} <= said


def test_a_language_without_rules_is_refused() -> None:
    with pytest.raises(KeyError):
        rulebook("xx")
