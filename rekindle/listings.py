"""Numbers that are the length of a list: what a reader clicks is what was counted. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from rekindle.people import People
from rekindle.recorded import Recorded
from shared.events import ContactTriaged

LISTED_MAX = 3000  # longer lists go on in their file


class Ref(NamedTuple):
    """A contact or a row as the report names it, how often it counts, and where more stands."""

    label: str
    times: int = 1
    href: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A number and what it counts. `file` holds the same rows, and more about each."""

    id: str
    title: str
    refs: Sequence[Ref]
    file: str = ""

    @property
    def count(self) -> int:
        return sum(ref.times for ref in self.refs)

    @property
    def shown(self) -> Sequence[Ref]:
        return self.refs[:LISTED_MAX]


class Lister:
    """Makes listings of one stream: contacts go by the CRM's id, rows by their number."""

    def __init__(self, recorded: Recorded, people: People) -> None:
        self._people = people
        self._talked = recorded.replies.keys() | {touch.subject for touch in recorded.sent}

    def contacts(self, id_: str, title: str, contacts: Iterable[UUID], file: str = "") -> Listing:
        """One that is there several times counts as often."""
        refs = []
        for contact, times in Counter(iter(contacts)).items():
            known = self._people[contact]
            href = f"transcripts/{known.file_name}.txt" if contact in self._talked else ""
            refs.append(Ref(known.label, times, href))
        return Listing(id_, title, sorted(refs, key=_natural), file)

    def rows(
        self, id_: str, title: str, verdicts: Iterable[ContactTriaged], file: str = ""
    ) -> Listing:
        refs = [Ref(str(row)) for row in sorted(its.row for its in verdicts)]
        return Listing(id_, title, refs, file)


def _natural(ref: Ref) -> tuple[int, str]:
    """Short ids before long ones, so that numbers stand in their order."""
    return len(ref.label), ref.label
