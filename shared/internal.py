"""The internal HTTP endpoint of a process: its health, and what waits for a person in it.

It serves every service of the process under the service's name, to the holder of the internal
token. Any process of a service may be asked: what it writes, it writes under the lane's lock, so
that it takes turns with the lane's owner.
"""

import asyncio
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.bus import Lanes, Parked, Retried, parked_drop, parked_list, parked_retry
from shared.bus.faults import described, is_temporary
from shared.health import Health, Report, levels
from shared.service import Service
from shared.settings import Settings
from shared.telemetry.metrics import PAGE_TYPE, page
from shared.web import HttpServer

T = TypeVar("T")
Wish = TypeVar("Wish", bound=BaseModel)


def endpoint(settings: Settings, services: Sequence[Service]) -> HttpServer:
    """The endpoint of a process in which these services work."""
    app = make_app(services, settings.token())
    return HttpServer(app, settings.internal_host, settings.internal_port, "internal endpoint")


def make_app(services: Sequence[Service], token: str) -> Starlette:
    """All routes. Whether the process lives and is ready is answered to anybody, not why."""
    probes = Probes({service.name: Health(service) for service in services}, token)
    mounts = [
        Mount(f"/{service.name}", routes=[*Repairs(service).routes(), *service.routes])
        for service in services
    ]
    page = Route("/metrics", probes.metrics)
    guarded = Mount("/", routes=[page, *mounts], middleware=[Middleware(Guard, token)])
    return Starlette(
        routes=[Route("/healthz", probes.alive), Route("/readyz", probes.ready), guarded],
        exception_handlers={HTTPException: refused, ValidationError: misunderstood},
    )


@dataclass(frozen=True, slots=True)
class Probes:
    """What whoever keeps processes running asks of this one; its token holder learns more."""

    healths: Mapping[str, Health]  # by service
    token: str

    async def alive(self, _: Request) -> Response:
        return said({"services": list(self.healths)})

    async def metrics(self, _: Request) -> Response:
        """The page that Prometheus reads."""
        return Response(page(levels(await self._looked())), media_type=PAGE_TYPE)

    async def _looked(self) -> dict[str, Report]:
        looked = await asyncio.gather(*(health.look() for health in self.healths.values()))
        return dict(zip(self.healths, looked, strict=True))

    async def ready(self, request: Request) -> Response:
        """Not ready while a service can do nothing at all; a complaint alone still lets it work."""
        reports = await self._looked()
        ready = all(report.ready for report in reports.values())
        answer: dict[str, object] = {"ready": ready}
        if knows(request, self.token):
            answer["figures"] = {service: report.figures for service, report in reports.items()}
            answer["complaints"] = [
                {"service": service, **one._asdict()}
                for service, report in reports.items()
                for one in report.complaints
            ]
        return said(answer, 200 if ready else 503)


def knows(request: Request, token: str) -> bool:
    """Whether the request shows the token."""
    given = request.headers.get("authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets only those in who know the token."""

    app: ASGIApp
    token: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not knows(Request(scope), self.token):
            raise HTTPException(401, "The internal token is missing or wrong.")
        await self.app(scope, receive, send)


class Body(BaseModel):
    """What is asked for; a field that nobody knows is refused, for it would be ignored."""

    model_config = ConfigDict(extra="forbid")


class Retry(Body):
    """Apply what is parked of this subject, or of all; a dry run changes nothing."""

    subject: UUID | None = None
    dry_run: bool = False


class Drop(Body):
    """Give up this event."""

    event_id: UUID


@dataclass(frozen=True, slots=True)
class Repairs:
    """What is parked in one service, and what may be done about it."""

    service: Service

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/parked", self.show),
            Route("/parked/retry", self.retry, methods=["POST"]),
            Route("/parked/drop", self.drop, methods=["POST"]),
        ]

    async def show(self, _: Request) -> Response:
        return said({"parked": await in_thread(self._parked)})

    async def retry(self, request: Request) -> Response:
        wish = await asked(request, Retry)
        return said({"retried": await in_thread(lambda: self._retried(wish))})

    async def drop(self, request: Request) -> Response:
        wish = await asked(request, Drop)
        return said({"dropped": await in_thread(lambda: self._dropped(wish.event_id))})

    @property
    def engine(self) -> sa.Engine:
        return self.service.members[0].engine

    @property
    def _groups(self) -> dict[str, Lanes]:
        return {group.group: group for group in self.service.groups}

    def _parked(self) -> list[Parked]:
        with self.engine.connect() as tx:
            return [one for group in self.service.groups for one in parked_list(tx, group)]

    def _retried(self, wish: Retry) -> list[Retried]:
        """Each subject of each group in a transaction of its own."""
        results: list[Retried] = []
        waiting = dict.fromkeys((one.group, one.subject) for one in self._parked())
        for group, subject in waiting:
            if wish.subject not in (None, subject):
                continue
            with self.engine.connect() as tx:
                results += parked_retry(tx, self._groups[group], subject)
                if not wish.dry_run:
                    tx.commit()
        return results

    def _dropped(self, event_id: UUID) -> list[Parked]:
        """What was given up, in whichever of the service's groups it was parked."""
        its = [one for one in self._parked() if one.event_id == event_id]
        with self.engine.begin() as tx:
            return [one for one in its if parked_drop(tx, self._groups[one.group], event_id)]


async def asked(request: Request, kind: type[Wish]) -> Wish:
    """The request's body. Raises ValidationError when it is none."""
    return kind.model_validate_json(await request.body())


async def in_thread(work: Callable[[], T]) -> T:
    """Work on the database, beside the loop. Raises HTTPException when it may succeed later."""
    try:
        return await asyncio.to_thread(work)
    except Exception as error:
        if not is_temporary(error):
            raise
        raise HTTPException(503, f"Not now: {described(error)}. Try again.") from error


def said(what: Any, status: int = 200) -> Response:  # noqa: ANN401  whatever has a form in JSON
    return Response(to_json(what), status, media_type="application/json")


async def refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return said({"error": error.detail}, error.status_code)


async def misunderstood(_: Request, error: Exception) -> Response:
    return said({"error": f"That is no request of ours: {described(error)}."}, 422)
