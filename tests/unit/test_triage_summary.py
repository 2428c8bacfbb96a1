"""What `rekindle triage` tells a founder: who can be reached, who could be, what to merge."""

import csv
from datetime import UTC, date, datetime

import pytest

from rekindle.explaining import as_json
from rekindle.merging import Folded
from rekindle.offline import refreshed, triage_file
from rekindle.summary import Summary
from rekindle.triage_files import write_triage
from shared.words import Channel
from tests.crm_files import as_csv, write
from tests.pages import Page

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PAYS = {"country": "GB", "status": "active", "ever paid": "yes"}
AGREED = {"email consent": "yes", "email consent proof": "Newsletter form, confirmed 2025-05-15"}
ANN = PAYS | AGREED | {"id": "c1", "name": "Ann Smith", "email": "ann@x.example"}
ROWS = [
    ANN | {"phone": "07400 742411", "billing interval": "yearly", "renewal date": "2026-12-30"},
    ANN | {"id": "c2", "name": "Ann S.", "email": "a@x.example", "phone": "07400 742411"},
    ANN | {"id": "c3", "phone": "", "email": "Ann+crm@x.example"},
    PAYS | {"id": "c4", "name": "Ben Gray", "email": "ben@x.example"},
    PAYS | AGREED | {"id": "c5", "name": "Test Test", "email": "t@x.example"},
    ANN | {"id": "c6", "name": "Cas", "email": "cas@x.example", "seats": "1", "team logins": "4"},
    ANN
    | {"id": "c7", "name": "Dan", "email": "dan@x.example", "status": "trial", "ever paid": "no"},
    ANN | {"id": "c8", "name": "Eve", "email": "eve@x.example"},
]


@pytest.fixture
def judged(tmp_path):
    return triage_file(write(tmp_path, as_csv(*ROWS)), NOW, "GB")[1]


@pytest.fixture
def summary(judged):
    return Summary("customers.csv", judged, refreshed(judged, NOW), NOW.date())


def test_a_list_that_is_spread_over_the_cores_is_judged_as_by_one(tmp_path, judged, monkeypatch):
    monkeypatch.setattr("rekindle.offline.SPREAD_ROWS_MIN", 1)
    monkeypatch.setattr("rekindle.spreading.PIECE", 1)
    _, spread = triage_file(tmp_path / "customers.csv", NOW, "GB")
    assert spread == judged


def table(path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


def rows(listing) -> list[int]:
    return [int(ref.label) for ref in listing.refs]


def test_the_channels_say_who_is_reached_and_whom_a_consent_would_add(summary):
    by_name = {line.name: line for line in summary.channels}
    assert rows(by_name["E-mail"].now) == [1, 6, 8]
    assert rows(by_name["E-mail"].added) == [4]
    assert rows(by_name["SMS"].now) == []
    assert rows(by_name["SMS"].added) == [1]
    assert rows(summary.added) == [4]
    assert [row.row for row, _ in summary.refreshed] == [1, 4, 6, 8]  # nobody else is in question


def test_the_segments_say_why_and_until_when(summary):
    found = {line.name: (rows(line.listing), line.soonest) for line in summary.segments}
    assert found == {"renewal due": ([1], date(2026, 11, 30)), "solo seat": ([6], None)}
    assert rows(summary.unmoved) == [8]


def test_every_row_is_in_the_equation_and_the_commonest_reason_comes_first(summary):
    assert {str(verdict): rows(its) for verdict, its in summary.verdicts.items()} == {
        "admitted": [1, 6, 8],
        "held": [2],
        "excluded": [4, 5, 7],
        "duplicate": [3],
    }
    counts = [line.listing.count for line in summary.reasons]
    assert counts == sorted(counts, reverse=True)
    assert {line.name for line in summary.reasons} == {
        "probable duplicate", "no lawful channel", "test data", "never paid", "duplicate",
    }  # fmt: skip
    assert rows(summary.closed[0].listing) == [4]


def test_the_merge_plan_keeps_one_row_and_says_what_the_others_would_add(summary):
    [merge] = summary.merges
    assert merge.keep == 1
    assert merge.folded == (
        Folded(2, sure=False, agreeing=("phone", "name_shortened")),
        Folded(3, sure=True, agreeing=("mailbox", "name")),
    )
    assert merge.gains == ("a mailbox",)
    assert not merge.sure


def test_the_page_names_nobody_and_every_number_leads_to_its_rows(summary, tmp_path):
    write_triage(tmp_path / "out", summary)
    text = (tmp_path / "out" / "report.html").read_text()
    page = Page(text)
    assert {link[1:] for link in page.links if link.startswith("#")} <= {"", *page.ids}
    assert {link for link in page.links if not link.startswith("#")} == {
        "exclusions.csv", "pool.csv",
    }  # fmt: skip
    assert not page.fetched
    for file in (tmp_path / "out").iterdir():
        said = file.read_text()
        assert not any(word in said for word in ("Ann", "Gray", "@x.example", "742411"))


def test_a_new_folder_is_its_owners_alone_and_an_old_one_stays_as_it_is(summary, tmp_path):
    tmp_path.chmod(0o755)
    for folder in (tmp_path, tmp_path / "new"):
        write_triage(folder, summary)
    assert (tmp_path.stat().st_mode & 0o777, (tmp_path / "new").stat().st_mode & 0o777) == (
        0o755, 0o700,
    )  # fmt: skip


def test_the_tables_say_why_and_what_about(summary, tmp_path):
    write_triage(tmp_path, summary)
    pool = table(tmp_path / "pool.csv")
    assert [its["row"] for its in pool] == ["1", "6", "8"]
    assert pool[0]["because"] == "status=active annual=True renews_on=2026-12-30"
    assert (pool[0]["act_by"], pool[0]["email"], pool[0]["sms"]) == ("2026-11-30", "open", "")
    out = {its["row"]: its for its in table(tmp_path / "exclusions.csv")}
    assert set(out) == {"2", "3", "4", "5", "7"}
    assert out["2"]["reason"].endswith("It is row 1, by phone, name_shortened.")
    assert (out["3"]["duplicate_of_row"], out["3"]["agrees_in"]) == ("1", "mailbox name")
    assert all(its["reason"] and its["remedy"] for its in out.values())


def test_an_object_of_a_row_has_its_facts_and_its_remedy(judged):
    row_of = {row.contact_id: row.row for row, _ in judged}
    first, second, *_ = (as_json(row, its, row_of) for row, its in judged)
    assert first["segments"] == [
        {
            "segment": "renewal_due",
            "goal": "renewal",
            "because": {"status": "active", "annual": True, "renews_on": "2026-12-30"},
        }
    ]
    assert (first["act_by"], first["why"], first["remedy"]) == ("2026-11-30", None, None)
    assert (second["verdict"], second["duplicate_of"]) == ("held", 1)
    assert second["agreeing"] == ["phone", "name_shortened"]
    assert second["remedy"]
    assert set(second["channels"]) == set(Channel)
