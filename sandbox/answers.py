"""Answers that are none: what a caller gets whose message was taken and who is not told so."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

DRIP_SECONDS = 0.5  # of the wall, between two bytes
AGAIN_SECONDS = 1


class Broken(Response):
    """Begins an answer and breaks off; the server closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI's signature
        headers = [(b"content-type", b"application/json"), (b"content-length", b"500")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"sid": "S', "more_body": True})


async def instead(
    lie: str, request: Request, resource: Mapping[str, Any], hanging: AbstractContextManager[None]
) -> Response:
    """The answer to a call about which this lie is told; `resource` would be the truth.

    `hanging` is entered while the caller waits in vain.
    """
    match lie:
        case "hang" | "vanish":
            with hanging:
                await caller_gone(request)
            return Response()
        case "close":
            return Broken()
        case "drip":
            return StreamingResponse(dripping(json.dumps(resource), hanging), 201)
        case "garbage":
            return Response("<html>201 Created</html>", 201)
        case "stranger":
            other = {"account_sid": "AC" + "f" * 32, "sid": "SM" + "f" * 32}
            return JSONResponse({**resource, **other}, 201)
        case "busy":
            return error(429, 20429, "Too Many Requests", {"Retry-After": str(AGAIN_SECONDS)})
        case _:
            return error(500, 20500, "Internal Server Error")


async def caller_gone(request: Request) -> None:
    """Returns when the caller has given up."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def dripping(text: str, hanging: AbstractContextManager[None]) -> AsyncIterator[bytes]:
    with hanging:
        for byte in text.encode():
            yield bytes([byte])
            await asyncio.sleep(DRIP_SECONDS)


def error(
    status: int, code: int, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """In Twilio's form."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    body = {"code": code, "message": message, "more_info": more, "status": status}
    return JSONResponse(body, status, headers=headers)
