"""The report: every number leads to its rows, and nobody is named."""

import re
from dataclasses import asdict, fields
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest

from rekindle.auditing import audit
from rekindle.bundle import write_bundle
from rekindle.figures import figures
from rekindle.people import People
from rekindle.report import Report
from shared.events import (
    CampaignChanged,
    ReplyReceived,
    ReplyUnderstood,
)
from shared.outcomes import Outcome
from shared.words import Intent
from tests.pages import Page
from tests.unit.planting import changed, renamed, with_more
from tests.unit.small_stream import (
    ANA,
    CALLBACK,
    EMIL,
    END,
    FINN,
    NAMES,
    end,
    keys,
    small_stream,
)

FAMILIES = ("Alvarez", "Berger", "Costa", "Diaz", "Ek", "Fox")


def bundle_of(folder, recorded, **more):
    write_bundle(folder, recorded, keys, at=END, **more)
    return folder


@pytest.fixture
def bundle(tmp_path):
    return bundle_of(tmp_path / "demo", small_stream(), audit=audit(small_stream(), at=END))


@pytest.fixture
def page(bundle):
    return Page((bundle / "report.html").read_text(encoding="utf-8"))


def test_every_link_leads_to_rows_on_the_page_or_to_a_file_beside_it(page, bundle):
    assert len(page.links) > 30
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids, link
        else:
            assert (bundle / unquote(link)).is_file(), link


def test_every_id_is_there_once(page):
    assert len(set(page.ids)) == len(page.ids)


def test_the_page_is_complete_in_itself(page, bundle):
    text = (bundle / "report.html").read_text(encoding="utf-8")
    assert page.fetched == []
    assert not page.tags & {"script", "iframe", "img", "link", "form"}
    assert not re.search(r"url\(|@import|https?://", text)


def test_the_page_and_the_open_lists_name_nobody(bundle):
    for file in ("report.html", "outcomes.csv", "exclusions.csv"):
        text = (bundle / file).read_text(encoding="utf-8")
        for secret in (*NAMES[:4], *FAMILIES, "studio.example", "4917", "gladly"):
            assert secret not in text, (file, secret)


def test_an_id_of_the_crm_is_no_markup(tmp_path):
    bundle_of(tmp_path, renamed(small_stream(), ANA, crm_id="<script>alert(1)</script>"))
    text = (tmp_path / "report.html").read_text()
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_the_promises_stand_on_the_page(bundle, tmp_path):
    assert "found no breach" in (bundle / "report.html").read_text()
    planted = with_more(small_stream(), lambda story: end(story, FINN, END, Outcome.STOPPED, "x"))
    bundle_of(tmp_path, planted, audit=audit(planted, at=END))
    assert "1 breach was found" in (tmp_path / "report.html").read_text()


def report_of(recorded, at=END):
    return Report(recorded, People(recorded, keys), ZoneInfo("UTC"), at)


def test_the_page_and_the_figures_agree():
    recorded = small_stream()
    its, counted = report_of(recorded), figures(recorded)
    page = {
        "rows": its.rows,
        "admitted": its.verdicts["admitted"].count,
        "pool": its.pool.count,
        "waiting": its.waiting.count,
        "duplicates": its.verdicts["duplicate"].count,
        "touches": {line.name.lower(): line.messages.count for line in its.channels},
        "replies": {line.name.replace(" ", "_"): line.listing.count for line in its.replies},
        "outcomes": {line.name.replace(" ", "_"): line.listing.count for line in its.outcomes},
        "booked": len(its.calls),
        "suppressed": its.suppressed.count,
        "callbacks": its.callbacks.count,
        "excluded": {"never_paid": its.verdicts["excluded"].count},
        "held": {},
    }
    assert page == {name: value for name, value in asdict(counted).items() if name != "events"}
    assert {field.name for field in fields(counted)} == {*page, "events"}


def test_what_a_machine_wrote_is_no_answer():
    automatic = changed(
        small_stream(), ReplyReceived, lambda its: its.subject == EMIL, automatic=True
    )
    read_as_one = changed(
        small_stream(),
        ReplyUnderstood,
        lambda its: its.subject == EMIL,
        intent=Intent.AUTO_REPLY,
    )
    streams = (small_stream(), automatic, read_as_one)
    assert [report_of(its).wrote.count for its in streams] == [3, 2, 2]


def test_a_rate_of_a_handful_of_people_is_not_told():
    assert [line.percent for line in report_of(small_stream()).channels] == [None, None]


def test_the_next_callback_is_the_next_that_is_still_to_come():
    recorded = small_stream()
    assert report_of(recorded).next_callback.date().isoformat() == "2026-11-30"
    ended = with_more(recorded, lambda story: end(story, EMIL, END, Outcome.STOPPED, "x"))
    assert report_of(ended).next_callback is None
    assert report_of(recorded, at=CALLBACK).next_callback is None


def test_the_campaign_is_told_by_its_name(bundle):
    (_, live) = small_stream().of(CampaignChanged)
    assert live.name in (bundle / "report.html").read_text()
