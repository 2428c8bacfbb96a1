"""What a decision may know of a record: enough to judge its addresses, too little to use them."""

from typing import Protocol
from uuid import UUID

from shared.events import Facts
from shared.words import LineType


class Number(Protocol):
    """A valid phone number. `hash` is keyed and the same for the same number."""

    @property
    def hash(self) -> str: ...
    @property
    def region(self) -> str:
        """ISO 3166-1 alpha-2, of the number itself."""

    @property
    def line(self) -> LineType: ...
    @property
    def whatsapp(self) -> bool:
        """The record says that the number is verified on WhatsApp."""


class Box(Protocol):
    """A valid e-mail address. `alias_hash` is the same for all spellings that reach one box."""

    @property
    def hash(self) -> str: ...
    @property
    def alias_hash(self) -> str: ...


class Record(Protocol):
    """One record of an import. Those with one `record_id` have the same id in the CRM."""

    @property
    def record_id(self) -> UUID: ...
    @property
    def facts(self) -> Facts: ...
    @property
    def phone(self) -> Number | None: ...
    @property
    def mailbox(self) -> Box | None: ...
