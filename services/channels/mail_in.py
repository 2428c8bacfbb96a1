"""The mail that comes in, by our own listener: committed before the sender is told 250.

A mail is matched by its plus-address (`reply+TOKEN@…`), which names the touch it answers; without
one, by the address it comes from. `unsub+TOKEN@…` is an opt-out, whatever stands in it. A report
about the delivery of a mail of ours says what became of that one.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from hashlib import sha256

from aiosmtpd.smtp import SMTP, Envelope, Session

from services.channels import letters, reports
from services.channels.delivering import Callback, tell_status
from services.channels.edges import Edge
from services.channels.inbound import Heard, receive
from services.channels.patience import patiently
from services.channels.tokens import Tokens
from shared.bus.faults import described
from shared.crash import point
from shared.web import PortTakenError
from shared.words import Channel

log = logging.getLogger(__name__)

MAIL_BYTES_MAX = 10 * 1024 * 1024
ACCEPTED = "250 OK"
NOBODY_THERE = "550 5.1.1 nobody has this address"
TRY_AGAIN = "451 4.3.0 try again later"


@dataclass
class MailListener:
    """Listens for mail to `reply_domain`. Port 0 lets the system choose one."""

    edge: Edge
    host: str
    port: int
    reply_domain: str
    ours: Collection[str] = field(default=())  # our addresses, by which quotes are found
    open_mails: int = field(default=0, init=False)

    async def run(self) -> None:
        """Until cancelled. Raises PortTakenError when the port is in use."""
        loop = asyncio.get_running_loop()

        def protocol() -> SMTP:
            return SMTP(self, data_size_limit=MAIL_BYTES_MAX, enable_SMTPUTF8=True, loop=loop)

        try:
            server = await loop.create_server(protocol, self.host, self.port)
        except OSError as error:
            sentence = f"incoming mail: port {self.port} is in use; choose another one."
            raise PortTakenError(sentence) from error
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            await server.serve_forever()

    def nudge(self) -> None:
        """Mails come by themselves."""

    async def busy(self) -> str:
        return f"{self.open_mails} mails in hand" if self.open_mails else ""

    async def next_due(self) -> datetime | None:
        return None

    async def handle_RCPT(  # noqa: N802  aiosmtpd's
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: Sequence[str],
    ) -> str:
        """Only addresses that we gave away are ours."""
        if not address.lower().endswith(f"@{self.reply_domain.lower()}"):
            return NOBODY_THERE
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return ACCEPTED

    async def handle_DATA(  # noqa: N802  aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        self.open_mails += 1
        try:
            match understood(envelope, self.edge.tokens, self.ours):
                case Heard() as heard:
                    await patiently(receive, self.edge, heard)
                case Callback() as callback:
                    await patiently(tell_status, self.edge, callback)
                case None:
                    pass
        except Exception as error:  # noqa: BLE001  the sender keeps the mail and comes again
            log.warning("a mail is not taken yet: %s", described(error))
            return TRY_AGAIN
        finally:
            self.open_mails -= 1
        point("answer.before")
        return ACCEPTED


def understood(
    envelope: Envelope, tokens: Tokens, ours: Collection[str]
) -> Heard | Callback | None:
    """The mail, or the report about a mail of ours, in our words; None for what is neither."""
    raw = envelope.content if isinstance(envelope.content, bytes) else b""
    mail = message_from_bytes(raw, policy=policy.default)
    if letters.is_report(mail):
        return reports.callback_of(mail, envelope.rcpt_tos, tokens)
    touch_id, asks_out = letters.named_by(envelope.rcpt_tos, tokens)
    sender = letters.sender_of(mail)
    if not touch_id and not sender:
        return None
    return Heard(
        channel=Channel.EMAIL,
        provider_id=letters.name_of(mail) or f"mail-{sha256(raw).hexdigest()}",
        address=sender,
        words=letters.words_of(mail, [*ours, *envelope.rcpt_tos]),
        touch_id=touch_id,
        automatic=letters.is_automatic(mail, envelope.mail_from),
        asks_out=asks_out,
    )
