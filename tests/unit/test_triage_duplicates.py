"""Who is one person, who probably is, and who is not: rows of a file, as people write them."""

from datetime import UTC, datetime

import pytest

from bench.duplicates import KEY, invented, score
from rekindle.offline import triage_file
from shared.words import Channel, Openness, Reason, Verdict
from tests.crm_files import as_csv, write

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ONE, PROBABLY, TWO = Verdict.DUPLICATE, Verdict.HELD, None
OFFICE, HOME = "+44 20 7183 8750", "+44 7400 742411"
HERS, OTHER = "ann.smith@studio.example", "asmith@yard.example"
# What every row says unless told otherwise: a customer who can be written to.
CUSTOMER = {"country": "GB", "status": "active", "ever paid": "yes", "email consent": "yes"}
PROVEN = {"email consent proof": "Newsletter form, confirmed 2025-05-15"}


def triaged(folder, *rows):
    """The judgements of a file, by row; `duplicate_of` is a row's number."""
    lines = [CUSTOMER | PROVEN | {"id": str(n)} | row for n, row in enumerate(rows, 1)]
    _, verdicts = triage_file(write(folder, as_csv(*lines)), NOW, "GB")
    found = list(verdicts)
    row_of = {row.contact_id: row.row for row, _ in found}
    return [(its, row_of.get(its.duplicate_of)) for _, its in found]


def person(name="Ann Smith", phone="", email="", phone_2="", email_2="") -> dict[str, str]:
    return {
        "name": name, "phone": phone, "email": email, "phone 2": phone_2, "email 2": email_2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "are", "agreeing"),
    [
        # the same mailbox, however it is written
        (person(email=HERS), person("Ben", email="Ann.Smith@Studio.example"), ONE, "mailbox"),
        (person(email=HERS), person("", email="ann.smith+crm@studio.example"), ONE, "mailbox"),
        (
            person(email="ann.smith@gmail.com"),
            person("A. Smith", email="AnnSmith@googlemail.com"),
            ONE,
            "mailbox name_shortened",
        ),
        (person(email="ann.smith@x.example"), person(email="annsmith@x.example"), TWO, ""),
        # an address and the name, in whatever column and however the name is spelled
        (person(phone=HOME), person("SMITH, Ann", phone="07400 742411"), ONE, "phone name"),
        (
            person(phone=OFFICE, phone_2=HOME),
            person("Mrs Ann Smith", phone=HOME, phone_2=OFFICE),
            ONE,
            "phone name",
        ),
        (
            person(email=HERS, email_2=OTHER),
            person(email=OTHER, email_2="ann.smith+x@studio.example"),
            ONE,
            "mailbox name",
        ),
        (person(email="info@x.example"), person(email="info@x.example"), ONE, "mailbox name"),
        # an address, and a name written shorter
        (person(phone=HOME), person("Ann S.", phone=HOME), PROBABLY, "phone name_shortened"),
        (person("A. Smith", phone=HOME), person(phone=HOME), PROBABLY, "phone name_shortened"),
        (person("Ann", phone=HOME), person(phone=HOME), PROBABLY, "phone name_shortened"),
        (
            person("Ann Mary Smith", phone=OFFICE, phone_2=HOME),
            person(phone=HOME, phone_2=OFFICE),
            PROBABLY,
            "phone name_shortened",
        ),
        (
            person(email=HERS, email_2=OTHER),
            person("Ann S.", email=OTHER, email_2=HERS),
            PROBABLY,
            "mailbox name_shortened",
        ),
        # one address with other names is a shared one
        (person(phone=HOME), person("Ben Smith", phone=HOME), TWO, ""),
        (person(phone=HOME), person("", phone=HOME), TWO, ""),
        (person("Al Smith", phone=HOME), person("Ann Smith", phone=HOME), TWO, ""),
        (person("Ann S.", phone=HOME), person("Ben S.", phone=HOME), TWO, ""),
        (person(email="info@x.example"), person("Ben", email="info@x.example"), TWO, ""),
        (person(email=HERS, email_2=OTHER), person("Ben", email=OTHER), TWO, ""),
        # a name alone is nothing
        (person(email=HERS), person(email=OTHER), TWO, ""),
        (person(phone=HOME), person(phone=OFFICE), TWO, ""),
    ],
)
def test_two_rows_are_one_person_or_probably_or_two(tmp_path, one, other, are, agreeing):
    (_, nobody), (its, of) = triaged(tmp_path, one, other)
    assert nobody is None
    assert (of, " ".join(its.agreeing)) == ((1, agreeing) if are else (None, ""))
    if are is ONE:
        assert its.reasons[0] in (Reason.DUPLICATE, Reason.NO_LAWFUL_CHANNEL)
        assert Reason.DUPLICATE in its.reasons
    assert (Reason.PROBABLE_DUPLICATE in its.reasons) is (are is PROBABLY)


