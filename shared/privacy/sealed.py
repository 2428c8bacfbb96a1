"""Sealed fields: the only place where names, addresses, numbers and words may travel and rest.

AES-256-GCM under the contact's own key (NIST SP 800-38D), a random nonce of 12 bytes in front, the
contact's id as associated data, so that a field moved to another contact does not open. When the
key is destroyed, every copy is forgotten at once.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import GetCoreSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T")
NONCE_BYTES = 12


class ForgottenError(LookupError):
    """The contact has no key: it was erased, or never had one."""


class SealBrokenError(ValueError):
    """The field was altered, or belongs to another contact."""


@dataclass(frozen=True, slots=True)
class ContactKey:
    """The key of one contact. Never printed, never stored unwrapped."""

    contact_id: UUID
    secret: bytes

    def __repr__(self) -> str:
        return f"ContactKey({self.contact_id})"


class Sealed(Generic[T]):
    """A value that only its contact's key opens. `text` is safe to store, send and log."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return "Sealed(…)"

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        text = core_schema.str_schema(
            metadata={"pydantic_js_updates": {"contentEncoding": "sealed"}}
        )
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(cls, text),
            python_schema=core_schema.union_schema(
                [
                    core_schema.is_instance_schema(cls),
                    core_schema.no_info_after_validator_function(cls, text),
                ]
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda sealed: sealed.text, return_schema=core_schema.str_schema()
            ),
        )


def seal(value: T, kind: type[T], key: ContactKey) -> Sealed[T]:
    """Close a value of this kind under the contact's key."""
    nonce = os.urandom(NONCE_BYTES)
    plain = _adapter(kind).dump_json(value)
    box = AESGCM(key.secret).encrypt(nonce, plain, key.contact_id.bytes)
    return Sealed(urlsafe_b64encode(nonce + box).decode())


def unseal(sealed: Sealed[T], kind: type[T], key: ContactKey) -> T:
    """Open a field. Raises SealBrokenError when it was altered or is another contact's."""
    box = urlsafe_b64decode(sealed.text)
    nonce, rest = box[:NONCE_BYTES], box[NONCE_BYTES:]
    try:
        plain = AESGCM(key.secret).decrypt(nonce, rest, key.contact_id.bytes)
    except InvalidTag as error:
        sentence = f"A sealed field of contact {key.contact_id} does not open."
        raise SealBrokenError(sentence) from error
    value: T = _adapter(kind).validate_json(plain)
    return value


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401  any type that pydantic knows
    """Made once per kind: making one costs a thousand times what using it does."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
