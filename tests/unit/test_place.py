"""A folder with data: whose it is, and what a demo replaces."""

import pytest

from rekindle.engines import EngineError
from rekindle.place import Place


def test_a_demo_leaves_nothing_of_an_earlier_one(tmp_path):
    place = Place(tmp_path / "data")
    place.claim_for_demo(7)
    for folder in (place.demo, place.sandbox):
        folder.mkdir()
        (folder / "ledger.jsonl").write_text("{}\n")
    place.claim_for_demo(8)
    assert not place.demo.exists()
    assert not place.sandbox.exists()


def test_a_demo_replaces_no_data_of_anybodys(tmp_path):
    place = Place(tmp_path / "data")
    place.claim(over_demo=False)
    with pytest.raises(EngineError, match="no demo made"):
        place.claim_for_demo(7)
