"""A wish to be left alone that stands in a note, in any language."""

import pytest

from shared.events import OptOut
from tests.crm_files import read_row


@pytest.fixture
def facts(tmp_path):
    return lambda **cells: read_row(tmp_path, **cells).facts


@pytest.mark.parametrize(
    "note",
    [
        "Customer replied STOP",
        'Texted on 3 May: "Stop."',
        "Nice person. Asked not to be called again",
        "2026-01-03 call\n2026-02-01 please do not contact me any more\n2026-03-01 renewed",
        "doesn't want to be contacted",
        "He does not want any more newsletters!",
        "Wants no calls, ever",
        "please take me off your list",
        "möchte keine Werbung",
        "Herr Groß will nicht mehr angerufen werden",
        "Bitte nicht mehr anrufen.",
        "ne souhaite plus être contacté",
        "No quiere recibir más correos",
        "non vuole essere contattato",
        "wil niet meer gebeld worden",
        "nie życzy sobie kontaktu",
        "nenori gauti laiškų",
        "больше не звоните мне",
        "GDPR: please delete my data",
    ],
)
def test_a_wish_in_a_note_is_an_opt_out_of_everything(facts, note):
    assert facts(notes=note).opt_out == OptOut()


@pytest.mark.parametrize(
    "note",
    [
        "prefers mornings",
        "stop by the office on Monday",
        "end of contract in May",
        "Alto: 3, red: 4",
        "no answer",
        "wants a discount",
        "cannot stop praising us",
        "möchte mehr Werbung von uns",
        "",
    ],
)
def test_an_ordinary_note_is_none(facts, note):
    found = facts(notes=note)
    assert (found.opt_out, found.conflicts) == (None, ())


@pytest.mark.parametrize("note", ["not to be called before 10 am", "don't call today please"])
def test_a_wish_with_a_limit_is_doubtful(facts, note):
    found = facts(notes=note)
    assert found.opt_out is None
    assert found.conflicts == ("notes",)


@pytest.mark.parametrize(
    "column", ["Notizen", "Historique", "Comentarios", "Pastabos", "Last reply", "Call notes"]
)
def test_notes_have_many_names(facts, column):
    assert facts(**{column: "STOP"}).opt_out == OptOut()


def test_a_single_word_counts_in_the_contacts_own_language(facts):
    assert facts(notes="abmelden", language="de").opt_out == OptOut()
    assert facts(notes="fine", language="en").opt_out is None
    assert facts(notes="fine", language="it").opt_out == OptOut()


def test_a_column_that_nobody_knows_is_looked_through_too(facts):
    assert facts(zzz="please stop calling me").opt_out == OptOut()
    assert facts(zzz="stop").opt_out is None


def test_a_note_changes_a_record_only_by_what_it_asks(tmp_path):
    contents = {read_row(tmp_path, notes=note).content for note in ("a", "b", "do not call")}
    assert len(contents) == 2
