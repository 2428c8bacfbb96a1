"""Who the contacts are: the one place in which a bundle opens sealed fields."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from rekindle.recorded import Recorded
from shared.events import Person
from shared.privacy.sealed import ContactKey, Sealed, unseal

T = TypeVar("T")
Open = Callable[[Collection[UUID]], Mapping[UUID, ContactKey]]

NOT_IN_A_NAME = re.compile(r"[^\w.-]+", re.ASCII)
NAME_CHARS_MAX = 80


@dataclass(frozen=True, slots=True)
class Known:
    """One contact, opened. `label` is the CRM's id, or the row where the CRM gave none."""

    label: str
    file_name: str  # unique, and safe in a folder
    person: Person = field(repr=False)
    phone: str = field(default="", repr=False)
    mailbox: str = field(default="", repr=False)


class People:
    """The contacts of a stream by id. Those who were forgotten have a label and nothing else."""

    def __init__(self, recorded: Recorded, open_: Open) -> None:
        self._keys = open_(recorded.imported.keys())
        self._known: dict[UUID, Known] = {}
        taken: set[str] = set()
        for contact, records in recorded.imported.items():
            record = records[-1]
            person = self.unseal(contact, record.person, Person) or Person()
            label = person.crm_id or f"row {record.row}"
            name = _file_name(label, contact, taken)
            taken.add(name.casefold())
            sealed = record.phone.sealed if record.phone else None
            phone = self.unseal(contact, sealed, str)
            sealed = record.mailbox.sealed if record.mailbox else None
            mailbox = self.unseal(contact, sealed, str)
            self._known[contact] = Known(label, name, person, phone or "", mailbox or "")

    def __getitem__(self, contact: UUID) -> Known:
        """Somebody whom no import knows goes by the id that we gave."""
        return self._known.get(contact) or Known(str(contact), str(contact), Person())

    def unseal(self, contact: UUID, sealed: Sealed[T] | None, kind: type[T]) -> T | None:
        """What a field says; None when there is none, or its contact was forgotten."""
        key = self._keys.get(contact)
        return unseal(sealed, kind, key) if sealed and key else None


def _file_name(label: str, contact: UUID, taken: Collection[str]) -> str:
    """The label as a file's name. A CRM's ids are foreign words: they may hold anything."""
    name = NOT_IN_A_NAME.sub("_", label).strip("._")[:NAME_CHARS_MAX]
    if not name or name.casefold() in taken or name != label.replace(" ", "_"):
        return f"{name or 'contact'}-{contact.hex[:12]}"
    return name
