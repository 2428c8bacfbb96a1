"""Which record of a file is which record that is known."""

from services.crm_sync.matching import Arrived, Known, placed, unchanged
from services.crm_sync.records import Record
from shared.events import Facts, Person
from shared.ids import named

ID = named("record", "7")


def arrived(row, fingerprint):
    record = Record(row, "id", "7", Facts(), Person(), None, False, None, fingerprint)
    return Arrived(record, ID, fingerprint)


def known(ordinal, fingerprint, *, met=False):
    return Known(named("contact", ordinal), ordinal, fingerprint, met)


def test_the_unchanged_keep_their_ordinals_wherever_they_stand():
    pairs = unchanged([arrived(1, "b"), arrived(2, "a")], {ID: [known(0, "a"), known(1, "b")]})
    assert [(one.record.row, its.ordinal) for one, its in pairs] == [(1, 1), (2, 0)]


def test_a_known_record_is_met_once():
    assert len(unchanged([arrived(1, "a"), arrived(2, "a")], {ID: [known(0, "a")]})) == 1
    assert unchanged([arrived(1, "a")], {ID: [known(0, "a", met=True)]}) == []


def test_the_changed_take_the_lowest_ordinals_that_nobody_came_for():
    its = {ID: [known(0, "a"), known(1, "b", met=True), known(2, "c")]}
    pairs = placed([arrived(1, "x"), arrived(2, "y"), arrived(3, "z")], its)
    assert [ordinal for _, ordinal in pairs] == [0, 2, 3]


def test_new_records_count_from_zero():
    assert [ordinal for _, ordinal in placed([arrived(1, "a"), arrived(2, "a")], {})] == [0, 1]
