"""The words that rows choose from, and the sentence for a row that cannot be used."""

from collections.abc import Iterable

from shared.rules.reading import RuleDataError
from shared.rules.rows import Jurisdiction, Row

CUMULATIVE, OVERRIDE, BASE = "cumulative", "override", "base"
PLATFORM = "platform"
KINDS = ("law", "code", PLATFORM, "policy")
BANNED, OWN_HOURS, AS_WEEKDAY = "banned", "own_hours", "as_weekday"
RECIPIENT = "recipient"
UNITS = ("hours", "days")
EVIDENCE = {"primary": True, "two": True, "one": False, "none": False}


def refuse(file: str, row: Row | Jurisdiction, what: str) -> RuleDataError:
    """The sentence for one row."""
    return RuleDataError(f"{file}: row {row.id} {what}.")


def want_known(
    file: str, row: Row, column: str, given: Iterable[str], known: Iterable[str]
) -> None:
    """Raises RuleDataError with what a column names and nobody knows."""
    for one in sorted(set(given) - set(known)):
        raise refuse(file, row, f"has {one!r} in {column}, which is not known: correct or add it")
