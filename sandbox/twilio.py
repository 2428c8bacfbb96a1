"""Twilio as its users see it: Messages (SMS and WhatsApp) and Content templates."""

import json
import re
from collections.abc import Mapping
from hashlib import md5
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.forms import Spec, check_form, fault_in
from sandbox.world import Message, World

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

    def routes(self) -> list[Route]:
        path = MESSAGES.replace("{AccountSid}", "{account}")
        return [
            Route(path, self.send, methods=["POST"]),
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
            return _error(400, 21604 if "To" in fault else 20001, fault)
        if fields["To"] in self.world.blocked:
            return _error(400, 21610, "Attempt to send to unsubscribed recipient")
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
        await self.world.accept(message)
        return JSONResponse(self._resource(message, fields), 201)

    async def make_template(self, request: Request) -> Response:
        """Create a Content template; WhatsApp approves it at once here."""
        if refusal := self._stranger(request, self.account):
            return refusal
        try:
            body = json.loads(await request.body())
        except ValueError:
            return _error(400, 20001, "The body is no JSON")
        validator = self.content.validator(CONTENT, "application/json")
        if fault := fault_in(validator, body):
            return _error(400, 20001, fault)
        text = body["types"].get("twilio/text", {}).get("body", "")
        if not text:
            return _error(400, 20001, "types: twilio/text with a body is what is supported here")
        sid = self._sid("HX", body.get("friendly_name", ""), text)
        self.templates[sid] = text
        return JSONResponse({**body, "sid": sid, "account_sid": self.account}, 201)

    async def approve(self, request: Request) -> Response:
        """Ask WhatsApp for approval: given at once."""
        if refusal := self._stranger(request, self.account):
            return refusal
        if request.path_params["sid"] not in self.templates:
            return _error(404, 20404, "The requested resource was not found")
        body = json.loads(await request.body())
        return JSONResponse({**body, "status": "approved", "rejection_reason": ""}, 201)

    def _stranger(self, request: Request, account: str) -> Response | None:
        if account == self.account and self.world.knows(request.headers, self.account, self.token):
            return None
        return _error(401, 20003, "Authenticate")

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

    def _resource(self, message: Message, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "sid": message.id,
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "to": fields["To"],
            "from": fields["From"],
            "body": message.text,
            "status": "queued",
            "direction": "outbound-api",
            "num_segments": "1",
            "num_media": "0",
            "price": None,
            "price_unit": "USD",
            "error_code": None,
            "error_message": None,
            "messaging_service_sid": None,
            "date_created": None,
            "date_sent": None,
            "date_updated": None,
            "uri": f"/2010-04-01/Accounts/{self.account}/Messages/{message.id}.json",
            "subresource_uris": {},
        }


def stops(text: str) -> bool:
    """Whether the carrier itself blocks the sender after this message: one bare word."""
    return text.strip().lower() in STOP_WORDS


def _error(status: int, code: int, message: str) -> JSONResponse:
    more = f"https://www.twilio.com/docs/errors/{code}"
    body = {"code": code, "message": message, "more_info": more, "status": status}
    return JSONResponse(body, status)
