"""What a demo counts while it runs is what its report counts at the end."""

from uuid import UUID

from rekindle.progress import Progress
from shared.events import ContactSuppressed
from shared.words import Verdict
from tests.examples import NOW, WORKSPACE, a_contact_triaged

ANN, HER_OTHER_RECORD, BEN = UUID(int=1), UUID(int=2), UUID(int=3)


def silenced(contact):
    return ContactSuppressed(
        subject=contact,
        workspace_id=WORKSPACE,
        address_hashes=(),
        channels=(),
        everything=True,
        source="keyword",
        since=NOW,
    )


def test_whoever_is_suppressed_counts_once_however_many_records_they_have() -> None:
    progress = Progress("")
    again = a_contact_triaged(subject=HER_OTHER_RECORD, verdict=Verdict.DUPLICATE, duplicate_of=ANN)
    for event in (a_contact_triaged(subject=ANN), again, *map(silenced, (HER_OTHER_RECORD, ANN))):
        progress._count(event)
    assert progress.suppressed == 1
    progress._count(silenced(BEN))
    assert progress.suppressed == 2
