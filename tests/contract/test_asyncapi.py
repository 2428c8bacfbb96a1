"""The documents of events say what the code does, and say it as it is now."""

import jsonschema
import pytest
import yaml

from deploy import asyncapi
from shared.topics import TOPICS
from tests.compose import ROOT


@pytest.fixture(scope="module")
def whole():
    return asyncapi.document()


def test_the_documents_are_fresh(whole) -> None:
    remedy = "write it with `make schemas`"
    assert asyncapi.DOCUMENT.read_text() == asyncapi.as_yaml(whole), remedy
    assert asyncapi.PAGE.read_text() == asyncapi.page(whole), remedy


def test_every_topic_is_said_by_its_writers_and_heard_by_its_readers(whole) -> None:
    document = yaml.safe_load((ROOT / "docs" / "asyncapi.yaml").read_text())
    for topic in TOPICS:
        said = {f"{who} says {topic.name}" for who in topic.writer.split(", ")}
        heard = {f"{who} hears {topic.name}" for who in topic.readers}
        its = {name for name in document["operations"] if name.endswith(f" {topic.name}")}
        assert its == said | heard
    assert document["channels"].keys() == {topic.name for topic in TOPICS}


def test_every_reference_leads_somewhere_and_every_example_fits(whole) -> None:
    for where in references(whole):
        place = whole
        for step in where.removeprefix("#/").split("/"):
            place = place[step]
    for message in whole["components"]["messages"].values():
        schema = {"$ref": message["payload"]["$ref"], "components": whole["components"]}
        for example in message["examples"]:
            jsonschema.Draft202012Validator(schema).validate(example["payload"])


def references(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_no_part_of_the_envelope_is_in_a_body(whole) -> None:
    for topic in TOPICS:
        schema = whole["components"]["schemas"][topic.event.__name__]
        assert not {"subject", "cause_id", "workspace_id"} & schema["properties"].keys()
