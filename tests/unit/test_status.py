"""`rekindle status` tells of every service, whoever answers."""

from contextlib import asynccontextmanager

import httpx
import pytest

from rekindle import status
from rekindle.catalogue import SERVICES
from rekindle.commands.status import table
from rekindle.internal_client import HERE, Home, InternalRefusedError
from rekindle.place import Place

FIGURES = {"lag": {"triage": {"contact.imported": 7}}, "view_seconds": {"triage": 40.0},
           "unpublished_seconds": 2.0}  # fmt: skip
VIEW = {"service": "triage", "name": "view", "sentence": "view of triage 40 s behind: it waits",
        "stops": False, "waiting": 0}  # fmt: skip
PARKED = VIEW | {"name": "parked", "sentence": "2 parked in triage: nothing", "waiting": 2}


def home(url="http://a:1", services=("triage",), answer=None, figures=FIGURES):
    answer = {"ready": True, "complaints": [VIEW, PARKED], "figures": dict.fromkeys(
        services, figures)} if answer is None else answer  # fmt: skip
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))
    return Home(url, services, httpx.AsyncClient(transport=transport, base_url=url))


@pytest.fixture
def looked(monkeypatch, tmp_path):
    """`await looked(homes…)`: what is found, by service."""

    async def looked(*homes):
        @asynccontextmanager
        async def homes_of(place, wanted):
            yield homes

        monkeypatch.setattr(status, "homes_of", homes_of)
        return await status.look(Place(tmp_path))

    return looked


async def test_figures_and_sentences_are_those_of_the_service(looked):
    [triage] = [one for one in await looked(home()) if one.service == "triage"]
    assert (triage.state, triage.to_hear) == ("ready", {"contact.imported": 7})
    assert (triage.view_seconds, triage.unpublished_seconds) == (40.0, 2.0)
    assert triage.waiting == {"parked": 2}
    assert triage.sentences == [VIEW["sentence"], PARKED["sentence"]]


async def test_whoever_is_down_is_told_with_what_follows_and_the_remedy(looked):
    found = await looked(home(), home("http://b:1", services=()))
    assert [one.service for one in found] == [*SERVICES, "?"]
    assert {one.state for one in found if one.service != "triage"} == {"down"}
    for one in found[:-1]:
        assert one.service == "triage" or f"rekindle serve {one.service}" in one.sentences[0]
    assert found[-1].sentences[0].startswith("nobody answers at http://b:1")
    assert table(found).row_count == len(SERVICES) + 1


async def test_a_service_that_can_do_nothing_is_not_ready(looked):
    away = VIEW | {"name": "database", "stops": True}
    answer = {"complaints": [away], "figures": {"triage": FIGURES}}
    states = {one.service: one.state for one in await looked(home(answer=answer))}
    assert states["triage"] == "not ready"


async def test_at_rest_a_view_is_no_complaint(looked):
    found = await looked(home(HERE, SERVICES))
    assert {one.state for one in found} == {"at rest"}
    [triage] = [one for one in found if one.sentences]
    assert (triage.sentences, triage.view_seconds) == ([PARKED["sentence"]], None)


async def test_a_view_that_was_never_whole_has_no_age(looked):
    figures = FIGURES | {"view_seconds": {"a": 1.0, "b": None}}
    [triage] = [one for one in await looked(home(figures=figures)) if one.service == "triage"]
    assert triage.view_seconds is None


async def test_another_token_is_a_sentence(looked):
    with pytest.raises(InternalRefusedError, match="another token"):
        await looked(home(answer={"ready": True}))
