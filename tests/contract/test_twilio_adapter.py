"""What the Twilio adapter asks of Twilio, and what it makes of the answers, over a real socket."""

import asyncio
import base64
import json
import socket
from datetime import UTC, datetime
from urllib.parse import parse_qs
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.channels.adapters.base import (
    Accepted,
    NotMade,
    Outgoing,
    Refused,
    TemplateRefusedError,
    Unknown,
)
from services.channels.adapters.twilio import TwilioAdapter
from shared.words import Channel
from tests.serving import serving

ACCOUNT, TOKEN = "AC" + "1" * 32, "a token"
SENDERS = {Channel.SMS: "+15005550006", Channel.WHATSAPP: "+15005550010"}
PUBLIC = "https://hooks.example"
TOUCH = UUID(int=5)
ACCEPTED_SID = "SM" + "2" * 32


def taken(**changes):
    """A message as Twilio shows it, as far as it matters."""
    its = {
        "sid": ACCEPTED_SID,
        "account_sid": ACCOUNT,
        "status": "queued",
        "to": "+37060000001",
        "from": "+15005550006",
        "body": "Labas, čia DI asistentė 👋",
        "date_created": "Mon, 23 Nov 2026 09:00:00 +0000",
    }
    return {**its, **changes}


class Stub:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self):
        self.asked = []
        self.answer = JSONResponse(taken(), 201)
        self.query = {}

    async def handle(self, request):
        self.asked.append((request.url.path, dict(request.headers), await request.body()))
        self.query = dict(request.query_params)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    @property
    def form(self):
        return parse_qs(self.asked[-1][2].decode())


@pytest.fixture
def stub():
    return Stub()


@pytest.fixture
async def adapter(stub):
    routes = [Route("/{path:path}", stub.handle, methods=["GET", "POST"])]
    async with serving(Starlette(routes=routes)) as port:
        adapter = TwilioAdapter(ACCOUNT, TOKEN, SENDERS, PUBLIC, f"http://127.0.0.1:{port}")
        yield adapter
        await adapter.close()


def a_message(channel=Channel.SMS, **more):
    return Outgoing(TOUCH, channel, "+37060000001", "Labas, čia DI asistentė 👋", **more)


async def test_an_sms_is_sent_as_twilio_wants_it(stub, adapter):
    assert await adapter.send(a_message()) == Accepted(ACCEPTED_SID)
    [(path, headers, _)] = stub.asked
    assert path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    credentials = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    assert headers["authorization"] == f"Basic {credentials}"
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert stub.form == {
        "To": ["+37060000001"],
        "From": ["+15005550006"],
        "Body": ["Labas, čia DI asistentė 👋"],
        "StatusCallback": [f"{PUBLIC}/twilio/status?a={TOUCH}#rc=3&rp=ct,5xx,rt"],
        "ValidityPeriod": ["3600"],
    }


async def test_whatsapp_carries_its_prefix_on_both_ends(stub, adapter):
    await adapter.send(a_message(Channel.WHATSAPP))
    assert stub.form["To"] == ["whatsapp:+37060000001"]
    assert stub.form["From"] == ["whatsapp:+15005550010"]
    assert "ValidityPeriod" not in stub.form


async def test_a_template_goes_by_its_name_with_its_values_and_without_a_body(stub, adapter):
    name = "HX" + "3" * 32
    await adapter.send(a_message(Channel.WHATSAPP, template=name, variables={"1": "Žoé"}))
    assert stub.form["ContentSid"] == [name]
    assert json.loads(stub.form["ContentVariables"][0]) == {"1": "Žoé"}
    assert "Body" not in stub.form


def an_error(status, code):
    body = {"code": code, "message": "no", "more_info": "", "status": status}
    return JSONResponse(body, status)


ANSWERS = {
    "an invalid number": (an_error(400, 21211), Refused("21211")),
    "a landline": (an_error(400, 21635), Refused("21635")),
    "an opted-out number": (an_error(400, 21610), Refused("21610", opted_out=True)),
    "too many requests": (an_error(429, 20429), NotMade("too many requests")),
    "a bare 429": (Response("slow down", 429), NotMade("too many requests")),
    "a 429 that says when": (
        Response("slow down", 429, {"Retry-After": "7"}),
        NotMade("too many requests", 7.0),
    ),
    "a 429 that says never": (
        Response("slow down", 429, {"Retry-After": "9999999"}),
        NotMade("too many requests", 3600.0),
    ),
    "a 429 with a date": (
        Response("slow down", 429, {"Retry-After": "Mon, 23 Nov 2026 09:00:07 GMT"}),
        NotMade("too many requests"),
    ),
    "somebody else's message": (
        JSONResponse(taken(account_sid="AC" + "f" * 32), 201),
        Unknown("an answer to somebody else"),
    ),
    "an acceptance without a name": (
        JSONResponse({}, 201),
        Unknown("an answer to somebody else"),
    ),
    "our credentials": (an_error(401, 20003), NotMade("error 20003", 60.0)),
    "a region that is not allowed": (an_error(400, 21408), NotMade("error 21408", 60.0)),
    "a fault of theirs": (an_error(500, 20500), Unknown("status 500")),
    "a proxy's fault": (Response("<html>", 503), Unknown("status 503")),
    "an acceptance that cannot be read": (Response("<html>", 201), Unknown("JSONDecodeError")),
    "an error in the newer form": (
        JSONResponse({"type": "x", "title": "no", "status": 400, "code": 21610}, 400),
        Refused("21610", opted_out=True),
    ),
}


