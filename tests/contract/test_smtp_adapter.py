"""What the mail adapter says to a mail server, and what it makes of the answers, over a socket."""

import asyncio
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP

from services.channels.adapters.base import Accepted, NotMade, Outgoing, Refused, Unknown
from services.channels.adapters.smtp import Envelope, MailServer, SmtpAdapter
from services.channels.tokens import Tokens
from shared.words import Channel

TOKENS = Tokens(b"secret")
TOUCH, BEFORE = UUID(int=5), UUID(int=4)
ENVELOPE = Envelope(
    "Ieva's AI assistant <assistant@mail.example>", "reply.example", "https://hooks.example", TOKENS
)


class Server:
    """Keeps mails; answers each command as it is told."""

    def __init__(self):
        self.mails, self.connections = [], 0
        self.to_recipient = self.to_data = "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802  aiosmtpd's
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802  aiosmtpd's
        if not self.to_data:
            server.transport.abort()
            return "250 too late"
        if self.to_data.startswith("250"):
            self.mails.append(envelope)
        return self.to_data

    def protocol(self):
        self.connections += 1
        return SMTP(self, loop=asyncio.get_running_loop())


@asynccontextmanager
async def listening(server):
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(server.protocol, "127.0.0.1", 0)
    async with listener:
        yield listener.sockets[0].getsockname()[1]


@pytest.fixture
async def server():
    return Server()


@pytest.fixture
async def adapter(server):
    async with listening(server) as port:
        adapter = SmtpAdapter(MailServer("127.0.0.1", port), ENVELOPE)
        yield adapter
        await adapter.close()


def a_message(**changes):
    its = {"touch_id": TOUCH, "channel": Channel.EMAIL, "to": "zoe@customer.example"}
    its |= {"text": "Guten Tag Zoë,\n\nich bin eine KI.", "subject": "Ein Zugang\nfür alle"}
    return Outgoing(**{**its, **changes})


def as_read(envelope):
    return message_from_bytes(envelope.content, policy=policy.default)


async def test_a_mail_says_who_writes_where_to_answer_and_how_to_end_it(server, adapter):
    answer = await adapter.send(a_message(follows=BEFORE))
    assert answer == Accepted(f"<{TOUCH.hex}@reply.example>")
    [envelope] = server.mails
    assert envelope.rcpt_tos == ["zoe@customer.example"]
    mail, token = as_read(envelope), TOKENS.make(TOUCH)
    assert mail["From"] == "Ieva's AI assistant <assistant@mail.example>"
    assert mail["To"] == "zoe@customer.example"
    assert mail["Subject"] == "Ein Zugang für alle"
    assert mail["Reply-To"] == envelope.mail_from == f"reply+{token}@reply.example"
    assert mail["In-Reply-To"] == mail["References"] == f"<{BEFORE.hex}@reply.example>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.get_content().splitlines() == [
        "Guten Tag Zoë,", "", "ich bin eine KI.", "", "-- ", f"https://hooks.example/u/{token}",
    ]  # fmt: skip


async def test_both_ways_to_unsubscribe_stand_in_one_unfolded_line(server, adapter):
    await adapter.send(a_message())
    token = TOKENS.make(TOUCH)
    line = (
        f"List-Unsubscribe: <https://hooks.example/u/{token}>, "
        f"<mailto:unsub+{token}@reply.example>\r\n"
    )
    assert line.encode() in server.mails[0].content


async def test_the_first_mail_follows_nothing(server, adapter):
    await adapter.send(a_message())
    assert "In-Reply-To" not in as_read(server.mails[0])


async def test_a_subject_cannot_smuggle_in_a_header(server, adapter):
    await adapter.send(a_message(subject="Hi\r\nBcc: everybody@customer.example"))
    mail = as_read(server.mails[0])
    assert "Bcc" not in mail
    assert mail["Subject"] == "Hi Bcc: everybody@customer.example"


async def test_connections_are_kept_also_after_a_refusal(server, adapter):
    await adapter.send(a_message())
    server.to_recipient = "550 5.1.1 unknown"
    await adapter.send(a_message())
    server.to_recipient = "250 OK"
    await adapter.send(a_message())
    assert len(server.mails) == 2
    assert server.connections == 1


RECIPIENTS = {
    "550 5.1.1 unknown": Refused("5.1.1"),
    "553 no": Refused("553"),
    "450 4.2.1 come back": NotMade("status 4.2.1"),
    "421 4.3.2 leaving": NotMade("status 4.3.2"),
}


@pytest.mark.parametrize("said", RECIPIENTS)
async def test_before_the_words_are_given_nothing_was_accepted(server, adapter, said):
    server.to_recipient = said
    assert await adapter.send(a_message()) == RECIPIENTS[said]


WORDS = {
    "554 5.7.1 policy": Refused("5.7.1"),
    "451 4.7.1 greylisted": NotMade("status 4.7.1"),
    "": Unknown("SMTPServerDisconnected"),
}


@pytest.mark.parametrize("said", WORDS)
async def test_after_the_words_are_given_only_the_server_knows(server, adapter, said):
    server.to_data = said
    assert await adapter.send(a_message()) == WORDS[said]


async def test_no_server_is_certainly_not_accepted(server):
    async with listening(server) as port:
        pass
    answer = await SmtpAdapter(MailServer("127.0.0.1", port), ENVELOPE).send(a_message())
    assert isinstance(answer, NotMade)


async def test_a_server_that_went_away_is_called_anew(server):
    async with listening(server) as port:
        adapter = SmtpAdapter(MailServer("127.0.0.1", port), ENVELOPE)
        await adapter.send(a_message())
        for client in adapter._idle:
            client.transport.abort()
        assert isinstance(await adapter.send(a_message()), Accepted)
        assert server.connections == 2
        await adapter.close()


async def test_an_address_that_no_mail_can_name_is_refused(adapter):
    assert await adapter.send(a_message(to="zoë\n@x")) == Refused("unwritable")
