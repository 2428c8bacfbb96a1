"""What `rekindle triage` leaves beside the list: a page and two tables, without names."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rekindle.bundle import TEMPLATES, as_csv
from rekindle.explaining import plain_facts, why
from rekindle.offline import Judged
from rekindle.summary import Summary
from services.triage.reasons import MEANINGS
from services.triage.segments import matched_by
from shared.words import Channel, Openness, Segment, Verdict

MERGES_SHOWN = 500
EXCLUSIONS = (
    "row", "crm_id", "verdict", "code", "reason", "remedy", "duplicate_of_row", "agrees_in",
)  # fmt: skip
POOL = ("row", "crm_id", "segment", "goal", "act_by", "because", *Channel)


def write_triage(folder: Path, summary: Summary) -> None:
    """Write the files into a folder; a new one is its owner's alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    page = TEMPLATES.get_template("triage.html.j2").render(summary=summary, shown=MERGES_SHOWN)
    (folder / "report.html").write_text(page, encoding="utf-8")
    (folder / "exclusions.csv").write_bytes(as_csv(EXCLUSIONS, exclusions(summary.judged)))
    (folder / "pool.csv").write_bytes(as_csv(POOL, pool(summary.judged)))


def exclusions(judged: Sequence[Judged]) -> Iterator[Sequence[object]]:
    """Every row that is not admitted: why, and what would bring it back."""
    row_of = {row.contact_id: row.row for row, _ in judged}
    for row, its in judged:
        if its.verdict is not Verdict.ADMITTED:
            code = its.reasons[0]
            of = row_of[its.duplicate_of] if its.duplicate_of else ""
            yield (
                *(row.row, row.record.person.crm_id, its.verdict, code, why(row, its, row_of)),
                *(MEANINGS[code].remedy, of, " ".join(its.agreeing)),
            )


def pool(judged: Sequence[Judged]) -> Iterator[Sequence[object]]:
    """Everybody who may be contacted: the segments in their order, who is urgent first."""
    order = [*Segment, None]
    admitted = [one for one in judged if one[1].verdict is Verdict.ADMITTED]
    for row, its in sorted(admitted, key=lambda one: (order.index(one[1].segment), _urgency(one))):
        facts = plain_facts(matched_by(its.segment, row.facts.account)) if its.segment else {}
        because = " ".join(f"{name}={value}" for name, value in facts.items())
        channels = (_standing(its.channels[channel].openness) for channel in Channel)
        crm_id = row.record.person.crm_id
        yield (
            row.row,
            crm_id,
            its.segment or "",
            its.goal or "",
            its.act_by or "",
            because,
            *channels,
        )


def _urgency(one: Judged) -> tuple[bool, str, int]:
    row, its = one
    return its.act_by is None, str(its.act_by), row.row


def _standing(openness: Openness) -> str:
    return "" if openness is Openness.CLOSED else openness
