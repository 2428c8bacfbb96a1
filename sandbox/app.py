"""The sandbox's composition root: the providers' API, the mail server, the driver's controls."""

import base64
import hmac
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha1

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.ledger import Ledger
from sandbox.mail import Mailroom
from sandbox.twilio import Twilio, stops
from sandbox.world import Act, Message, Reply, Resident, Status, World


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

    async def deliver(self, act: Act) -> bool:
        """Bring an answer or a status to the product; whether it was taken."""
        if isinstance(act, Status):
            return await self._post(act.message.callback, self._status_form(act))
        if act.message.channel == "email":
            return await self.mailroom.send(act)
        if stops(act.answer.text) and act.message.channel == "sms":
            self.world.blocked.add(act.message.address)
        return await self._post(f"{self.ports.webhooks}/twilio/inbound", self._inbound_form(act))

    def _status_form(self, act: Status) -> dict[str, str]:
        code = {"ErrorCode": act.code} if act.code else {}
        return {
            "MessageSid": act.message.id,
            "AccountSid": self.twilio.account,
            "MessageStatus": act.status,
            "To": _address(act.message),
            "From": act.message.sender,
            **code,
        }

    def _inbound_form(self, act: Reply) -> dict[str, str]:
        return {
            "MessageSid": "SM" + act.id,
            "AccountSid": self.twilio.account,
            "From": _address(act.message),
            "To": act.message.sender,
            "Body": act.answer.text,
            "NumMedia": "0",
        }

    async def _post(self, url: str, form: dict[str, str]) -> bool:
        """A webhook, signed as Twilio signs: the URL, then each field in order of its name."""
        url = url.partition("#")[0]
        words = url + "".join(name + form[name] for name in sorted(form))
        digest = hmac.new(self.twilio.token.encode(), words.encode(), sha1).digest()
        headers = {"X-Twilio-Signature": base64.b64encode(digest).decode()}
        try:
            answer = await self.client.post(url, data=form, headers=headers)
        except httpx.HTTPError:
            return False
        return answer.is_success

    def app(self) -> Starlette:
        """The HTTP side."""
        controls = [
            Route("/control/residents", self.settle, methods=["POST"]),
            Route("/control/time", self.move, methods=["POST"]),
            Route("/control/idle", self.idle),
            Route("/control/ledger", self.read_ledger),
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
        due = self.world.next_due()
        return JSONResponse(
            {"busy": self.world.busy(), "next_due": due.isoformat() if due else None}
        )

    async def read_ledger(self, _: Request) -> Response:
        return JSONResponse([asdict(entry) for entry in self.world.ledger.entries])


def _address(message: Message) -> str:
    """As Twilio writes it."""
    return f"whatsapp:{message.address}" if message.channel == "whatsapp" else message.address
