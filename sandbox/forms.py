"""Holds a request against the provider's published specification, more strictly than usual.

A form field or a JSON key that the specification does not know is refused, which is what finds
typing errors; everything arrives as text and is read as the declared type first.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

Schema = dict[str, Any]


class Spec:
    """One OpenAPI document, for checking the bodies of requests."""

    def __init__(self, name: str) -> None:
        text = files("sandbox").joinpath("specs", name).read_text(encoding="utf-8")
        self.document: Schema = json.loads(text)

    @cache  # noqa: B019  a spec lives as long as the process
    def validator(self, path: str, media: str) -> Draft202012Validator:
        """For the body of `POST path` in this media type."""
        content = self.document["paths"][path]["post"]["requestBody"]["content"]
        schema = self._strict(content[media]["schema"])
        return Draft202012Validator(schema)

    def _strict(self, schema: Any) -> Any:  # noqa: ANN401  a JSON Schema is any JSON
        """The schema with its references resolved and unknown keys forbidden."""
        if isinstance(schema, list):
            return [self._strict(one) for one in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return self._strict(self._find(schema["$ref"]))
        if "nullable" in schema and "type" in schema:
            schema = {**schema, "type": [schema["type"], "null"]}
        strict = {key: self._strict(value) for key, value in schema.items()}
        if "properties" in strict:
            strict.setdefault("additionalProperties", False)
        return strict

    def _find(self, reference: str) -> Schema:
        found: Any = self.document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        resolved: Schema = found
        return resolved


def check_form(
    validator: Draft202012Validator, pairs: Iterable[tuple[str, str]]
) -> tuple[dict[str, Any], str]:
    """The form's fields, and what is wrong with them; empty when nothing is."""
    properties: Mapping[str, Schema] = validator.schema.get("properties", {})
    fields: dict[str, Any] = {}
    for name, text in pairs:
        schema = properties.get(name, {})
        if schema.get("type") == "array":
            fields.setdefault(name, []).append(text)
        else:
            fields[name] = _as_declared(text, schema)
    return fields, fault_in(validator, fields)


def fault_in(validator: Draft202012Validator, body: object) -> str:
    """The first thing that is wrong with a body; empty when nothing is."""
    for error in validator.iter_errors(body):
        place = ".".join(str(part) for part in error.absolute_path)
        return f"{place}: {error.message}" if place else error.message
    return ""


def _as_declared(text: str, schema: Schema) -> object:
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if "boolean" in kinds and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if "integer" in kinds and text.lstrip("-").isdigit():
        return int(text)
    return text
