"""What providers and mail programs tell us over HTTP.

Always in this order: is it genuine, else 403; was it seen, then 200 and nothing more; what does it
mean in our words; commit; answer. The signature is checked over the configured public URL, never
over what a proxy shows, and over the raw form with its blank fields.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl
from uuid import UUID

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from twilio.request_validator import (  # type: ignore[import-untyped]  # Twilio ships no types
    RequestValidator,
)

from services.channels.delivering import Callback, tell_status
from services.channels.edges import Edge
from services.channels.inbound import Heard, NobodyKnownError, receive
from services.channels.pages import page
from services.channels.patience import patiently
from services.channels.statuses import TWILIO
from services.channels.store import TOUCH, Row
from shared.bus.faults import described, is_temporary
from shared.crash import point
from shared.words import Channel

log = logging.getLogger(__name__)

BODY_BYTES_MAX = 64 * 1024
FIELDS_MAX = 200
SIGNATURE = "X-Twilio-Signature"
WHATSAPP_PREFIX = "whatsapp:"
NOTHING_TO_SAY = "<?xml version='1.0' encoding='UTF-8'?><Response/>"

Form = ImmutableMultiDict[str, str]


class RejectedError(Exception):
    """The request goes no further. The message is the HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class Webhooks:
    """Every gateway process answers them all: which one is asked does not matter."""

    edge: Edge
    auth_token: str
    public_url: str

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/twilio/inbound", self._guarded(self.inbound), methods=["POST"]),
                Route("/twilio/status", self._guarded(self.status), methods=["POST"]),
                Route("/u/{token}", self.show_unsubscribe, methods=["GET"]),
                Route("/u/{token}", self._guarded(self.unsubscribe), methods=["POST"]),
                Route("/healthz", health),
            ]
        )

    async def inbound(self, request: Request) -> Response:
        """A customer's message."""
        form = await self._verified(request)
        sender = _needed(form, "From")
        by_whatsapp = sender.startswith(WHATSAPP_PREFIX)
        heard = Heard(
            channel=Channel.WHATSAPP if by_whatsapp else Channel.SMS,
            provider_id=_needed(form, "MessageSid"),
            address=sender.removeprefix(WHATSAPP_PREFIX),
            words=form.get("Body", ""),
            asks_out=form.get("OptOutType") == "STOP",
        )
        await patiently(receive, self.edge, heard)
        return Response(NOTHING_TO_SAY, media_type="text/xml")

    async def status(self, request: Request) -> Response:
        """What became of a message of ours."""
        form = await self._verified(request)
        word = form.get("MessageStatus", "")
        callback = Callback(
            touch_id=_uuid(request.query_params.get("a", "")),
            provider_id=_needed(form, "MessageSid"),
            word=word,
            status=TWILIO.get(word),
            code=form.get("ErrorCode", ""),
        )
        await patiently(tell_status, self.edge, callback)
        return Response(NOTHING_TO_SAY, media_type="text/xml")

    async def show_unsubscribe(self, request: Request) -> Response:
        """A page with a button. It changes nothing: scanners follow links."""
        touch = await patiently(self._touch, request.path_params["token"])
        return _html(page(touch.language, done=False)) if touch else Response(status_code=404)

    async def unsubscribe(self, request: Request) -> Response:
        """One click (RFC 8058), or the button: an opt-out, with no question asked."""
        await _body(request)
        touch = await patiently(self._touch, request.path_params["token"])
        if touch is None:
            return Response(status_code=404)
        heard = Heard(
            channel=Channel.EMAIL,
            provider_id=f"one-click-{touch.id}",
            address="",
            words="unsubscribe",
            touch_id=touch.id,
            asks_out=True,
        )
        await patiently(receive, self.edge, heard)
        return _html(page(touch.language, done=True))

    def _guarded(
        self, handle: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Turns what is wrong with a request into its status."""

        async def guarded(request: Request) -> Response:
            try:
                answer = await handle(request)
            except RejectedError as error:
                return Response(status_code=error.status)
            except NobodyKnownError:
                log.warning("a message came in before the first import; it is to be sent again")
                return Response(status_code=503)
            except Exception as error:
                if not is_temporary(error):
                    raise
                log.warning("what came in is to be sent again: %s", described(error))
                return Response(status_code=503)
            point("answer.before")
            answer.background = BackgroundTask(answered)
            return answer

        return guarded

    async def _verified(self, request: Request) -> Form:
        """The form, signed by whom we share the token with; without NUL, which no row takes."""
        body = await _body(request)
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX)
        except ValueError as error:
            raise RejectedError(400) from error
        form = Form(pairs)
        query = f"?{request.url.query}" if request.url.query else ""
        url = f"{self.public_url.rstrip('/')}{request.url.path}{query}"
        signature = request.headers.get(SIGNATURE, "")
        if not RequestValidator(self.auth_token).validate(url, form, signature):
            raise RejectedError(403)
        return Form((name, text.replace("\0", "")) for name, text in form.multi_items())

    def _touch(self, token: str) -> Row | None:
        touch_id = self.edge.tokens.read(token)
        if touch_id is None:
            return None
        with self.edge.engine.connect() as tx:
            return tx.execute(sa.select(TOUCH).where(TOUCH.c.id == touch_id)).one_or_none()


async def health(_: Request) -> Response:
    """Up."""
    return Response(status_code=204)


async def answered() -> None:
    """Whoever asked has our answer."""
    point("answer.after")


async def _body(request: Request) -> bytes:
    """The body, if it is not too long."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_BYTES_MAX:
                raise RejectedError(413)
    except ClientDisconnect as error:
        raise RejectedError(400) from error
    return body


def _needed(form: Form, name: str) -> str:
    if not (value := form.get(name, "")):
        raise RejectedError(400)
    return value


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _html(text: str) -> Response:
    headers = {"Content-Security-Policy": "default-src 'none'; form-action 'self'"}
    return HTMLResponse(text, headers=headers)
