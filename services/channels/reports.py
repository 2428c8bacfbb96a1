"""Reports about the delivery of a mail of ours (RFC 3464): which one, and what became of it."""

from collections.abc import Collection
from email.message import EmailMessage
from uuid import UUID

from services.channels import letters
from services.channels.delivering import Callback
from services.channels.statuses import MAIL
from services.channels.tokens import Tokens


def callback_of(mail: EmailMessage, recipients: Collection[str], tokens: Tokens) -> Callback | None:
    """What a report says; None when it names no mail of ours.

    It comes back to the address that sent the mail, which names its touch; else the Message-ID of
    the mail that it quotes does.
    """
    name = _name_of_quoted(mail)
    touch_id = letters.named_by(recipients, tokens)[0] or _touch_in(name)
    if touch_id is None:
        return None
    action, code = _outcome(mail)
    return Callback(touch_id, name, action, MAIL.get(action), code)


def _outcome(mail: EmailMessage) -> tuple[str, str]:
    """Action and Status of the first recipient that the report speaks of."""
    for part in mail.walk():
        action = letters.usable(str(part.get("Action", ""))).lower()
        if action:
            return action, letters.usable(str(part.get("Status", ""))).split(" ")[0]
    return "", ""


def _name_of_quoted(mail: EmailMessage) -> str:
    """The Message-ID of the mail, or of its headers, at the end of the report."""
    for part in mail.walk():
        if part.get_content_type() == "text/rfc822-headers":
            lines = str(part.get_content()).splitlines()
            named = [line for line in lines if line.lower().startswith("message-id:")]
            return letters.usable(named[0].partition(":")[2]) if named else ""
        if part is not mail and "Message-ID" in part:
            return letters.usable(str(part["Message-ID"]))
    return ""


def _touch_in(name: str) -> UUID | None:
    """Ours are named after their touch."""
    try:
        return UUID(hex=name.strip("<>").partition("@")[0])
    except ValueError:
        return None
