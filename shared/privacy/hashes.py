"""Keyed hashes: how an address, a name or a CRM id is known without being told.

HMAC-SHA-256 (RFC 2104) under a key derived from the master key, cut to 128 bits. The workspace is
part of what is hashed, so that the same number has nothing in common in two workspaces.
"""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID, uuid5

HEX_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Hasher:
    """The keyed hashes of one workspace."""

    key: bytes
    workspace_id: UUID
    _begun: hmac.HMAC = field(init=False, repr=False, compare=False)  # with the workspace in it

    def __post_init__(self) -> None:
        begun = hmac.new(self.key, f"{self.workspace_id}\0".encode(), sha256)
        object.__setattr__(self, "_begun", begun)

    def __reduce__(self) -> tuple[type["Hasher"], tuple[bytes, UUID]]:
        return Hasher, (self.key, self.workspace_id)  # what is begun stays where it is

    def __repr__(self) -> str:
        return f"Hasher({self.workspace_id})"

    def phone(self, e164: str) -> str:
        """Of a number in E.164."""
        return self._hash("phone", e164)

    def mailbox(self, address: str) -> str:
        """Of an address as it is written to; case does not count."""
        return self._hash("mailbox", address.strip().lower())

    def alias(self, address: str) -> str:
        """The same for every spelling that reaches one box: plus tags, and dots at Gmail."""
        local, _, domain = address.strip().lower().rpartition("@")
        local = local.split("+", 1)[0]
        if domain in ("gmail.com", "googlemail.com"):
            local, domain = local.replace(".", ""), "gmail.com"
        return self._hash("alias", f"{local}@{domain}")

    def name(self, full_name: str) -> str:
        """Of a name, without regard to case and spacing; empty for no name."""
        folded = " ".join(full_name.casefold().split())
        return self._hash("name", folded) if folded else ""

    def content(self, text: str) -> str:
        """Of anything else, such as a whole row."""
        return self._hash("content", text)

    def contact_id(self, source: str, kind: str, record: str, ordinal: int = 0) -> UUID:
        """The id of a contact, from what the source calls it. Ordinals tell repeats apart."""
        base = uuid5(self.workspace_id, self._hash(f"contact/{source}/{kind}", record))
        return base if ordinal == 0 else uuid5(base, str(ordinal))

    def _hash(self, kind: str, text: str) -> str:
        its = self._begun.copy()
        its.update(f"{kind}\0{text}".encode())
        return its.hexdigest()[:HEX_DIGITS]
