"""The demo itself, short and small: it keeps the promises, and the same seed plays the same."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rekindle.engines import clear
from rekindle.invariants import INVARIANTS
from sandbox.exports import Export, as_csv

PEOPLE, DAYS = 90, 2
BUNDLE = {"report.html", "dnc.csv", "outcomes.csv", "exclusions.csv", "calls", "transcripts"}


@pytest.fixture(scope="module")
def csv(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("list") / "ninety.csv"
    file.write_bytes(as_csv(Export(11).make()[:PEOPLE]))
    return file


def play(csv: Path, folder: Path) -> dict:
    words = ["demo", str(csv), "--days", str(DAYS), "--json", "--data", str(folder / "data")]
    done = subprocess.run(
        [sys.executable, "-m", "rekindle", *words], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.timeout(400)
def test_the_same_seed_gives_the_same_figures_and_no_promise_is_broken(csv, tmp_path) -> None:
    first, second = play(csv, tmp_path / "a"), play(csv, tmp_path / "b")
    for one in (first, second):
        assert one.pop("seconds") > 0
        assert one.pop("events") > 0
    assert first == second
    assert first["rows"] == PEOPLE
    held, excluded = sum(first["held"].values()), sum(first["excluded"].values())
    assert first["rows"] == first["admitted"] + held + excluded + first["duplicates"]
    assert first["admitted"] == first["pool"] + first["waiting"]
    assert first["invariants"] == {"checked": len(INVARIANTS), "broken": []}
    assert first["missed_opt_outs"] == 0
    assert sum(first["touches"].values()) >= first["pool"] > 0
    bundle = tmp_path / "a" / "data" / "demo"
    assert {file.name for file in bundle.iterdir()} >= BUNDLE
    assert bundle.stat().st_mode & 0o077 == 0
    assert (
        len((bundle / "exclusions.csv").read_text().splitlines()) - 1 == PEOPLE - first["admitted"]
    )
    for data in ("a", "b"):
        clear(tmp_path / data / "data")
