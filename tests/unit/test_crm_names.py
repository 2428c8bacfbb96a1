"""Names to compare: one spelling for each, and the shorter ways to write it."""

import pytest

from services.crm_sync.names import shorter, spelled


@pytest.mark.parametrize(
    ("written", "spelling"),
    [
        ("Mitchell Sparks", "mitchell sparks"),
        ("  MITCHELL   SPARKS ", "mitchell sparks"),
        ("Sparks, Mitchell", "mitchell sparks"),
        ("Mr. Mitchell Sparks", "mitchell sparks"),
        ("Prof. Dr. Rūta Kazlauskaitė", "ruta kazlauskaite"),
        ("Mitchell S.", "mitchell s"),
        ("Siobhán O'Brien", "siobhan obrien"),
        ("Jean-Luc Picard", "jean luc picard"),
        ("M. Sparks", "m sparks"),
        ("Dr. Oetker", "dr oetker"),
        ("王小明", "王小明"),
        ("", ""),
        (" . ", ""),
    ],
)
def test_a_name_has_one_spelling(written, spelling):
    assert spelled(written) == spelling


@pytest.mark.parametrize(
    ("spelling", "ways"),
    [
        ("mitchell sparks", ("mitchell s", "m sparks", "m s", "mitchell")),
        ("anna maria rossi", ("anna rossi", "anna r", "a rossi", "a r", "anna")),
        ("mitchell s", ("m s", "mitchell")),
        ("madonna", ()),
        ("", ()),
    ],
)
def test_shorter_ways_leave_out_or_abbreviate(spelling, ways):
    assert shorter(spelling) == ways
