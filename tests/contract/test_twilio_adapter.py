"""What the Twilio adapter asks of Twilio, and what it makes of the answers, over a real socket."""

import asyncio
import base64
import contextlib
import json
import socket
from contextlib import asynccontextmanager
from urllib.parse import parse_qs
from uuid import UUID

import pytest
import uvicorn
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

ACCOUNT, TOKEN = "AC" + "1" * 32, "a token"
SENDERS = {Channel.SMS: "+15005550006", Channel.WHATSAPP: "+15005550010"}
PUBLIC = "https://hooks.example"
TOUCH = UUID(int=5)
ACCEPTED_SID = "SM" + "2" * 32


class Stub:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self):
        self.asked = []
        self.answer = JSONResponse({"sid": ACCEPTED_SID, "status": "queued"}, 201)

    async def handle(self, request):
        self.asked.append((request.url.path, dict(request.headers), await request.body()))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    @property
    def form(self):
        return parse_qs(self.asked[-1][2].decode())


@pytest.fixture
def stub():
    return Stub()


@asynccontextmanager
async def serving(app):
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
            await asyncio.sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def adapter(stub):
    routes = [Route("/{path:path}", stub.handle, methods=["POST"])]
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
