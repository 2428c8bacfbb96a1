"""An event that was released never changes its meaning: it only grows optional fields."""

import json

import pytest
from jsonschema import Draft202012Validator

from shared.events import Event
from shared.topics import TOPICS
from tests.contract import releasing
from tests.contract.releasing import (
    EARLIER,
    breaks,
    earlier_examples,
    example_file,
    schema_file,
    schema_of,
)
from tests.examples import all_examples

KINDS = [topic.event for topic in TOPICS]
REMEDY = "release it with `make schemas`"
ENVELOPE = {
    "subject": "6a1e8dc5-2f5a-5f3e-9b7d-2c9f0a4d7b11",
    "workspace_id": "6a1e8dc5-2f5a-5f3e-9b7d-2c9f0a4d7b12",
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.topic)
def test_every_topic_has_a_released_schema_that_the_event_still_keeps(kind: type[Event]) -> None:
    assert schema_file(kind).exists(), f"{kind.topic} has no released schema: {REMEDY}"
    released = json.loads(schema_file(kind).read_text())
    assert list(breaks(released, schema_of(kind))) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.topic)
def test_the_released_example_decodes_and_fits_the_released_schema(kind: type[Event]) -> None:
    body = example_file(kind).read_bytes()
    event = kind.from_bus(body, ENVELOPE)
    Draft202012Validator(json.loads(schema_file(kind).read_text())).validate(json.loads(body))
    assert json.loads(event.body()) == json.loads(body)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.topic)
def test_every_earlier_example_still_decodes_and_fits_what_was_released_since(
    kind: type[Event],
) -> None:
    schema = Draft202012Validator(json.loads(schema_file(kind).read_text()))
    for file in earlier_examples(kind):
        said = json.loads(file.read_bytes())
        schema.validate(said)
        read = json.loads(kind.from_bus(file.read_bytes(), ENVELOPE).body())
        assert nested(said, read), file


def nested(old: object, new: object) -> bool:
    """Whether everything old is in the new, which may have grown fields."""
    if isinstance(old, dict) and isinstance(new, dict):
        return all(key in new and nested(value, new[key]) for key, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(nested, old, new))
    return old == new


def test_no_earlier_example_is_of_an_event_that_there_is_not() -> None:
    known = {file for kind in KINDS for file in earlier_examples(kind)}
    assert known == set(EARLIER.iterdir())


def test_a_release_keeps_the_example_before_it_and_refuses_to_break(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(releasing, "FOLDER", tmp_path)
    monkeypatch.setattr(releasing, "EARLIER", tmp_path / "earlier")
    (tmp_path / "earlier").mkdir()
    releasing.release()
    kind = KINDS[0]
    file = releasing.schema_file(kind)
    schema = json.loads(file.read_text())
    grown = schema["properties"] | {"of_yesterday": {"type": "string"}}
    file.write_text(json.dumps(schema | {"properties": grown}))
    with pytest.raises(SystemExit, match="of_yesterday was removed"):
        releasing.release()
    file.write_text(json.dumps(schema))
    releasing.release()
    assert [one.name for one in releasing.earlier_examples(kind)] == [f"{kind.topic}.v1.1.json"]


def test_new_examples_fit_the_released_schemas() -> None:
    for event in all_examples():
        schema = json.loads(schema_file(type(event)).read_text())
        Draft202012Validator(schema).validate(json.loads(event.body()))


def test_there_is_an_example_of_every_topic() -> None:
    assert [type(event) for event in all_examples()] == KINDS


def test_a_removed_a_required_and_a_retyped_field_are_all_noticed() -> None:
    old = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    new = {
        "type": "object",
        "properties": {"b": {"type": "integer"}, "c": {"type": "string"}},
        "required": ["c"],
    }
    assert sorted(breaks(old, new)) == [
        "a was removed",
        "b. changed its type from string to integer",
        "c became required",
    ]


def test_fields_of_a_later_version_are_ignored() -> None:
    kind = KINDS[0]
    body = json.loads(example_file(kind).read_text()) | {"of_tomorrow": 1}
    assert kind.from_bus(json.dumps(body).encode(), ENVELOPE)
