"""`shared/topics.py` is the map of the flow: it says what the code does, no more and no less."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

import services
from rekindle.catalogue import SERVICES, build
from shared.clock import utc_now
from shared.events.base import ENVELOPE, Woke
from shared.privacy.master import make_key
from shared.settings import Settings
from shared.topics import TOPICS

FOLDER = Path(services.__file__).parent


@pytest.fixture(scope="module")
def heard(tmp_path_factory) -> dict[str, set[str]]:
    """What each consumer group subscribes to, asked of the services as they are built."""
    key = tmp_path_factory.mktemp("keys") / "master.key"
    make_key(key)
    settings = Settings(master_key_file=key)
    groups = defaultdict(set)
    for name in SERVICES:
        service = build(name, settings, utc_now)
        for member in service.members:
            groups[member.lanes.group] |= set(member.lanes.topics) - {Woke.topic}
        for engine in service.engines:
            engine.dispose()
    return groups


def said() -> dict[str, set[str]]:
    """Which services make which events, read from their source."""
    kinds = {topic.event.__name__: topic.name for topic in TOPICS}
    writers = defaultdict(set)
    for name in SERVICES:
        for file in (FOLDER / name).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if not isinstance(node, ast.Call) or not node.keywords:
                    continue
                called = node.func.id if isinstance(node.func, ast.Name) else ""
                if called in kinds and any(its.arg == "subject" for its in node.keywords):
                    writers[kinds[called]].add(name)
    return writers


def test_every_group_hears_what_the_map_says(heard) -> None:
    mapped = defaultdict(set)
    for topic in TOPICS:
        for group in topic.readers:
            mapped[group].add(topic.name)
    assert heard == mapped


def test_every_topic_is_written_by_whom_the_map_says() -> None:
    writers = said()
    for topic in TOPICS:
        named = set(topic.writer.replace(" ", "").split(","))
        made = writers.get(topic.name, set())
        assert made <= named, topic.name
        assert made == named or topic.name.startswith(("message.", "reply.", "contact.suppressed"))


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_is_personal_exactly_when_its_event_has_sealed_fields(topic) -> None:
    fields = {n: f for n, f in topic.event.model_fields.items() if n not in ENVELOPE}
    sealed = "Sealed" in str(fields) or any(
        word in str(fields) for word in ("Person", "Mailbox", "Phone")
    )
    assert sealed == topic.personal


def test_there_are_no_two_topics_of_one_name() -> None:
    names = [topic.name for topic in TOPICS]
    assert len(names) == len(set(names))
