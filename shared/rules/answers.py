"""What is done about replies, events and wishes: `data/reading/answers.toml`, as frozen values."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.rules.reading import RuleDataError, Table, read_file, read_rows
from shared.rules.rows import Names

ANSWERS = Path("reading/answers.toml")
KEYWORDS = "optout_keywords.toml"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Webhook:
    """What a person did in a provider's own screens, and the policy that says what it means."""

    policy: str
    provider: str
    webhook: str
    value: str
    actions: Names


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wish:
    """A wish under data protection law: by when, and what it takes."""

    kind: str
    deadlines: Names
    actions: Names


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept:
    """What a duty to keep adds to a wish; `when` is the fact that there is such a record."""

    retention: str
    wish: str
    action: str
    when: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """All of it. `words`: per language the lists behind the opt-outs."""

    inbound_lists: Names
    whole_message: Names
    inbound: dict[str, Names]
    spoken_channels: Names
    spoken: dict[str, Names]
    unknown_event: Names
    unknown_wish: Names
    retry: dict[str, str]
    webhooks: tuple[Webhook, ...]
    wishes: tuple[Wish, ...]
    kept: tuple[Kept, ...]
    words: dict[str, dict[str, Names]]


def read_answers(folder: Path) -> Answers:
    """The answers of a folder of rule data. Raises RuleDataError."""
    path, table = folder / ANSWERS, read_file(folder / ANSWERS)
    inbound, event = _part(path, table, "inbound"), _part(path, table, "event")
    spoken = _part(path, inbound, "spoken")
    answers = Answers(
        inbound_lists=tuple(inbound.get("lists", ())),
        whole_message=tuple(inbound.get("whole_message", ())),
        inbound={name: tuple(its) for name, its in _part(path, inbound, "actions").items()},
        spoken_channels=tuple(spoken.get("channels", ())),
        spoken={name: tuple(its) for name, its in spoken.items() if name != "channels"},
        unknown_event=tuple(event.get("unknown", ())),
        unknown_wish=tuple(_part(path, table, "request").get("unknown", ())),
        retry=dict(_part(path, event, "retry")),
        webhooks=tuple(read_rows(path, table, "webhook", Webhook)),
        wishes=tuple(read_rows(path, table, "wish", Wish)),
        kept=tuple(read_rows(path, table, "kept", Kept)),
        words=_words(folder),
    )
    for intent in (*answers.inbound_lists, *answers.whole_message, "opt_out", "erasure", "other"):
        if not answers.inbound.get(intent):
            raise RuleDataError(f"{path.name} has no actions for {intent}: add them.")
    return answers


def _part(path: Path, table: Table, name: str) -> dict[str, Any]:
    if not isinstance(table.get(name), dict):
        raise RuleDataError(f"{path.name} has no table {name}: put it back.")
    return dict(table[name])


def _words(folder: Path) -> dict[str, dict[str, Names]]:
    rows = read_file(folder / KEYWORDS).get("language", [])
    return {
        row["language"]: {name: tuple(cell) for name, cell in row.items() if isinstance(cell, list)}
        for row in rows
    }
