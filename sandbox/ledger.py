"""What the providers accepted and what the customers said: append-only, on disk first."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact of the sandbox. `kind` is accepted, said, or a status such as delivered."""

    kind: str
    at: str
    channel: str
    address: str
    person: str
    id: str
    text: str = ""
    touch: str = ""
    truth: str = ""


@dataclass
class Ledger:
    """Entries in the order in which they happened."""

    path: Path
    entries: list[Entry] = field(default_factory=list)
    _file: IO[str] | None = None

    def add(self, entry: Entry) -> None:
        """Remember for ever."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a", encoding="utf-8")
        self._file.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
        self._file.flush()
        self.entries.append(entry)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def accepted(self) -> list[Entry]:
        """All that a provider took from the product."""
        return [entry for entry in self.entries if entry.kind == "accepted"]
