"""SMS and WhatsApp by Twilio's Messages API, spoken through Twilio's own client.

Their asynchronous transport has no time limit and sends JSON as a form; `Transport` is ours, over
httpx. Importing Twilio's client takes a quarter of a second, so nobody else imports it.
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from twilio.base.exceptions import (  # type: ignore[import-untyped]  # Twilio ships no types
    TwilioException,
)
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]  # Twilio ships no types
from twilio.http.response import Response  # type: ignore[import-untyped]  # Twilio ships no types
from twilio.rest import Client  # type: ignore[import-untyped]  # Twilio ships no types
from twilio.rest.content.v1.content import (  # type: ignore[import-untyped]  # Twilio ships no types
    ContentList,
)
from twilio.rest.content.v1.content.approval_create import (  # type: ignore[import-untyped]  # Twilio ships no types
    ApprovalCreateList,
)

from services.channels.adapters.base import (
    Accepted,
    Answer,
    NotMade,
    Outgoing,
    Refused,
    Taken,
    TemplateRefusedError,
    Unknown,
)
from shared.words import Channel

log = logging.getLogger(__name__)

CONNECT_SECONDS = 1.0  # until then nothing has been written
CONNECTIONS_KEPT = 16
# Shorter than any server keeps one: a call on a connection that the other end is just closing fails
# without being read, and nobody here can tell.
KEPT_SECONDS = 2.0
LISTED_MAX = 50  # messages to one number; the newest come first
VALIDITY_SECONDS = 3600  # a queued SMS must not leave in the night
REPEATS = "#rc=3&rp=ct,5xx,rt"  # how Twilio repeats a callback; never signed
FORM = "application/x-www-form-urlencoded"

# Twilio's error codes that change what we do; any other refusal is only recorded.
COME_AGAIN = frozenset({20429})
OUR_FAULT = frozenset({20003, 21408, 21608})  # credentials, region, trial: nobody's attempt
OPTED_OUT = frozenset({21610, 30640, 63014})
OUR_FAULT_SECONDS = 60.0
AGAIN_SECONDS_MAX = 3600.0
TOO_MANY_REQUESTS, UNAUTHORIZED, SERVER_ERROR = 429, 401, 500


class TooManyRequestsError(TwilioException):  # type: ignore[misc]  # Twilio ships no types
    """Come again, not before so many seconds: Twilio's own error forgets for how long."""

    status, code = TOO_MANY_REQUESTS, 20429

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Transport(AsyncHttpClient):  # type: ignore[misc]  # Twilio ships no types
    """Twilio's client over httpx. With a `base_url` every host of theirs is that one instead.

    It waits for an answer as long as its caller does.
    """

    def __init__(self, base_url: str = "") -> None:
        super().__init__(log, is_async=True, timeout=None)
        self._base_url = httpx.URL(base_url) if base_url else None
        limit = httpx.Timeout(None, connect=CONNECT_SECONDS)
        connections = httpx.Limits(
            max_keepalive_connections=CONNECTIONS_KEPT, keepalive_expiry=KEPT_SECONDS
        )
        self._client = httpx.AsyncClient(timeout=limit, limits=connections)

    async def request(  # noqa: PLR0913, PLR0917  Twilio's signature
        self,
        method: str,
        uri: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002  Twilio's signature
        allow_redirects: bool = False,  # noqa: FBT001, FBT002  Twilio's signature
    ) -> Response:
        sent_as_form = (headers or {}).get("Content-Type", FORM) == FORM
        answer = await self._client.request(
            method,
            self._address(uri),
            params=params,
            data=dict(data or {}) if sent_as_form else None,
            json=None if sent_as_form else _without_nothing(data),
            headers=headers,
            auth=auth,
            follow_redirects=allow_redirects,
        )
        if answer.status_code == TOO_MANY_REQUESTS:
            raise TooManyRequestsError(_seconds_in(answer.headers.get("Retry-After", "")))
        return Response(answer.status_code, answer.text, answer.headers)

    async def close(self) -> None:
        await self._client.aclose()

    def _address(self, uri: str) -> httpx.URL:
        url = httpx.URL(uri)
        if self._base_url is None:
            return url
        base = self._base_url
        return url.copy_with(scheme=base.scheme, host=base.host, port=base.port)


