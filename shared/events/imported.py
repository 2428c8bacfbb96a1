"""What crm_sync says of an import: how many records there were, and each of them as facts.

The facts identify nobody: they are what decisions read. Names, addresses and the CRM's own id
travel sealed beside them.
"""

from datetime import date
from uuid import UUID

from shared.events.base import Event, Value
from shared.privacy.sealed import Sealed
from shared.words import Basis, Channel, LineType, Oddity, Party, Status


class Person(Value):
    """Who the record is about. Only ever sealed."""

    crm_id: str = ""
    full_name: str = ""
    first_name: str = ""
    company: str = ""


class Proof(Value):
    """What the record says of one consent: its words or a link, how it was given, and to whom."""

    words: str = ""
    how: str = ""
    to_whom: str = ""


class History(Value):
    """What the record tells in words. Only ever sealed."""

    ticket: str = ""  # the subject of the last one
    left_because: str = ""
    proofs: tuple[Proof, ...] = ()  # of the consents among the facts, in their order


class Phone(Value):
    """A valid number. `hash` is keyed and is how everyone else knows it."""

    hash: str
    sealed: Sealed[str]  # E.164
    region: str  # ISO 3166-1 alpha-2, of the number itself
    line: LineType
    whatsapp: bool  # the record says that the number is verified on WhatsApp


class Mailbox(Value):
    """A valid e-mail address. `alias_hash` is the same for spellings that reach the same box."""

    hash: str
    alias_hash: str
    sealed: Sealed[str]


class Consent(Value):
    """What the record says was agreed. A consent without proof opens nothing."""

    basis: Basis
    channels: tuple[Channel, ...]
    given_on: date | None = None
    proof: bool = False
    by_person: bool = False  # their own doing, such as a form that they sent
    other_seller: bool = False  # given to somebody else, such as the seller of a list


class SoftOptIn(Value):
    """The two parts of it that a record can tell; None is unknown."""

    offered: bool | None = None  # a way to refuse was offered when the details were taken
    repeated: bool | None = None  # and in every message since


class OptOut(Value):
    """The record says that the person does not want to be contacted; no channels means all."""

    channels: tuple[Channel, ...] = ()
    on: date | None = None  # the newest day of a refusal; None where one of them has no day


class Money(Value):
    """An amount. `currency` is ISO 4217; empty when unknown."""

    amount: float
    currency: str = ""


class Account(Value):
    """The facts about the customer's account; None is unknown, never a guess."""

    status: Status | None = None
    ever_paid: bool | None = None
    plan: str = ""
    months_on_plan: int | None = None
    seats: int | None = None
    team_logins: int | None = None
    integrations: int | None = None
    modules_owned: int | None = None
    modules_available: int | None = None
    logins_before: float | None = None  # a month, as it used to be
    logins_now: float | None = None  # a month, as it is
    annual: bool | None = None
    renews_on: date | None = None
    churned_on: date | None = None
    paid_on: date | None = None  # the newest payment
    last_login_on: date | None = None
    spoke_by_phone: bool | None = None
    talked_on: date | None = None  # the last conversation of any kind
    worth: Money | None = None  # a year
    term_months: int | None = None  # how long a contract runs
    invoiced_on: date | None = None  # the last invoice
    invoice: Money | None = None
    invoice_paid: bool | None = None
    ticket_on: date | None = None  # the last support ticket
    ticket_open: bool | None = None


class Facts(Value):
    """One source record, as plain facts."""

    country: str = ""  # ISO 3166-1 alpha-2; empty when unknown
    language: str = ""  # ISO 639-1; empty when unknown
    state: str = ""  # of the address: ISO 3166-2 without the country; empty when unknown
    number_state: str = ""  # of the number's area code, likewise
    party: Party | None = None  # in whose name the contact bought; None when unknown
    zones: tuple[str, ...] = ()  # every IANA zone in which the contact may be
    has_crm_id: bool = True  # else its address, or all that it says, tells which record it is
    name_hash: str = ""
    short_names: tuple[str, ...] = ()  # keyed hashes of shorter ways to write the name
    other_numbers: tuple[str, ...] = ()  # keyed hashes of further valid numbers
    other_boxes: tuple[str, ...] = ()  # alias hashes of further valid mailboxes
    account: Account = Account()
    consents: tuple[Consent, ...] = ()
    soft_opt_in: SoftOptIn | None = None
    opt_out: OptOut | None = None
    oddities: tuple[Oddity, ...] = ()
    conflicts: tuple[str, ...] = ()  # fields whose values contradict one another
    unreadable: str = ""  # a sentence when the record could not be read


class ContactImported(Event, topic="contact.imported"):
    """One record of an import, new or changed.

    `row` counts the data rows of its file from 1. Records with the same `record_id` came with the
    same id in the CRM; `ordinal` tells them apart, and the first has 0.
    """

    import_id: UUID
    source: str
    row: int
    record_id: UUID
    ordinal: int
    facts: Facts
    person: Sealed[Person]
    phone: Phone | None = None
    mailbox: Mailbox | None = None
    history: Sealed[History] | None = None


class ImportEnded(Event, topic="import.ended", about="workspace"):
    """An import is complete: this is what the row equation is held against."""

    import_id: UUID
    source: str
    records: int
    changed: int
