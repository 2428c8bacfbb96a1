"""The master key, from which follow the key that wraps contact keys and that of the hashes."""

import os
import secrets
import stat
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.privacy.hashes import Hasher

KEY_BYTES = 32


class MasterKeyError(RuntimeError):
    """There is no usable master key; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """32 secret bytes. Whoever loses them loses every sealed field."""

    secret: bytes

    def __repr__(self) -> str:
        return "MasterKey(…)"

    def wrapping(self) -> bytes:
        """The key under which contact keys rest."""
        return self._derive(b"wrap contact keys")

    def hasher(self, workspace_id: UUID) -> Hasher:
        """The keyed hashes of one workspace."""
        return Hasher(self._derive(b"keyed hashes"), workspace_id)

    def token(self, purpose: str) -> str:
        """A secret word for one purpose, the same in every process."""
        return self._derive(f"token {purpose}".encode()).hex()

    def _derive(self, purpose: bytes) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose).derive(self.secret)


def key_from_seed(seed: int) -> MasterKey:
    """The demo's key. It guards nothing but the demo's invented people."""
    return MasterKey(sha256(f"rekindle demo {seed}".encode()).digest())


def read_key(path: Path) -> MasterKey:
    """The key in a file of mode 0600. Raises MasterKeyError with the remedy."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        secret = bytes.fromhex(path.read_text().strip())
    except FileNotFoundError as error:
        sentence = f"There is no master key at {path}: `rekindle up` makes one; back it up."
        raise MasterKeyError(sentence) from error
    except (OSError, ValueError) as error:
        sentence = f"The master key at {path} cannot be read: it must hold 64 hexadecimal digits."
        raise MasterKeyError(sentence) from error
    if mode & 0o077:
        sentence = f"Others can read the master key at {path}: `chmod 600 {path}`."
        raise MasterKeyError(sentence)
    if len(secret) != KEY_BYTES:
        sentence = f"The master key at {path} has {len(secret)} bytes instead of {KEY_BYTES}."
        raise MasterKeyError(sentence)
    return MasterKey(secret)


def make_key(path: Path) -> MasterKey:
    """A new key in a file of mode 0600; one that is there is read instead."""
    if path.exists():
        return read_key(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_bytes(KEY_BYTES)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secret.hex() + "\n")
    return MasterKey(secret)
