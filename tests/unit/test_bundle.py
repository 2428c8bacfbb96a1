"""What a campaign leaves for its founder, file by file."""

import csv
import io
import stat

import pytest
from icalendar import Calendar

from rekindle.auditing import audit
from rekindle.bundle import guarded, write_bundle
from rekindle.recorded import record_of
from shared.events import (
    BookingRequested,
    BookingSettled,
    ContactTriaged,
    MessageDelivered,
    MessageSent,
)
from shared.outcomes import Outcome
from shared.privacy.sealed import seal
from shared.words import BookingState, Channel, Delivery, Openness, Reason, Result
from tests.unit.planting import changed, renamed, with_more
from tests.unit.small_stream import (
    ANA,
    BEN,
    CLEO,
    EMIL,
    END,
    FINN,
    SLOT,
    end,
    hours,
    key_of,
    keys,
    small_stream,
)


def bundle_of(folder, recorded=None, open_=keys, **more):
    write_bundle(folder, recorded or small_stream(), open_, at=END, **more)
    return folder


@pytest.fixture
def bundle(tmp_path):
    return bundle_of(tmp_path / "demo", audit=audit(small_stream(), at=END))


def table(file):
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))


def call(contact, time, state, slot, sequence):
    def tell(story):
        story.in_campaign(
            BookingSettled,
            contact,
            time,
            plan=9,
            state=state,
            slot=slot,
            uid=f"{contact}@rekindle",
            sequence=sequence,
            booking_id=contact,
        )

    return tell


# -- the folder


def test_the_folder_is_its_owners_alone(bundle):
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o700


def test_these_files_are_left(bundle):
    files = {str(one.relative_to(bundle)) for one in bundle.rglob("*") if one.is_file()}
    assert files == {
        "report.html",
        "calls/C001.ics",
        *(f"transcripts/C00{n}.txt" for n in (1, 2, 3, 5)),
        "dnc.csv",
        "outcomes.csv",
        "exclusions.csv",
    }


def test_a_second_bundle_leaves_nothing_of_the_first(tmp_path):
    bundle_of(tmp_path)
    cancelled = with_more(small_stream(), call(ANA, hours(9), BookingState.CANCELLED, None, 1))
    bundle_of(tmp_path, cancelled)
    assert list((tmp_path / "calls").iterdir()) == []


def test_an_empty_stream_leaves_an_empty_bundle(tmp_path):
    bundle_of(tmp_path, record_of([]))
    assert "nobody has been written to yet" in (tmp_path / "report.html").read_text()
    assert table(tmp_path / "outcomes.csv") == []


def test_an_id_of_the_crm_is_no_path(tmp_path):
    bundle_of(tmp_path, renamed(small_stream(), ANA, crm_id="../../etc/passwd"))
    (entry,) = (tmp_path / "calls").iterdir()
    assert entry.name.startswith("etc_passwd-")


def test_two_ids_that_look_alike_to_a_folder_have_two_files(tmp_path):
    twins = renamed(renamed(small_stream(), CLEO, crm_id="A B"), EMIL, crm_id="a_b")
    bundle_of(tmp_path, twins)
    names = [file.name.casefold() for file in (tmp_path / "transcripts").iterdir()]
    assert len(set(names)) == len(names) == 4


# -- calls


def test_a_call_has_all_that_the_founder_needs(bundle):
    calendar = Calendar.from_ical((bundle / "calls/C001.ics").read_bytes())
    (event,) = calendar.walk("VEVENT")
    assert event["uid"] == f"{ANA}@rekindle"
    assert event["dtstart"].dt == SLOT
    assert (event["dtend"].dt - SLOT).total_seconds() == 30 * 60
    assert "Ana Alvarez" in event["summary"]
    for words in ("+491700000001", "C001", "Uses one module.", "Wants the others."):
        assert words in event["description"]


def test_a_call_that_moved_has_one_entry_at_its_newest_slot(tmp_path):
    later = SLOT.replace(hour=14)
    moved = with_more(small_stream(), call(ANA, hours(9), BookingState.MOVED, later, 1))
    bundle_of(tmp_path, moved)
    (file,) = (tmp_path / "calls").iterdir()
    (event,) = Calendar.from_ical(file.read_bytes()).walk("VEVENT")
    assert (event["dtstart"].dt, event["sequence"]) == (later, 1)


def test_a_slot_that_was_taken_leaves_the_call_where_it_is(tmp_path):
    taken = call(ANA, hours(9), BookingState.TAKEN, SLOT.replace(hour=14), 1)
    bundle_of(tmp_path, with_more(small_stream(), taken))
    (event,) = Calendar.from_ical((tmp_path / "calls/C001.ics").read_bytes()).walk("VEVENT")
    assert event["dtstart"].dt == SLOT


def test_a_call_says_why_its_own_slot_was_chosen(tmp_path):
    def tell(story):
        summary = ("Wanted another slot.", "It was taken.", "The old one stays.")
        story.in_campaign(
            BookingRequested,
            ANA,
            hours(9),
            plan=9,
            slot=SLOT.replace(hour=14),
            asked_at=hours(9),
            summary=seal(summary, tuple[str, str, str], key_of(ANA)),
        )

    bundle_of(tmp_path, with_more(small_stream(), tell))
    (event,) = Calendar.from_ical((tmp_path / "calls/C001.ics").read_bytes()).walk("VEVENT")
    assert "Chose the first slot." in event["description"]


# -- transcripts


