"""Twilio as its users see it: Messages (SMS and WhatsApp) and Content templates."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from hashlib import md5
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.acts import TO_SENT, Message, Status
from sandbox.answers import error, instead
from sandbox.forms import Spec, check_form, fault_in
from sandbox.lies import CALLS, NOT_TAKEN
from sandbox.world import World

MESSAGES = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
CONTENT = "/v1/Content"
FORM = "application/x-www-form-urlencoded"
BODY_CHARS_MAX = 1600
STOP_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
)


class Twilio:
    """One account. Everything it accepts is the world's to deliver."""

    def __init__(self, world: World, account: str, token: str) -> None:
        self.world = world
        self.account, self.token = account, token
        self.api = Spec("twilio_api_v2010.trimmed.json")
        self.content = Spec("twilio_content_v1.trimmed.json")
        self.templates: dict[str, str] = {}
        self.taken: list[tuple[datetime, Message]] = []

    def routes(self) -> list[Route]:
        path = MESSAGES.replace("{AccountSid}", "{account}")
        return [
            Route(path, self.send, methods=["POST"]),
            Route(path, self.show, methods=["GET"]),
            Route(CONTENT, self.make_template, methods=["POST"]),
            Route("/v1/Content/{sid}/ApprovalRequests/whatsapp", self.approve, methods=["POST"]),
        ]

    async def send(self, request: Request) -> Response:
        """Take a message, or say in Twilio's words what is wrong with it."""
        if refusal := self._stranger(request, request.path_params["account"]):
            return refusal
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True)
        fields, fault = check_form(self.api.validator(MESSAGES, FORM), pairs)
        if fault := fault or self._cross_fault(fields):
            return error(400, 21604 if "To" in fault else 20001, fault)
        if fields["To"] in self.world.blocked:
            return error(400, 21610, "Attempt to send to unsubscribed recipient")
        text = self._text_of(fields)
        message = Message(
            id=self._sid("SM", fields["To"], text),
            channel="whatsapp" if fields["To"].startswith("whatsapp:") else "sms",
            address=fields["To"].removeprefix("whatsapp:"),
            sender=fields["From"],
            text=text,
            template="ContentSid" in fields,
            callback=fields.get("StatusCallback", ""),
        )
        lie = self.world.lies.first(CALLS, message.id)
        if lie not in NOT_TAKEN:
            await self._take(message, silent=lie == "vanish")
        resource = self._resource(message, self.world.now)
        if not lie:
            return JSONResponse(resource, 201)
        return await instead(lie, request, resource, self.world.waited_for_in_vain(message))

    async def _take(self, message: Message, *, silent: bool) -> None:
        self.taken.append((self.world.now, message))
        await self.world.accept(message, silent=silent)
        if self.world.lies.tells("early", message.id):
            await self.world.deliver(Status(message, "sent"))

    async def show(self, request: Request) -> Response:
        """Messages of one sender to one recipient, the newest first; no other filter is known."""
        if refusal := self._stranger(request, request.path_params["account"]):
            return refusal
        asked = dict(request.query_params)
        size = int(asked.pop("PageSize", "50"))
        if asked.keys() != {"To", "From"}:
            return error(400, 20001, f"To and From are what may be asked for, not {sorted(asked)}")
        shown = [
            self._resource(message, created)
            for created, message in reversed(self.taken)
            if (message.recipient, message.sender) == (asked["To"], asked["From"])
        ]
        page = {"page": 0, "page_size": size, "next_page_uri": None}
        return JSONResponse({**page, "messages": shown[:size]})

    async def make_template(self, request: Request) -> Response:
        """Create a Content template; WhatsApp approves it at once here."""
        if refusal := self._stranger(request, self.account):
            return refusal
        try:
            body = json.loads(await request.body())
        except ValueError:
            return error(400, 20001, "The body is no JSON")
        validator = self.content.validator(CONTENT, "application/json")
        if fault := fault_in(validator, body):
            return error(400, 20001, fault)
        text = body["types"].get("twilio/text", {}).get("body", "")
        if not text:
            return error(400, 20001, "types: twilio/text with a body is what is supported here")
        sid = self._sid("HX", body.get("friendly_name", ""), text)
        self.templates[sid] = text
        return JSONResponse({**body, "sid": sid, "account_sid": self.account}, 201)

    async def approve(self, request: Request) -> Response:
        """Ask WhatsApp for approval: given at once."""
        if refusal := self._stranger(request, self.account):
            return refusal
        if request.path_params["sid"] not in self.templates:
            return error(404, 20404, "The requested resource was not found")
        body = json.loads(await request.body())
        return JSONResponse({**body, "status": "approved", "rejection_reason": ""}, 201)

    def _stranger(self, request: Request, account: str) -> Response | None:
        if account == self.account and self.world.knows(request.headers, self.account, self.token):
            return None
        return error(401, 20003, "Authenticate")

    def _cross_fault(self, fields: Mapping[str, Any]) -> str:
        """What no schema can say: which fields need which others; empty when all is well."""
        to, sender = fields.get("To", ""), fields.get("From", "")
        faults = {
            "A 'To' phone number is required.": not to,
            "Exactly one of 'From' and 'MessagingServiceSid' is required.": (
                bool(sender) == ("MessagingServiceSid" in fields)
            ),
            "Exactly one of 'Body' and 'ContentSid' is required.": (
                ("Body" in fields) == ("ContentSid" in fields)
            ),
            f"'Body' has more than {BODY_CHARS_MAX} characters.": (
                len(fields.get("Body", "")) > BODY_CHARS_MAX
            ),
            "The 'ContentSid' is not known.": (
                fields.get("ContentSid", "") not in {"", *self.templates}
            ),
            "'To' and 'From' are on different channels.": (
                to.startswith("whatsapp:") != sender.startswith("whatsapp:")
            ),
            f"The 'To' number {to} is not a valid phone number.": (
                not re.fullmatch(r"(whatsapp:)?\+[1-9]\d{6,14}", to)
            ),
        }
        return next((fault for fault, found in faults.items() if found), "")

    def _text_of(self, fields: Mapping[str, Any]) -> str:
        """What the customer will read: a template has its variables filled."""
        if "Body" in fields:
            return str(fields["Body"])
        variables = json.loads(fields.get("ContentVariables", "{}"))
        template = self.templates[fields["ContentSid"]]
        return re.sub(r"\{\{(\w+)\}\}", lambda found: str(variables[found[1]]), template)

    def _sid(self, prefix: str, *words: str) -> str:
        """The same for the same world, address and text, whatever the order of requests."""
        nth = self.world.count((prefix, *words))
        text = "|".join((str(self.world.seed), *words, str(nth)))
        return prefix + md5(text.encode(), usedforsecurity=False).hexdigest()

    def _resource(self, message: Message, created: datetime) -> dict[str, Any]:
        sent = created + TO_SENT
        return {
            "sid": message.id,
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "to": message.recipient,
            "from": message.sender,
            "body": message.text,
            "status": "queued" if self.world.now < sent else "sent",
            "direction": "outbound-api",
            "num_segments": "1",
            "num_media": "0",
            "price": None,
            "price_unit": "USD",
            "error_code": None,
            "error_message": None,
            "messaging_service_sid": None,
            "date_created": format_datetime(created),
            "date_sent": format_datetime(sent) if self.world.now >= sent else None,
            "date_updated": format_datetime(created),
            "uri": f"/2010-04-01/Accounts/{self.account}/Messages/{message.id}.json",
            "subresource_uris": {},
        }


def stops(text: str) -> bool:
    """Whether the carrier itself blocks the sender after this message: one bare word."""
    return text.strip().lower() in STOP_WORDS
