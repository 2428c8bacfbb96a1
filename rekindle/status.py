"""How every service is, in words: those that answer, and what follows from those that do not."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

import httpx
from pydantic import BaseModel

from rekindle.catalogue import SERVICES
from rekindle.internal_client import HERE, Home, InternalRefusedError, homes_of
from rekindle.place import Place

State = Literal["ready", "not ready", "at rest", "down"]
WITHOUT = {
    "console": "no campaign can be signed, started or paused",
    "crm_sync": "no list is published, and no outcome written back",
    "triage": "nobody new is admitted; changed facts wait",
    "orchestrator": "nothing new is asked to be sent",
    "channels": "nothing is sent, and no reply is heard until providers say it again",
    "agent": "replies are not understood; after some hours they go to a person",
    "booking": "no call is booked",
}


class Status(BaseModel):
    """One service in one process. Figures are missing where it could not be asked for them."""

    service: str
    at: str  # the address of its process; empty where there is none
    state: State
    to_hear: dict[str, int] = {}  # events on the bus that it has yet to hear, by topic
    view_seconds: float | None = None  # age of its oldest view
    unpublished_seconds: float | None = None  # age of the oldest event that the bus has yet to take
    waiting: dict[str, int] = {}  # what waits for a person, by kind
    sentences: list[str] = []  # what is wrong, and what follows


async def look(place: Place) -> list[Status]:
    """Every service of the running system, or of the data at rest.

    Raises EngineError where there is neither, and InternalRefusedError where the token is another.
    """
    async with homes_of(place, SERVICES) as homes:
        answers = await asyncio.gather(*(_ask(home) for home in homes))
    found = [status for answer in answers for status in answer]
    there = {status.service for status in found}
    lost = [_down(name) for name in SERVICES if name not in there]
    silent = [_silent(home.url) for home in homes if not home.services]
    return [*sorted([*found, *lost], key=lambda its: SERVICES.index(its.service)), *silent]


async def _ask(home: Home) -> list[Status]:
    if not home.services:
        return []
    try:
        answer = (await home.client.get("/readyz")).json()
    except (httpx.HTTPError, ValueError):
        return [_silent(home.url)]
    if "figures" not in answer:
        sentence = (
            f"{home.url} knows another token: set INTERNAL_TOKEN or MASTER_KEY_FILE as it does."
        )
        raise InternalRefusedError(sentence)
    return [_status(home, name, answer) for name in home.services]


def _status(home: Home, name: str, answer: Mapping[str, Any]) -> Status:
    figures, resting = answer["figures"][name], home.url == HERE
    complaints = [one for one in answer["complaints"] if one["service"] == name]
    if resting:  # a view is as old as the data's rest
        complaints = [one for one in complaints if one["name"] != "view"]
    waiting: Counter[str] = Counter()
    for one in complaints:
        waiting[one["name"]] += one["waiting"]
    stops = any(one["stops"] for one in complaints)
    ages = [*figures["view_seconds"].values()]
    return Status(
        service=name,
        at="" if resting else home.url,
        state="at rest" if resting else "not ready" if stops else "ready",
        to_hear={topic: n for topics in figures["lag"].values() for topic, n in topics.items()},
        view_seconds=None if resting or None in ages else max(ages, default=None),
        unpublished_seconds=figures["unpublished_seconds"],
        waiting=+waiting,
        sentences=[one["sentence"] for one in complaints],
    )


def _down(name: str) -> Status:
    sentence = f"{name} is down: {WITHOUT[name]}; start it with `rekindle serve {name}`"
    return Status(service=name, at="", state="down", sentences=[sentence])


def _silent(url: str) -> Status:
    sentence = f"nobody answers at {url}: start the process, or correct INTERNAL_URLS"
    return Status(service="?", at=url, state="down", sentences=[sentence])