def test_a_transcript_tells_the_conversation_in_the_words_that_were_sent(bundle):
    assert (bundle / "transcripts/C001.txt").read_text() == (
        "CRM id C001, times in UTC\n\n"
        "2026-11-23 09:00  Studiolog, whatsapp:\n"
        "  Hi Ana, I am the AI assistant of Ieva at Studiolog. A short call?\n\n"
        "2026-11-23 11:00  customer, whatsapp:\n"
        "  Yes, gladly\n\n"
        "2026-11-23 11:00  Studiolog, whatsapp:\n"
        "  Ieva has time: Monday 30 November, 11:00.\n\n"
        "2026-11-23 13:00  customer, whatsapp:\n"
        "  The first one\n\n"
        "2026-11-23 13:00  Studiolog, whatsapp:\n"
        "  Booked: Monday 30 November, 11:00.\n\n"
        "2026-11-23 13:00  outcome booked: a call is on the calendar\n"
    )


def test_a_transcript_names_the_day_that_was_promised(bundle):
    text = (bundle / "transcripts/C005.txt").read_text()
    assert "I will write again on Monday 30 November." in text


def test_a_transcript_is_written_in_the_founders_zone(tmp_path):
    bundle_of(tmp_path, zone="Europe/Vilnius")
    text = (tmp_path / "transcripts/C001.txt").read_text()
    assert "times in Europe/Vilnius\n\n2026-11-23 11:00  Studiolog" in text


def test_a_transcript_says_what_did_not_arrive_and_what_nobody_knows(tmp_path):
    def tell(story):
        (first, *_) = [its for its in small_stream().of(MessageSent) if its.subject == CLEO]
        story.in_campaign(
            MessageDelivered,
            CLEO,
            hours(1),
            touch_id=first.touch_id,
            channel=Channel.WHATSAPP,
            delivery=Delivery.FAILED,
        )

    unknown = changed(
        small_stream(),
        MessageSent,
        lambda its: its.subject == CLEO and its.channel is Channel.SMS,
        result=Result.UNKNOWN,
    )
    bundle_of(tmp_path, with_more(unknown, tell))
    text = (tmp_path / "transcripts/C003.txt").read_text()
    assert "whatsapp (did not arrive):" in text
    assert "sms (nobody knows whether it left):" in text


def test_whoever_was_forgotten_has_a_transcript_without_words(tmp_path):
    def without_ben(contacts):
        return {contact: key for contact, key in keys(contacts).items() if contact != BEN}

    bundle_of(tmp_path, open_=without_ben)
    (file,) = [
        one for one in (tmp_path / "transcripts").iterdir() if "row 2" in one.read_text("utf-8")
    ]
    text = file.read_text()
    assert "(forgotten)" in text
    assert "STOP" not in text
    assert "Ben" not in text


# -- lists


def test_whoever_must_not_be_contacted_is_listed_with_every_address(bundle):
    assert table(bundle / "dnc.csv") == [
        {
            "crm_id": "C002",
            "name": "Ben Berger",
            "phone": "'+491700000002",
            "email": "ben@studio.example",
            "ends": "everything",
            "source": "keyword",
            "since": "2026-11-23T12:00:00+00:00",
        }
    ]


def test_every_contact_that_ended_has_one_line_with_its_current_outcome(tmp_path):
    later = with_more(
        small_stream(), lambda story: end(story, ANA, END, Outcome.OPTED_OUT, "asked", 2)
    )
    bundle_of(tmp_path, later)
    lines = [
        (its["crm_id"], its["code"], its["reason"]) for its in table(tmp_path / "outcomes.csv")
    ]
    assert lines == [("C002", "opted_out", "asked"), ("C001", "opted_out", "asked")]


def test_every_row_that_is_not_admitted_has_one_line_with_its_reason(bundle):
    assert table(bundle / "exclusions.csv") == [
        {
            "row": "6",
            "crm_id": "C006",
            "code": "never_paid",
            "reason": "The account never paid: a trial belongs in a separate follow-up.",
        },
        {
            "row": "7",
            "crm_id": "C007",
            "code": "duplicate",
            "reason": "Another record is the same person: the same CRM id, the same mailbox, or "
            "an address and the name.",
        },
    ]


def test_a_row_without_an_open_channel_says_what_closes_each(tmp_path):
    (verdict,) = [its for its in small_stream().of(ContactTriaged) if its.subject == FINN]
    closed = {
        channel: its.model_copy(update={"openness": Openness.CLOSED, "sentence": f"No {channel}."})
        for channel, its in verdict.channels.items()
    }
    planted = changed(
        small_stream(),
        ContactTriaged,
        lambda its: its.subject == FINN,
        reasons=(Reason.NO_LAWFUL_CHANNEL,),
        channels=closed,
    )
    bundle_of(tmp_path, planted)
    reason = table(tmp_path / "exclusions.csv")[0]["reason"]
    assert reason == "No channel is open. whatsapp: No whatsapp. sms: No sms."


@pytest.mark.parametrize("cell", ["=1+1", "+4917", "-1", "@a", "\tx", "\rx"])
def test_a_cell_that_would_be_a_formula_is_text(cell):
    assert guarded(cell) == f"'{cell}"


def test_a_name_that_would_be_a_formula_is_text_in_the_list(tmp_path):
    bundle_of(tmp_path, renamed(small_stream(), BEN, full_name='=HYPERLINK("http://x")'))
    assert table(tmp_path / "dnc.csv")[0]["name"] == '\'=HYPERLINK("http://x")'
