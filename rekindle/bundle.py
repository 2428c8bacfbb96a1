"""What a campaign leaves for its founder: a report, calendar entries, transcripts and lists.

Names, numbers and words stand only in the calendar entries, the transcripts and `dnc.csv`; the
folder is its owner's alone. Everything is read from the topics, so no service has to run.
"""

import csv
import io
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from rekindle.auditing import Audit
from rekindle.explaining import sentence_of
from rekindle.people import Open, People
from rekindle.recorded import Recorded
from rekindle.report import Report
from rekindle.transcripts import Transcripts
from services.booking.entries import CallEntry, as_ics
from shared.events import BookingRequested, BookingSettled, CalendarOffered
from shared.words import Verdict

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MINUTES = 30  # of a call, where no calendar says otherwise


def write_bundle(
    folder: Path,
    recorded: Recorded,
    open_: Open,
    *,
    at: datetime,
    zone: str = "UTC",
    audit: Audit | None = None,
) -> None:
    """Write the whole bundle into `folder`, in place of one that is there.

    `open_` gives the keys of contacts, `at` is the moment of the report, `zone` the founder's.
    """
    bundle = Bundle(recorded, People(recorded, open_), at, ZoneInfo(zone))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name in ("calls", "transcripts"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir()
    for name, content in bundle.files(audit):
        (folder / name).write_bytes(content)


@dataclass(frozen=True)
class Bundle:
    """The files of a bundle, by their place in it."""

    recorded: Recorded
    people: People
    at: datetime
    zone: ZoneInfo

    def files(self, audit: Audit | None = None) -> Iterator[tuple[str, bytes]]:
        """Every file's place and content."""
        for contact, call in self.recorded.calls.items():
            entry = self._entry(contact, call)
            if entry:
                yield f"calls/{self.people[contact].file_name}.ics", as_ics(entry)
        transcripts = Transcripts(self.recorded, self.people, self.zone)
        for contact in transcripts.contacts:
            name = f"transcripts/{self.people[contact].file_name}.txt"
            yield name, transcripts.of(contact).encode()
        yield (
            "dnc.csv",
            as_csv(("crm_id", "name", "phone", "email", "ends", "source", "since"), self._dnc()),
        )
        yield "outcomes.csv", as_csv(("crm_id", "code", "reason", "time"), self._outcomes())
        yield "exclusions.csv", as_csv(("row", "crm_id", "code", "reason"), self._exclusions())
        report = Report(self.recorded, self.people, self.zone, self.at, audit)
        yield "report.html", TEMPLATES.get_template("report.html.j2").render(report=report).encode()

    def _entry(self, contact: UUID, call: BookingSettled) -> CallEntry | None:
        known = self.people[contact]
        if call.slot is None:
            return None
        return CallEntry(
            uid=call.uid,
            sequence=call.sequence,
            start=call.slot,
            minutes=self._minutes,
            name=known.person.full_name or known.person.company,
            phone=known.phone,
            crm_id=known.label,
            lines=self._summary(contact, call.slot),
            stamped_at=call.time,
        )

    @cached_property
    def _minutes(self) -> int:
        offered = self.recorded.of(CalendarOffered)
        return offered[-1].minutes if offered else MINUTES

    @cached_property
    def _asked(self) -> dict[tuple[UUID, datetime | None], BookingRequested]:
        """How each slot was asked for last."""
        asked = self.recorded.of(BookingRequested)
        return {(its.subject, its.slot): its for its in asked if its.summary}

    def _summary(self, contact: UUID, slot: datetime) -> tuple[str, ...]:
        """Why this one is worth a call, as the agent put it when the slot was asked for."""
        asked = self._asked.get((contact, slot))
        sealed = asked.summary if asked else None
        return self.people.unseal(contact, sealed, tuple[str, str, str]) or ()

    def _dnc(self) -> Iterator[Sequence[object]]:
        for contact, its in self.recorded.suppressions.items():
            known = self.people[contact]
            ends = "everything" if its.everything else "marketing"
            since = its.since.isoformat()
            person = (known.label, known.person.full_name, known.phone, known.mailbox)
            yield *person, ends, its.source, since

    def _outcomes(self) -> Iterator[Sequence[object]]:
        for contact, its in self.recorded.outcomes.items():
            yield self.people[contact].label, its.code, its.reason, its.ended_at.isoformat()

    def _exclusions(self) -> Iterator[Sequence[object]]:
        verdicts = self.recorded.verdicts.values()
        for its in sorted(verdicts, key=lambda verdict: verdict.row):
            if its.verdict is not Verdict.ADMITTED and its.reasons:
                label = self.people[its.subject].person.crm_id
                yield its.row, label, its.reasons[0], sentence_of(its)


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table that a spreadsheet takes for text: no cell is a formula (OWASP, CSV injection)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def guarded(cell: object) -> str:
    """The cell as text, with an apostrophe before what would be a formula, such as `+370…`."""
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


TEMPLATES = Environment(
    loader=PackageLoader("rekindle"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
