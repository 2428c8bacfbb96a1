"""A word that names a touch and that nobody else can make: for reply addresses and links.

It holds the touch's id and an HMAC-SHA-256 of it (RFC 2104), cut to 64 bits; hexadecimal, because
a mail address loses its capitals on the way.
"""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

ID_DIGITS = 32
MAC_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes and reads them under one secret."""

    secret: bytes = field(repr=False)

    def make(self, touch_id: UUID) -> str:
        return touch_id.hex + hmac.new(self.secret, touch_id.bytes, sha256).hexdigest()[:MAC_DIGITS]

    def read(self, token: str) -> UUID | None:
        """The touch that it names; None when we did not make it."""
        digits = token.lower()
        try:
            touch_id = UUID(hex=digits[:ID_DIGITS])
        except ValueError:
            return None
        genuine = hmac.compare_digest(digits.encode(), self.make(touch_id).encode())
        return touch_id if genuine else None
