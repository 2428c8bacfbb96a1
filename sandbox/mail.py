"""Mail both ways: a server that takes what the product sends, and a customer's mail program."""

import asyncio
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

import aiosmtplib
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.acts import Message, Reply
from sandbox.lies import MAILS
from sandbox.phrases import Situation
from sandbox.world import World


@dataclass
class Mailroom:
    """Hears the product's SMTP client, and speaks to its listener."""

    world: World
    inbound_host: str
    inbound_port: int

    async def listen(self, host: str, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: SMTP(self, enable_SMTPUTF8=True), host, port)

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        """Accept a mail: from here on it counts as sent."""
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        body = mail.get_body(("plain",))
        for recipient in envelope.rcpt_tos:
            message = Message(
                id=str(mail["Message-ID"] or ""),
                channel="email",
                address=recipient.lower(),
                sender=parseaddr(str(mail["From"]))[1],
                text=body.get_content() if body else "",
                subject=str(mail["Subject"] or ""),
                reply_to=parseaddr(str(mail["Reply-To"] or mail["From"]))[1],
            )
            await self.world.accept(message)
            if lie := self.world.lies.first(MAILS, message.id):
                await self._say_nothing(server, message, lie)
        return "250 accepted"

    async def _say_nothing(self, server: SMTP, message: Message, lie: str) -> None:
        """Until the connection is gone, which ends this."""
        with self.world.waited_for_in_vain(message):
            if lie == "mail_close" and isinstance(server.transport, asyncio.WriteTransport):
                server.transport.abort()
            await asyncio.Event().wait()

    async def send(self, reply: Reply) -> bool:
        """The customer's answer, with the mail it answers quoted below; whether it was taken."""
        try:
            await aiosmtplib.send(
                as_mail(reply, self.world),
                hostname=self.inbound_host,
                port=self.inbound_port,
                start_tls=False,
                timeout=30,
            )
        except (aiosmtplib.SMTPException, OSError):
            return False
        return True


def as_mail(reply: Reply, world: World) -> EmailMessage:
    """A mail as mail programs write it."""
    message = reply.message
    mail = EmailMessage()
    mail["From"], mail["To"] = message.address, message.reply_to
    mail["Subject"] = f"Re: {message.subject}"
    mail["Message-ID"] = f"<{reply.id}@mail.example>"
    mail["In-Reply-To"] = mail["References"] = message.id
    mail["Date"] = format_datetime(world.now)
    if reply.answer.situation is Situation.OUT_OF_OFFICE:
        mail["Auto-Submitted"] = "auto-replied"
    quoted = "\n".join(f"> {line}" for line in message.text.splitlines())
    written = f"On {world.now:%d %b %Y}, {message.sender} wrote:"
    mail.set_content(f"{reply.answer.text}\n\n{written}\n{quoted}\n")
    return mail