def test_rows_without_an_id_agree_in_what_they_say(tmp_path):
    mailed = [person(email=HERS) | {"id": ""}] * 2
    called = [person("", HOME) | {"id": ""}] * 2
    silent = [person() | {"id": ""}] * 2
    found = triaged(tmp_path, *mailed, *called, *silent)
    assert [of for _, of in found] == [None, 1, None, 3, None, 5]
    assert [its.agreeing for its, of in found if of] == [
        ("mailbox", "name"), ("phone",), ("name",),
    ]  # fmt: skip


def test_a_short_name_that_may_be_two_people_makes_no_one_of_them(tmp_path):
    rows = triaged(
        tmp_path,
        person("John Smith", HOME, "john@x.example"),
        person("Jane Smith", HOME, "jane@x.example"),
        person("J. Smith", HOME, "j@x.example"),
    )
    assert [of for _, of in rows] == [None, None, 1]
    assert [its.verdict for its, _ in rows] == [Verdict.ADMITTED, Verdict.ADMITTED, Verdict.HELD]


def test_what_is_probably_one_person_is_refused_for_both_and_for_nobody_else(tmp_path):
    rows = triaged(
        tmp_path,
        person("John Smith", HOME, "john@x.example"),
        person("Jane Smith", HOME, "jane@x.example"),
        person("John S.", HOME, "js@x.example") | {"unsubscribed": "yes"},
    )
    assert [Reason.OPTED_OUT in its.reasons for its, _ in rows] == [True, False, True]


def test_what_one_refuses_on_a_shared_mailbox_is_refused_on_it_for_all(tmp_path):
    rows = triaged(
        tmp_path,
        person("Ann Smith", email="info@x.example") | {"unsubscribed": "yes"},
        person("Ben Gray", HOME, "info@x.example"),
        person("Cas Blue", HOME, "cas@x.example"),
    )
    (_, _), (ben, _), (cas, _) = rows
    assert ben.channels[Channel.EMAIL].code == "mailbox_opted_out"
    assert cas.channels[Channel.EMAIL].openness is Openness.OPEN


def test_nobody_in_a_whole_office_on_one_switchboard_is_taken_for_another(tmp_path):
    names = [
        "Ann Smith",
        "Ben Smith",
        "Cas Smith",
        "Ann Gray",
        "Ben Blue",
        "Dan Brown",
        "Eve Stone",
    ]
    rows = [
        person(name, f"{OFFICE} x{n}", f"{n}@x.example", email_2="office@x.example")
        for n, name in enumerate(names)
    ]
    assert {of for _, of in triaged(tmp_path, *rows)} == {None}


@pytest.mark.parametrize("seed", [3, 11])
def test_nearly_all_pairs_are_found_and_nearly_none_is_wrong(seed):
    its = score(invented(seed), KEY)
    assert its["precision"] >= 0.99
    assert its["recall"] >= 0.95


def test_people_without_an_id_on_one_number_or_desk_are_not_one_record(tmp_path):
    names = ("Ann Smith", "Ben Gray", "Ann Smith", "")
    rows = [person(name, HOME) | {"id": ""} for name in names]
    assert [of for _, of in triaged(tmp_path, *rows)] == [None, None, 1, None]
    desk = [person(name, email="info@x.example") | {"id": ""} for name in names]
    assert [of for _, of in triaged(tmp_path, *desk)] == [None, None, 1, None]
