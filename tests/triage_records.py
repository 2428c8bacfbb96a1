"""Records as triage sees them, made of little, for its tests."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from shared.events import Account, Consent, Facts
from shared.ids import named
from shared.rules.loading import rules_in_force
from shared.words import Basis, Channel, LineType, Status

ALL = tuple(Channel)
SET_UP = rules_in_force().preconditions
CUSTOMER = Account(status=Status.ACTIVE, ever_paid=True)


@dataclass(frozen=True)
class ANumber:
    hash: str = "number"
    region: str = "LT"
    line: LineType = LineType.MOBILE
    whatsapp: bool = True


@dataclass(frozen=True)
class ABox:
    hash: str = "box!"
    alias_hash: str = "box"


def consent(basis=Basis.EXPRESS_CONSENT, channels=ALL, *, proof=True) -> Consent:
    return Consent(basis=basis, channels=channels, given_on=date(2026, 3, 2), proof=proof)


FACTS = Facts(
    country="LT",
    language="lt",
    zones=("Europe/Vilnius",),
    name_hash="ann",
    account=CUSTOMER,
    consents=(consent(),),
)


def facts(**changes) -> Facts:
    """A Lithuanian customer who agreed to everything."""
    return FACTS.model_copy(update=changes)


@dataclass(frozen=True)
class ARecord:
    """One row of a file."""

    row: int = 1
    contact_id: UUID = field(default=named("contact", 1))
    record_id: UUID = field(default=named("record", 1))
    facts: Facts = FACTS
    phone: ANumber | None = ANumber()
    mailbox: ABox | None = ABox()


def a_record(*, phone=ANumber(), mailbox=ABox(), row=1, **changes) -> ARecord:
    return ARecord(row=row, facts=facts(**changes), phone=phone, mailbox=mailbox)
