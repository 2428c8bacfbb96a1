"""A record as it leaves crm_sync: whatever identifies somebody under the contact's own key."""

from uuid import UUID

from services.crm_sync.matching import Arrived
from services.crm_sync.records import Record
from shared.events import ContactImported, History, Mailbox, Person, Phone
from shared.privacy.hashes import Hasher
from shared.privacy.sealed import ContactKey, seal


def sealed(
    arrived: Arrived, key: ContactKey, hasher: Hasher, import_id: UUID, source: str, ordinal: int
) -> ContactImported:
    """The event that tells of a record."""
    record = arrived.record
    return ContactImported(
        subject=key.contact_id,
        workspace_id=hasher.workspace_id,
        import_id=import_id,
        source=source,
        row=record.row,
        record_id=arrived.record_id,
        ordinal=ordinal,
        facts=record.facts,
        person=seal(record.person, Person, key),
        phone=_phone(record, key, hasher),
        mailbox=_mailbox(record, key, hasher),
        history=seal(record.history, History, key) if record.history else None,
    )


def _phone(record: Record, key: ContactKey, hasher: Hasher) -> Phone | None:
    number = record.number
    if number is None:
        return None
    return Phone(
        hash=hasher.phone(number.e164),
        sealed=seal(number.e164, str, key),
        region=number.region,
        line=number.line,
        whatsapp=record.whatsapp,
    )


def _mailbox(record: Record, key: ContactKey, hasher: Hasher) -> Mailbox | None:
    address = record.mailbox
    if address is None:
        return None
    return Mailbox(
        hash=hasher.mailbox(address),
        alias_hash=hasher.alias(address),
        sealed=seal(address, str, key),
    )
