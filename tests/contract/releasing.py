"""Released schemas: what other versions of the services may rely on.

`python -m tests.contract.releasing` releases every event as it is now: its schema and an example. A
released event only grows optional fields; one that must change otherwise gets a new version beside
the old one. The example of each earlier release stays, for what was said then lies on the bus for
ever.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import shared.events
from shared.events import Event
from shared.events.base import ENVELOPE
from tests.examples import all_examples

FOLDER = Path(shared.events.__file__).parent / "released"
EARLIER = FOLDER / "earlier"
Schema = dict[str, Any]


def schema_file(kind: type[Event]) -> Path:
    return FOLDER / f"{kind.topic}.v{kind.version}.schema.json"


def example_file(kind: type[Event]) -> Path:
    return FOLDER / f"{kind.topic}.v{kind.version}.example.json"


def earlier_examples(kind: type[Event]) -> list[Path]:
    """The examples of earlier releases, the oldest first."""
    files = EARLIER.glob(f"{kind.topic}.v{kind.version}.*.json")
    return sorted(files, key=lambda file: int(file.stem.rpartition(".")[2]))


def schema_of(kind: type[Event]) -> Schema:
    """The schema of an event's body."""
    schema = kind.model_json_schema()
    for name in ENVELOPE:
        schema["properties"].pop(name, None)
    schema["required"] = [name for name in schema.get("required", []) if name not in ENVELOPE]
    return schema


def breaks(released: Schema, current: Schema) -> Iterator[str]:
    """What a reader or writer of the released schema would stumble over, each in a sentence."""
    old, new = _resolved(released), _resolved(current)
    yield from _differences("", old, new)


def _differences(place: str, old: Schema, new: Schema) -> Iterator[str]:
    old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
    yield from (f"{place}{name} was removed" for name in old_fields if name not in new_fields)
    for name in set(new.get("required", [])) - set(old.get("required", [])):
        yield f"{place}{name} became required"
    for name in old_fields.keys() & new_fields.keys():
        yield from _differences(f"{place}{name}.", old_fields[name], new_fields[name])
    if old.get("type") != new.get("type"):
        yield f"{place} changed its type from {old.get('type')} to {new.get('type')}"
    gone = set(old.get("enum", [])) - set(new.get("enum", []))
    yield from (f"{place} no longer knows {value}" for value in sorted(gone))
    if "items" in old and "items" in new:
        yield from _differences(f"{place}[].", old["items"], new["items"])
    for which, (before, after) in enumerate(
        zip(old.get("anyOf", []), new.get("anyOf", []), strict=False)
    ):
        yield from _differences(f"{place}anyOf{which}.", before, after)


def _resolved(schema: Schema) -> Schema:
    definitions = schema.get("$defs", {})

    def resolve(node: Any) -> Any:
        if isinstance(node, list):
            return [resolve(one) for one in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return resolve(definitions[node["$ref"].rpartition("/")[2]])
        return {key: resolve(value) for key, value in node.items() if key != "$defs"}

    resolved: Schema = resolve(schema)
    return resolved


def release() -> None:
    """Release every event. Ends with a sentence, and releases nothing, where one would break."""
    events = all_examples()
    if broken := [fault for event in events for fault in _broken(type(event))]:
        sys.exit("\n".join(["Not released; raise the event's version instead:", *broken]))
    for event in events:
        _release(event)


def _broken(kind: type[Event]) -> list[str]:
    if not (file := schema_file(kind)).exists():
        return []
    faults = breaks(json.loads(file.read_text()), schema_of(kind))
    return [f"{kind.topic}: {fault}" for fault in faults]


def _release(event: Event) -> None:
    kind = type(event)
    schema = json.dumps(schema_of(kind), indent=1, sort_keys=True) + "\n"
    example = json.dumps(json.loads(event.body()), indent=1) + "\n"
    file = schema_file(kind)
    if file.exists() and file.read_text() != schema:
        number = len(earlier_examples(kind)) + 1
        kept = EARLIER / f"{kind.topic}.v{kind.version}.{number}.json"
        kept.write_text(example_file(kind).read_text())
    file.write_text(schema)
    example_file(kind).write_text(example)


if __name__ == "__main__":
    release()
