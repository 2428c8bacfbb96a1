"""An HTTP server as a loop of its service: uvicorn, in this process, counting open requests."""

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from datetime import datetime

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.clock import elapsed_seconds
from shared.telemetry.metrics import REQUEST

log = logging.getLogger(__name__)


class PortTakenError(RuntimeError):
    """The port cannot be listened on; the sentence says what to do."""


@dataclass
class HttpServer:
    """Serves `app` on loopback or wherever `host` says. Port 0 lets the system choose one."""

    app: ASGIApp
    host: str
    port: int
    name: str
    open_requests: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        config = uvicorn.Config(
            self._counted,
            host=self.host,
            port=self.port,
            log_level="warning",
            access_log=False,
            lifespan="off",
            interface="asgi3",  # a bound method is not recognised as one
            server_header=False,
        )
        self._config = config
        self._server = uvicorn.Server(config)
        # The process's own signal handling decides when to stop.
        setattr(self._server, "capture_signals", contextlib.nullcontext)  # noqa: B010  a method's place

    async def run(self) -> None:
        """Raises PortTakenError when the port is in use."""
        try:
            socket = self._config.bind_socket()
        except SystemExit as error:  # uvicorn's way to say that the port is taken
            sentence = f"{self.name}: port {self.port} is in use; choose another one."
            raise PortTakenError(sentence) from error
        self.port = int(socket.getsockname()[1])
        log.info("%s listens on http://%s:%d", self.name, self.host, self.port)
        serving = asyncio.create_task(self._server.serve(sockets=[socket]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            self._server.should_exit = True
            await serving
            raise
        finally:
            socket.close()

    def nudge(self) -> None:
        """Requests come by themselves."""

    async def busy(self) -> str:
        return f"{self.open_requests} open requests" if self.open_requests else ""

    async def next_due(self) -> datetime | None:
        return None

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        status, began = "none", elapsed_seconds()

        async def answer(message: Message) -> None:
            nonlocal status
            status = str(message.get("status", status))
            await send(message)

        self.open_requests += 1
        try:
            await self.app(scope, receive, answer)
        finally:
            self.open_requests -= 1
            REQUEST.labels(self.name, status).observe(elapsed_seconds() - began)
