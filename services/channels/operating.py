"""What an operator may ask of channels: which touches are unknown, and to settle one by hand."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from services.channels.byhand import (
    Found,
    NotUnknownError,
    UnknownTouch,
    settle_by_hand,
    unknown_touches,
)
from services.channels.edges import Edge
from shared.internal import Body, asked, in_thread, said


class Settle(Body):
    """A person knows what became of this touch."""

    touch_id: UUID
    result: Found
    who: str = Field(min_length=1)
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class ByHand:
    """Any gateway process answers for all of them: touches lie in one place."""

    edge: Edge

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/unknown", self.show),
            Route("/unknown/settle", self.settle, methods=["POST"]),
        ]

    async def show(self, _: Request) -> Response:
        return said({"unknown": await in_thread(self._unknown)})

    async def settle(self, request: Request) -> Response:
        wish = await asked(request, Settle)
        try:
            await in_thread(lambda: self._settled(wish))
        except NotUnknownError as error:
            raise HTTPException(409, str(error)) from error
        return said({"settled": [wish]})

    def _unknown(self) -> list[UnknownTouch]:
        with self.edge.engine.connect() as tx:
            return unknown_touches(tx)

    def _settled(self, wish: Settle) -> None:
        its = (wish.touch_id, wish.result, wish.provider_id, wish.who)
        self.edge.transact(lambda tx: settle_by_hand(tx, *its, self.edge.now()))