class TwilioAdapter:
    """One account. `senders` are our numbers by channel, in E.164."""

    def __init__(
        self,
        account: str,
        token: str,
        senders: Mapping[Channel, str],
        public_url: str,
        base_url: str = "",
    ) -> None:
        self._transport = Transport(base_url)
        self._client = Client(account, token, http_client=self._transport)
        self._account = account
        self._senders = senders
        self._public_url = public_url.rstrip("/")

    async def send(self, message: Outgoing) -> Answer:
        try:
            created = await self._client.messages.create_async(**self._fields(message))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return NotMade(type(error).__name__)
        except TooManyRequestsError as error:
            return NotMade("too many requests", error.seconds)
        except TwilioException as error:
            return judged(getattr(error, "status", SERVER_ERROR), getattr(error, "code", None))
        except (httpx.HTTPError, ValueError) as error:
            return Unknown(type(error).__name__)
        if created.account_sid != self._account:
            return Unknown("an answer to somebody else")
        return Accepted(str(created.sid))

    async def taken(self, channel: Channel, to: str) -> list[Taken]:
        """By recipient and sender: what is still queued has no date by which it could be asked."""
        ends = self._ends(channel, to)
        try:
            listed = await self._client.messages.list_async(**ends, limit=LISTED_MAX)
        except Exception as error:  # whatever it is, it says nothing about any message
            raise ConnectionError(f"no list: {type(error).__name__}") from error
        ours = (self._account, *ends.values())
        return [
            Taken(str(one.sid), str(one.body), one.date_created)
            for one in listed
            if (one.account_sid, one.to, one.from_) == ours
            and isinstance(one.date_created, datetime)
        ]

    async def make_template(self, name: str, language: str, body: str, places: int) -> str:
        """A WhatsApp template with so many places, handed in for approval; its name there.

        Raises TemplateRefusedError when Twilio will not have it, ConnectionError when it may later.
        """
        content = {
            "friendly_name": name,
            "language": language,
            "variables": {str(n): f"word {n}" for n in range(1, places + 1)},
            "types": {"twilio/text": {"body": body}},
        }
        contents, wish = self._client.content.v1.contents, {"name": name, "category": "MARKETING"}
        try:
            made = await contents.create_async(ContentList.ContentCreateRequest(content))
            approvals = contents(made.sid).approval_create
            await approvals.create_async(ApprovalCreateList.ContentApprovalRequest(wish))
        except (TwilioException, httpx.HTTPError) as error:
            raise _template_fault(error) from error
        return str(made.sid)

    async def close(self) -> None:
        await self._transport.close()

    def _fields(self, message: Outgoing) -> dict[str, Any]:
        fields: dict[str, Any] = {
            **self._ends(message.channel, message.to),
            "status_callback": self._callback(message.touch_id),
        }
        if message.channel is Channel.SMS:
            fields["validity_period"] = VALIDITY_SECONDS
        if message.template:
            variables = json.dumps(dict(message.variables), ensure_ascii=False)
            return {**fields, "content_sid": message.template, "content_variables": variables}
        return {**fields, "body": message.text}

    def _ends(self, channel: Channel, to: str) -> dict[str, str]:
        """Recipient and sender, as Twilio writes them."""
        prefix = "whatsapp:" if channel is Channel.WHATSAPP else ""
        return {"to": prefix + to, "from_": prefix + self._senders[channel]}

    def _callback(self, touch_id: UUID) -> str:
        """The only word of ours that Twilio carries back: it heals a touch we know nothing of."""
        return f"{self._public_url}/twilio/status?a={touch_id}{REPEATS}"


def _template_fault(error: Exception) -> Exception:
    """Refused, or worth another try."""
    code = getattr(error, "code", None)
    answer = judged(getattr(error, "status", SERVER_ERROR), code)
    if isinstance(answer, Refused):
        return TemplateRefusedError(answer.code)
    return ConnectionError(f"no template: {type(error).__name__}, code {code}")


def _seconds_in(retry_after: str) -> float:
    """How long to wait (RFC 9110); a date, or nothing, leaves it to our own patience."""
    seconds = float(retry_after) if retry_after.isdecimal() else 0.0
    return min(seconds, AGAIN_SECONDS_MAX)


def judged(status: int, code: int | None) -> Answer:
    """What an answer of 400 or above means for the touch."""
    if status == TOO_MANY_REQUESTS or code in COME_AGAIN:
        return NotMade("too many requests")
    if status >= SERVER_ERROR:
        return Unknown(f"status {status}")
    if status == UNAUTHORIZED or code in OUR_FAULT:
        log.error("Twilio refuses our account (error %s): nothing is sent until it is mended", code)
        return NotMade(f"error {code}", OUR_FAULT_SECONDS)
    return Refused(str(code or status), opted_out=code in OPTED_OUT)


def _without_nothing(body: Any) -> Any:  # noqa: ANN401  any JSON
    """Twilio's client writes null for every field that was not given; their API refuses some."""
    if isinstance(body, Mapping):
        return {key: _without_nothing(one) for key, one in body.items() if one is not None}
    return body
