"""E-mail by SMTP.

The step at which a failure comes says what it means: until the words are handed over nothing was
accepted, afterwards only the server knows.
"""

import re
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formataddr, parseaddr

import aiosmtplib

from services.channels.adapters.base import Accepted, Answer, NotMade, Outgoing, Refused, Unknown
from services.channels.tokens import Tokens

CONNECT_SECONDS = 5.0
UNREACHED_SECONDS = 5.0
IDLE_MAX = 8  # connections
PERMANENT = 500
# Mail programs and signers break on a List-Unsubscribe that is folded over lines.
POLICY = SMTP_POLICY.clone(max_line_length=998)
ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")  # RFC 3463


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that carries our mail away. `tls` is off, starttls or tls."""

    host: str
    port: int
    tls: str = "off"
    user: str = ""
    password: str = field(default="", repr=False)

    def client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            use_tls=self.tls == "tls",
            start_tls=self.tls == "starttls",
            username=self.user or None,
            password=self.password or None,
            timeout=CONNECT_SECONDS,
        )


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who we are by mail. Replies and bounces come to `reply_domain`, named after their touch."""

    sender: str  # "Name <address>"
    reply_domain: str
    public_url: str
    tokens: Tokens
    postal_address: str = ""

    def reply_to(self, message: Outgoing) -> str:
        return f"reply+{self.tokens.make(message.touch_id)}@{self.reply_domain}"

    def unsubscribe_url(self, message: Outgoing) -> str:
        return f"{self.public_url.rstrip('/')}/u/{self.tokens.make(message.touch_id)}"

    def mail(self, message: Outgoing) -> EmailMessage:
        """The mail as it leaves: one click ends it all (RFC 8058), a reply finds its touch."""
        link, token = self.unsubscribe_url(message), self.tokens.make(message.touch_id)
        mail = EmailMessage(POLICY)
        mail["From"] = formataddr(parseaddr(self.sender))
        mail["To"] = message.to
        mail["Subject"] = " ".join(message.subject.split())
        mail["Reply-To"] = self.reply_to(message)
        mail["Message-ID"] = self.message_id(message.touch_id.hex)
        if message.follows:
            mail["In-Reply-To"] = mail["References"] = self.message_id(message.follows.hex)
        mail["List-Unsubscribe"] = f"<{link}>, <mailto:unsub+{token}@{self.reply_domain}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        foot = "\n".join(filter(None, (self.postal_address, link)))
        mail.set_content(f"{message.text}\n\n-- \n{foot}\n", cte="quoted-printable")
        return mail

    def message_id(self, touch: str) -> str:
        """The same for the same touch, so that a reader's mailbox sees a repeated one once."""
        return f"<{touch}@{self.reply_domain}>"


class SmtpAdapter:
    """Keeps connections: one made anew for each mail costs four times as much."""

    def __init__(self, server: MailServer, envelope: Envelope) -> None:
        self._server, self._envelope = server, envelope
        self._idle: list[aiosmtplib.SMTP] = []

    async def send(self, message: Outgoing) -> Answer:
        try:
            content = self._envelope.mail(message).as_bytes()
        except ValueError:  # an address that no mail can name
            return Refused("unwritable")
        try:
            client = await self._connected()
        except (aiosmtplib.SMTPException, OSError) as error:
            return NotMade(type(error).__name__, UNREACHED_SECONDS)
        answer: Answer | None = None
        try:
            answer = await self._hand_over(client, message, content)
        finally:  # also when the caller's patience is over
            if isinstance(answer, Accepted | Refused) and len(self._idle) < IDLE_MAX:
                self._idle.append(client)
            else:
                client.close()
        return answer

    async def _hand_over(
        self, client: aiosmtplib.SMTP, message: Outgoing, content: bytes
    ) -> Answer:
        try:
            await client.mail(self._envelope.reply_to(message))
            await client.rcpt(message.to)
        except aiosmtplib.SMTPResponseException as error:
            return judged(error)
        except (aiosmtplib.SMTPException, OSError) as error:
            return NotMade(type(error).__name__)
        try:
            await client.data(content)
        except aiosmtplib.SMTPResponseException as error:
            return judged(error)
        except (aiosmtplib.SMTPException, OSError) as error:
            return Unknown(type(error).__name__)
        return Accepted(self._envelope.message_id(message.touch_id.hex))

    async def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    async def _connected(self) -> aiosmtplib.SMTP:
        """One that still answers, or a new one."""
        while self._idle:
            client = self._idle.pop()
            try:
                await client.rset(timeout=CONNECT_SECONDS)
            except (aiosmtplib.SMTPException, OSError):
                client.close()
            else:
                return client
        client = self._server.client()
        await client.connect()
        client.timeout = None
        return client


def judged(error: aiosmtplib.SMTPResponseException) -> Answer:
    """5xx is no, anything else is not now. The code is the extended one where there is one."""
    extended = ENHANCED.search(error.message)
    code = extended[0] if extended else str(error.code)
    return Refused(code) if error.code >= PERMANENT else NotMade(f"status {code}")
