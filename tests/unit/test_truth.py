"""What a demo's audit looks for: everything in the list that tells who somebody is."""

from datetime import date

from rekindle.truth import personal_words
from services.crm_sync.records import open_source
from shared.events import DecisionMade
from shared.privacy.master import key_from_seed
from tests.unit.planting import breaches, changed
from tests.unit.small_stream import BEN, WORKSPACE, small_stream

LIST = """Record ID,First Name,Last Name,Company name,Email,Mobile Phone Number,Country/Region
1,Ana,Alvarez,Alvarez Yoga,ana@studio.example,+370 612 34567,LT
2,Cher,,Chers,,,US
"""
LEDGER = [
    {"kind": "said", "text": "Please call my mother instead"},
    {"kind": "said", "text": "not now"},
    {"kind": "accepted", "text": "Hi Ana, I am the AI assistant of Ieva"},
]


def words(folder):
    (folder / "list.csv").write_text(LIST)
    hasher = key_from_seed(7).hasher(WORKSPACE)
    source = open_source(folder / "list.csv", region="LT", hasher=hasher, today=date(2026, 11, 23))
    return personal_words(source, LEDGER)


def test_names_mailboxes_numbers_and_what_people_wrote_are_looked_for(tmp_path):
    assert words(tmp_path) == {
        "Ana Alvarez",
        "Alvarez Yoga",
        "ana@studio.example",
        "+37061234567",
        "Please call my mother instead",
    }


def test_each_of_them_is_found_in_a_field_that_is_not_sealed(tmp_path):
    for word in words(tmp_path):
        planted = changed(
            small_stream(), DecisionMade, lambda its: its.subject == BEN, why=f"so: {word.upper()}."
        )
        assert set(breaches(planted, words=words(tmp_path))) == {"personal_words_are_sealed"}, word
    assert breaches(small_stream(), words=words(tmp_path)) == []