@pytest.mark.parametrize("case", ANSWERS)
async def test_an_answer_means_what_it_means(stub, adapter, case):
    stub.answer, expected = ANSWERS[case]
    assert await adapter.send(a_message()) == expected
    assert len(stub.asked) == 1, "one call, and only one"


async def test_no_connection_is_certainly_not_accepted():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    adapter = TwilioAdapter(ACCOUNT, TOKEN, SENDERS, PUBLIC, f"http://127.0.0.1:{port}")
    assert await adapter.send(a_message()) == NotMade("ConnectError")
    await adapter.close()


async def test_a_connection_that_breaks_after_the_request_may_have_been_accepted():
    async def take_and_leave(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(take_and_leave, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    adapter = TwilioAdapter(ACCOUNT, TOKEN, SENDERS, PUBLIC, f"http://127.0.0.1:{port}")
    async with server:
        answer = await adapter.send(a_message())
    assert isinstance(answer, Unknown)
    await adapter.close()


@pytest.mark.parametrize("path", ["drip", "hang"])
async def test_an_answer_is_waited_for_as_long_as_its_caller_likes(path):
    """The one limit is the caller's: another one here would end calls that it still waits for."""

    async def never(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        if path == "drip":
            writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 90\r\n\r\n{")
            await writer.drain()
        await reader.read()
        writer.close()
        gone.set()

    gone = asyncio.Event()
    server = await asyncio.start_server(never, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    adapter = TwilioAdapter(ACCOUNT, TOKEN, SENDERS, PUBLIC, f"http://127.0.0.1:{port}")
    assert adapter._transport._client.timeout.read is None
    async with server:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await adapter.send(a_message())
        await adapter.close()
        async with asyncio.timeout(10):
            await gone.wait()


async def test_what_was_taken_is_asked_for_by_recipient_and_sender(stub, adapter):
    stub.answer = JSONResponse({"messages": [taken()], "next_page_uri": None})
    [listed] = await adapter.taken(Channel.SMS, "+37060000001")
    assert (listed.provider_id, listed.text) == (ACCEPTED_SID, "Labas, čia DI asistentė 👋")
    assert listed.at == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert stub.query == {"To": "+37060000001", "From": "+15005550006", "PageSize": "50"}
    await adapter.taken(Channel.WHATSAPP, "+37060000001")
    assert (stub.query["To"], stub.query["From"]) == (
        "whatsapp:+37060000001", "whatsapp:+15005550010",
    )  # fmt: skip


NOT_OURS = {
    "another account": {"account_sid": "AC" + "f" * 32},
    "another number": {"to": "+37060000009"},
    "another sender": {"from": "+15005550009"},
    "no date": {"date_created": None},
}


@pytest.mark.parametrize("case", NOT_OURS)
async def test_what_was_not_asked_for_is_left_out_of_the_list(stub, adapter, case):
    listed = {"messages": [taken(**NOT_OURS[case])], "next_page_uri": None}
    stub.answer = JSONResponse(listed)
    assert await adapter.taken(Channel.SMS, "+37060000001") == []


NO_LIST = {
    "a fault of theirs": an_error(500, 20500),
    "too many requests": an_error(429, 20429),
    "garbage": Response("<html>", 200),
    "another form": JSONResponse([1, 2]),
}


@pytest.mark.parametrize("case", NO_LIST)
async def test_a_list_that_cannot_be_had_says_nothing(stub, adapter, case):
    stub.answer = NO_LIST[case]
    with pytest.raises(ConnectionError):
        await adapter.taken(Channel.SMS, "+37060000001")


async def test_a_template_is_made_as_json_and_handed_in_for_approval(stub, adapter):
    stub.answer = JSONResponse({"sid": "HX" + "4" * 32}, 201)
    sid = await adapter.make_template("opener_en", "en", "Hi {{1}}", 1)
    assert sid == "HX" + "4" * 32
    (path, headers, body), (approval, _, wish) = stub.asked
    assert path == "/v1/Content"
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {
        "friendly_name": "opener_en",
        "language": "en",
        "variables": {"1": "word 1"},
        "types": {"twilio/text": {"body": "Hi {{1}}"}},
    }
    assert approval == f"/v1/Content/{sid}/ApprovalRequests/whatsapp"
    assert json.loads(wish) == {"name": "opener_en", "category": "MARKETING"}


async def test_a_template_that_twilio_will_not_have_is_told_from_one_that_may_come_later(
    stub, adapter
):
    stub.answer = an_error(400, 20001)
    with pytest.raises(TemplateRefusedError, match="20001"):
        await adapter.make_template("opener_en", "en", "Hi", 0)
    stub.answer = an_error(503, 20503)
    with pytest.raises(ConnectionError):
        await adapter.make_template("opener_en", "en", "Hi", 0)


def test_what_a_message_shows_of_itself_names_nobody():
    shown = repr(a_message(variables={"1": "Zoe"}, subject="For Zoe"))
    assert not any(word in shown for word in ("Zoe", "+370", "Labas"))
