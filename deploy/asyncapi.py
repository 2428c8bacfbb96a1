"""Writes what services say to one another as AsyncAPI 3 and as a page: `make schemas`.

The receiving side is asked of the services as they are built, the sending side of the map of
topics, payloads of the events themselves, and the examples are the released ones. So the document
cannot say anything that the code does not.
"""

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined
from pydantic.json_schema import models_json_schema

import shared.events
from rekindle.catalogue import SERVICES, build
from shared.bus.envelope import NAMES, REQUIRED
from shared.clock import utc_now
from shared.events.base import ENVELOPE, Event
from shared.ids import LANES
from shared.privacy.master import make_key
from shared.settings import Settings
from shared.topics import TOPICS, Topic

ROOT = Path(__file__).parent.parent
DOCUMENT, PAGE = ROOT / "docs" / "asyncapi.yaml", ROOT / "docs" / "events.html"
RELEASED = Path(shared.events.__file__).parent / "released"
SCHEMAS = "#/components/schemas/"
TEMPLATES = Environment(
    loader=ChoiceLoader([FileSystemLoader(Path(__file__).parent), PackageLoader("rekindle")]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
Json = dict[str, Any]


def hearing() -> dict[str, list[str]]:
    """The topics that each consumer group hears, asked of the services."""
    groups = {}
    with TemporaryDirectory() as folder:
        key = Path(folder) / "master.key"
        make_key(key)
        for name in SERVICES:
            service = build(name, Settings(master_key_file=key), utc_now)
            for member in service.members:
                groups[member.lanes.group] = member.lanes.topics
            for engine in service.engines:
                engine.dispose()
    return groups


def document() -> Json:
    """The whole, as AsyncAPI 3."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Rekindle",
            "version": version("rekindle"),
            "description": "What the services say to one another. Every event is CloudEvents 1.0 "
            "in binary mode: the envelope in headers, the rest as JSON. Sealed fields hold words "
            "and addresses under a key of their contact.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": dict(_operations()),
        "components": {
            "messages": {topic.event.__name__: _message(topic) for topic in TOPICS},
            "schemas": {"Envelope": _envelope(), **_schemas()},
        },
    }


def _channel(topic: Topic) -> Json:
    name = topic.event.__name__
    return {
        "address": topic.name,
        "description": _words(topic.event),
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {"kafka": {"topic": topic.name, "partitions": LANES}},
    }


def _operations() -> Iterator[tuple[str, Json]]:
    for topic in TOPICS:
        for writer in topic.writer.split(", "):
            yield f"{writer} says {topic.name}", _operation("send", topic)
    known = {topic.name: topic for topic in TOPICS}
    for group, names in hearing().items():
        for name in names:
            yield f"{group} hears {name}", _operation("receive", known[name])


def _operation(action: str, topic: Topic) -> Json:
    channel = f"#/channels/{topic.name}"
    message = f"{channel}/messages/{topic.event.__name__}"
    return {"action": action, "channel": {"$ref": channel}, "messages": [{"$ref": message}]}


def _message(topic: Topic) -> Json:
    event = topic.event
    example = RELEASED / f"{event.topic}.v{event.version}.example.json"
    return {
        "name": event.topic,
        "title": event.__name__,
        "summary": f"Version {event.version}, about a {event.about}.",
        "headers": {"$ref": f"{SCHEMAS}Envelope"},
        "payload": {"$ref": f"{SCHEMAS}{event.__name__}"},
        "bindings": {"kafka": {"key": {"type": "string", "format": "uuid"}}},
        "examples": [{"payload": json.loads(example.read_text())}],
    }


def _envelope() -> Json:
    return {
        "type": "object",
        "description": "CloudEvents 1.0; every header is text.",
        "required": list(REQUIRED),
        "properties": {name: {"type": "string"} for name in sorted(NAMES)},
    }


def _schemas() -> Json:
    """The bodies of all events, each part once."""
    kinds = [(topic.event, "validation") for topic in TOPICS]
    _, found = models_json_schema(kinds, ref_template=SCHEMAS + "{model}")  # type: ignore[arg-type]  # a literal
    schemas: Json = found["$defs"]
    for topic in TOPICS:
        its = schemas[topic.event.__name__]
        for name in ENVELOPE:
            its["properties"].pop(name, None)
        its["required"] = [name for name in its.get("required", []) if name not in ENVELOPE]
    return dict(sorted(schemas.items()))


def _words(event: type[Event]) -> str:
    return " ".join((event.__doc__ or "").split())


def page(whole: Mapping[str, Any]) -> str:
    """The same for people: a table of all events, then each with its fields and an example."""
    template = TEMPLATES.get_template("events.html.j2")
    events = [_told(topic, whole["components"]) for topic in TOPICS]
    return template.render(version=version("rekindle"), events=events)


def _told(topic: Topic, components: Mapping[str, Any]) -> Json:
    schema = components["schemas"][topic.event.__name__]
    message = components["messages"][topic.event.__name__]
    fields = [
        {"name": name, "type": _type(its), "needed": name in schema["required"]}
        for name, its in schema["properties"].items()
    ]
    return {
        "name": topic.name,
        "said_by": topic.writer,
        "heard_by": topic.readers,
        "words": _words(topic.event),
        "version": topic.event.version,
        "about": topic.event.about,
        "sealed": topic.personal,
        "fields": fields,
        "example": json.dumps(message["examples"][0]["payload"], indent=1, ensure_ascii=False),
    }


def _type(schema: Mapping[str, Any]) -> str:
    """A field's type in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(SCHEMAS)
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "items" in schema:
        return f"list of {_type(schema['items'])}"
    if "prefixItems" in schema:
        return f"{len(schema['prefixItems'])} times {_type(schema['prefixItems'][0])}"
    if isinstance(more := schema.get("additionalProperties"), dict):
        return f"map to {_type(more)}"
    named = str(schema.get("format") or schema.get("type") or schema.get("const") or "anything")
    return named.replace("null", "nothing")


def as_yaml(whole: Json) -> str:
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=100)


if __name__ == "__main__":
    found = document()
    DOCUMENT.write_text(as_yaml(found))
    PAGE.write_text(page(found))
