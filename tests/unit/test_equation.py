"""The row equation as people read it."""

import io

from rich.console import Console

from rekindle.equation import equation
from shared.words import Reason, Verdict


def test_the_rows_add_up_and_each_reason_has_its_way_back():
    verdicts = [
        (Verdict.ADMITTED, ()),
        (Verdict.ADMITTED, ()),
        (Verdict.HELD, (Reason.OUT_OF_WINDOW,)),
        (Verdict.EXCLUDED, (Reason.NEVER_PAID, Reason.DUPLICATE)),
        (Verdict.DUPLICATE, (Reason.DUPLICATE,)),
    ]
    out = io.StringIO()
    Console(file=out, width=200).print(equation(verdicts))
    title, *rows = (line.strip(" │") for line in out.getvalue().splitlines())
    assert title == "5 rows = 2 admitted + 1 held + 1 excluded + 1 duplicates"
    told = [[cell.strip() for cell in row.split("│")] for row in rows if row[:1].isdigit()]
    assert [its[:2] for its in told] == [
        ["2", "admitted"],
        ["1", "held"],
        ["1", "excluded"],
        ["1", "duplicate"],
    ]
    assert told[0][2] == "May be contacted."
    assert told[2][3] == "A payment on record."
