"""The row equation, for people: each verdict and reason with its rows, and the way back."""

from collections import Counter
from collections.abc import Iterable

from rich.table import Table

from services.triage.reasons import MEANINGS
from shared.words import Reason, Verdict

PLURAL = {Verdict.DUPLICATE: "duplicates"}


def equation(verdicts: Iterable[tuple[Verdict, tuple[Reason, ...]]]) -> Table:
    """Rows = admitted + held + excluded + duplicates, and under it each decisive reason."""
    found = Counter((verdict, reasons[0] if reasons else None) for verdict, reasons in verdicts)
    total = Counter[Verdict]()
    for (verdict, _), rows in found.items():
        total[verdict] += rows
    parts = " + ".join(f"{total[verdict]:,} {PLURAL.get(verdict, verdict)}" for verdict in Verdict)
    table = Table(title=f"{total.total():,} rows = {parts}", title_justify="left")
    table.add_column("rows", justify="right")
    for column in ("verdict", "why", "what would bring them back"):
        table.add_column(column)
    order = list(Verdict)
    for (verdict, reason), rows in sorted(
        found.items(), key=lambda its: (order.index(its[0][0]), -its[1])
    ):
        why = MEANINGS[reason].sentence if reason else "May be contacted."
        table.add_row(f"{rows:,}", verdict, why, MEANINGS[reason].remedy if reason else "")
    return table
