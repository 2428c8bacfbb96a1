"""The files of the rule data, their tables, and the type of row that each table holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

from shared.rules.answers import Answers, read_answers
from shared.rules.bases import Means, compile_means
from shared.rules.duties import (
    Change,
    Deadline,
    Disclosure,
    ErrorCode,
    Policy,
    ProductRule,
    Recording,
    Retention,
)
from shared.rules.lint_terms import LintTerms, read_lint
from shared.rules.reading import RuleDataError, Table, read_file, read_row, read_rows
from shared.rules.rows import (
    Basis,
    Calendar,
    Cap,
    ConsentRule,
    Jurisdiction,
    Precondition,
    Registry,
    Row,
    Window,
)
from shared.rules.terms import ChannelTerms, Conduct, PlaceTerms, Silence, Terms, Values

HERE = Path(str(files("shared.rules") / "data"))
TERMS, BASES = Path("reading/terms.toml"), Path("reading/bases.toml")
SCHEMA = 1
TABLES: tuple[tuple[str, str, type[Row | Jurisdiction]], ...] = (
    ("jurisdictions.toml", "jurisdiction", Jurisdiction),
    ("calling_hours.toml", "window", Window),
    ("calling_hours.toml", "cap", Cap),
    ("holidays.toml", "calendar", Calendar),
    ("consent_rules.toml", "basis", Basis),
    ("consent_rules.toml", "precondition", Precondition),
    ("consent_rules.toml", "rule", ConsentRule),
    ("dnc_registries.toml", "registry", Registry),
    ("disclosures.toml", "disclosure", Disclosure),
    ("recording_consent.toml", "rule", Recording),
    ("retention.toml", "retention", Retention),
    ("retention.toml", "deadline", Deadline),
    ("channel_policies.toml", "policy", Policy),
    ("channel_policies.toml", "error_code", ErrorCode),
    ("product_rules.toml", "product_rule", ProductRule),
    ("pending_changes.toml", "change", Change),
)
R = TypeVar("R", bound=Row | Jurisdiction)


class Found(NamedTuple):
    """A row and the file it stands in."""

    file: str
    row: Row | Jurisdiction


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """Everything that was read, before it is indexed."""

    found: tuple[Found, ...]
    terms: Terms
    means: Mapping[str, Means]
    answers: Answers
    lint: LintTerms

    def of(self, kind: type[R]) -> list[tuple[str, R]]:
        """The rows of one kind, each with its file."""
        return [(its.file, its.row) for its in self.found if isinstance(its.row, kind)]


def read(folder: Path) -> tuple[Data, date]:
    """All rows of a folder, and its newest data version. Raises RuleDataError."""
    tables = {name: read_file(folder / name) for name in dict.fromkeys(one for one, _, _ in TABLES)}
    as_of = max(_as_of(name, table) for name, table in tables.items())
    found = tuple(
        Found(name, row)
        for name, rows, kind in TABLES
        for row in read_rows(folder / name, tables[name], rows, kind)
    )
    added = (its.row.added for its in found if isinstance(its.row, Row))
    data = Data(found, _terms(folder), _means(folder), read_answers(folder), read_lint(folder))
    return data, max(as_of, *added)


def _as_of(name: str, table: Table) -> date:
    meta = table.get("meta", {})
    if meta.get("schema_version") != SCHEMA or type(meta.get("as_of")) is not date:
        raise RuleDataError(f"{name}: [meta] must say schema_version = {SCHEMA} and as_of = a day.")
    return cast("date", meta["as_of"])


def _terms(folder: Path) -> Terms:
    path, table = folder / TERMS, read_file(folder / TERMS)
    parts: dict[str, Any] = {
        name: read_row(path, name, table.get(name, {}), kind)
        for name, kind in (
            ("places", PlaceTerms),
            ("channels", ChannelTerms),
            ("values", Values),
            ("conduct", Conduct),
        )
    }
    return Terms(
        **parts,
        silences=tuple(read_rows(path, table, "silence", Silence)),
        policies={name: tuple(its) for name, its in table.get("policies", {}).items()},
        counts_as={
            name: (name, its.split()[0]) for name, its in parts["channels"].also_counts_as.items()
        },
    )


def _means(folder: Path) -> dict[str, Means]:
    path, means = folder / BASES, {}
    for name, table in read_file(path).items():
        try:
            means[name] = compile_means(table)
        except ValueError as error:
            raise RuleDataError(f"{path.name}: {name} {error}: correct it.") from error
    return means
