"""The services' internal endpoints from outside: what operators ask of a running system.

Where none runs on a folder, its engines are started and the same is done on its data: repairs are
transactions, which need no process at work.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from rekindle.catalogue import build
from rekindle.engines import endpoint
from rekindle.migrating import migrate
from rekindle.place import Place, settings_of
from shared.clock import utc_now
from shared.internal import make_app
from shared.process import given_back
from shared.settings import Settings

HERE = "http://here"  # the host of requests that never leave this process
ANSWER_SECONDS_MAX = 120.0  # a retry may wait for a lane, once per contact


class InternalRefusedError(RuntimeError):
    """A service did not do what was asked; the sentence is its own."""


class NobodyUpError(RuntimeError):
    """No process of a service answers; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class InternalClient:
    """Asks each service where it is."""

    homes: Mapping[str, httpx.AsyncClient]  # by service

    async def ask(self, service: str, method: str, path: str, **body: object) -> dict[str, Any]:
        """What the service says. Raises InternalRefusedError with its sentence when it refuses."""
        try:
            answer = await self.homes[service].request(
                method, f"/{service}/{path}", json=body or None
            )
        except httpx.HTTPError as error:
            sentence = f"{service} went away while it was asked: look again, then repeat."
            raise InternalRefusedError(sentence) from error
        if answer.is_error:
            raise InternalRefusedError(f"{service} refuses: {_reason(answer)}")
        found: dict[str, Any] = answer.json()
        return found


@dataclass(frozen=True, slots=True)
class Home:
    """Who answers for some services: a process at work, or the data of a place at rest."""

    url: str
    services: Sequence[str]  # none where nobody answers
    client: httpx.AsyncClient


@asynccontextmanager
async def homes_of(place: Place, wanted: Sequence[str]) -> AsyncIterator[list[Home]]:
    """Where INTERNAL_URLS says, else what runs on the place, else its data.

    Raises EngineError when there is nothing at all.
    """
    settings = Settings()
    async with AsyncExitStack() as stack:
        if settings.internal_urls:
            urls = addresses(settings.internal_urls, wanted)
            yield [await _home(stack, url, settings.token()) for url in urls]
        elif url := endpoint(place.folder):
            yield [await _home(stack, url, place.settings("", "").token())]
        else:
            yield [await _at_rest(stack, place, wanted)]


@asynccontextmanager
async def services_of(place: Place, wanted: Sequence[str]) -> AsyncIterator[InternalClient]:
    """These services, wherever they are. Raises NobodyUpError when one of them is not up."""
    async with homes_of(place, wanted) as found:
        homes = {name: home.client for home in found for name in home.services}
        if missing := [name for name in wanted if name not in homes]:
            raise NobodyUpError(
                f"No process of {', '.join(missing)} answers: start one with `rekindle serve "
                f"{missing[0]}`, name its address in INTERNAL_URLS, or choose with --service."
            )
        yield InternalClient(homes)


def ask_each(
    data: Path, wanted: Sequence[str], method: str, path: str, **body: object
) -> list[dict[str, Any]]:
    """The rows that these services answer with, one after another."""

    async def ask() -> list[dict[str, Any]]:
        async with services_of(Place(data), wanted) as client:
            answers = [await client.ask(name, method, path, **body) for name in wanted]
        return [row for answer in answers for rows in answer.values() for row in rows]

    return asyncio.run(ask())


def addresses(urls: str, wanted: Sequence[str]) -> list[str]:
    """The addresses in INTERNAL_URLS, each once; `{service}` stands for every service."""
    words = urls.replace(",", " ").split()
    named = (word.replace("{service}", name) for word in words for name in wanted)
    return list(dict.fromkeys(named))


async def _home(stack: AsyncExitStack, url: str, token: str) -> Home:
    """Who answers at this address."""
    try:
        client = await stack.enter_async_context(_client(token, base_url=url))
        names = (await client.get("/healthz")).raise_for_status().json()["services"]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError):
        return Home(url, [], _client(token))
    return Home(url, names, client)


async def _at_rest(stack: AsyncExitStack, place: Place, wanted: Sequence[str]) -> Home:
    """The services without a process, on the data of the place."""
    settings = stack.enter_context(settings_of(place))
    migrate(settings)
    services = [build(name, settings, utc_now) for name in wanted]
    stack.push_async_callback(given_back, [one for its in services for one in its.engines])
    transport = httpx.ASGITransport(make_app(services, settings.token()))
    client = _client(settings.token(), base_url=HERE, transport=transport)
    return Home(HERE, wanted, await stack.enter_async_context(client))


def _client(token: str, **more: Any) -> httpx.AsyncClient:  # noqa: ANN401  httpx's own
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(headers=headers, timeout=ANSWER_SECONDS_MAX, **more)


def _reason(answer: httpx.Response) -> str:
    """The sentence of a refusal."""
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return "the token is another; set INTERNAL_TOKEN or MASTER_KEY_FILE as the services do."
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError, TypeError):
        return f"it answered {answer.status_code}; see its log."
