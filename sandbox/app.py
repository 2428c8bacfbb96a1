"""The sandbox's composition root: the providers' API, the mail server, the driver's controls."""

from dataclasses import asdict, dataclass
from datetime import datetime

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.acts import Act, Reply, Resident, Status
from sandbox.ledger import Ledger
from sandbox.mail import Mailroom
from sandbox.twilio import Twilio, stops
from sandbox.webhooks import Webhooks
from sandbox.world import World


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the product is reached from here."""

    webhooks: str  # the gateways' public base URL
    mail_host: str
    mail_port: int


class Sandbox:
    """Everything in one process."""

    def __init__(self, seed: int, now: datetime, ledger: Ledger, ports: Ports, token: str) -> None:
        account = "AC" + f"{seed:032x}"
        self.world = World(seed, now, ledger, self.deliver)
        self.twilio = Twilio(self.world, account, token)
        self.mailroom = Mailroom(self.world, ports.mail_host, ports.mail_port)
        self.ports = ports
        self.client = httpx.AsyncClient(timeout=30)
        self.webhooks = Webhooks(token, self.client)

    async def deliver(self, act: Act) -> bool:
        """Bring an answer or a status to the product; whether it was taken."""
        if isinstance(act, Status):
            return await self.webhooks.send(act.message.callback, self._status_form(act))
        if act.message.channel == "email":
            return await self.mailroom.send(act)
        if stops(act.answer.text) and act.message.channel == "sms":
            self.world.blocked.add(act.message.address)
        return await self.webhooks.send(
            f"{self.ports.webhooks}/twilio/inbound", self._inbound_form(act)
        )

    def _status_form(self, act: Status) -> dict[str, str]:
        code = {"ErrorCode": act.code} if act.code else {}
        return {
            "MessageSid": act.message.id,
            "AccountSid": self.twilio.account,
            "MessageStatus": act.status,
            "To": act.message.recipient,
            "From": act.message.sender,
            **code,
        }

    def _inbound_form(self, act: Reply) -> dict[str, str]:
        return {
            "MessageSid": "SM" + act.id,
            "AccountSid": self.twilio.account,
            "From": act.message.recipient,
            "To": act.message.sender,
            "Body": act.answer.text,
            "NumMedia": "0",
        }

    def app(self) -> Starlette:
        """The HTTP side."""
        controls = [
            Route("/control/residents", self.settle, methods=["POST"]),
            Route("/control/time", self.move, methods=["POST"]),
            Route("/control/idle", self.idle),
            Route("/control/ledger", self.read_ledger),
            Route("/control/lies", self.lie, methods=["POST"]),
            Route("/control/replay", self.replay, methods=["POST"]),
            Route("/control/forge", self.forge, methods=["POST"]),
        ]
        return Starlette(routes=[*self.twilio.routes(), *controls])

    async def settle(self, request: Request) -> Response:
        """Who lives here: a list of {key, language, zone, addresses}."""
        people = [
            Resident(one["key"], one["language"], one["zone"], tuple(one["addresses"]))
            for one in await request.json()
        ]
        self.world.settle(people)
        return JSONResponse({"residents": len(people)})

    async def move(self, request: Request) -> Response:
        """Move to {now} and do what is due."""
        body = await request.json()
        acts = await self.world.move_to(datetime.fromisoformat(body["now"]))
        return JSONResponse({"acts": acts})

    async def idle(self, _: Request) -> Response:
        """What is under way, what comes next, and the touches whose calls are never answered."""
        due, hanging = self.world.next_due(), sorted(self.world.hanging)
        next_due = due.isoformat() if due else None
        return JSONResponse({"busy": self.world.busy(), "next_due": next_due, "hanging": hanging})

    async def lie(self, request: Request) -> Response:
        """From now on tell these lies: {lie: share}."""
        try:
            self.world.lies.agree(await request.json())
        except ValueError as error:
            return JSONResponse({"fault": str(error)}, 400)
        return JSONResponse(self.world.lies.shares)

    async def replay(self, _: Request) -> Response:
        """Bring every webhook again; the statuses of the answers."""
        return JSONResponse(await self.webhooks.replay())

    async def forge(self, _: Request) -> Response:
        """Bring every webhook once more, forged; the statuses of the answers."""
        return JSONResponse(await self.webhooks.forge())

    async def read_ledger(self, _: Request) -> Response:
        return JSONResponse([asdict(entry) for entry in self.world.ledger.entries])
