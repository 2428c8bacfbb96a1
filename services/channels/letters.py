"""What a mail says, from its bytes: who wrote, what of it is theirs, and whether a machine did."""

from collections.abc import Iterable
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import parseaddr
from html.parser import HTMLParser
from uuid import UUID

from services.channels.quotes import own_words
from services.channels.tokens import Tokens

AUTOMATIC_PRECEDENCE = frozenset({"auto_reply", "bulk", "junk", "list"})
AUTOMATIC_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress")
NAME_CHARS_MAX = 250
REPLY, UNSUBSCRIBE = "reply", "unsub"


def sender_of(mail: EmailMessage) -> str:
    """The address in From, in lower case; empty when there is none."""
    return parseaddr(str(mail.get("From", "")))[1].lower()


def name_of(mail: EmailMessage) -> str:
    """What the mail is called (Message-ID); empty when it has no usable name."""
    return usable(str(mail.get("Message-ID", "")))


def usable(name: str) -> str:
    """A name without the space around it; empty when it is too long, or no row takes it."""
    name = name.strip()
    return name if len(name) <= NAME_CHARS_MAX and name.isprintable() else ""


def named_by(recipients: Iterable[str], tokens: Tokens) -> tuple[UUID | None, bool]:
    """The touch that a plus-address of ours names, and whether it is the one to opt out by."""
    for address in recipients:
        purpose, _, token = address.lower().partition("@")[0].partition("+")
        touch_id = tokens.read(token)
        if touch_id and purpose in (REPLY, UNSUBSCRIBE):
            return touch_id, purpose == UNSUBSCRIBE
    return None, False


def words_of(mail: EmailMessage, ours: Iterable[str]) -> str:
    """The writer's own words. `ours` are our addresses."""
    return own_words(_text(mail), list(ours))


def is_report(mail: EmailMessage) -> bool:
    """A report about delivery (RFC 3464), which nobody wrote."""
    return mail.get_content_type() == "multipart/report"


def is_automatic(mail: EmailMessage, envelope_sender: str | None) -> bool:
    """The mail says of itself that a machine wrote it (RFC 3834), or may not be answered."""
    submitted = str(mail.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    precedence = str(mail.get("Precedence", "")).strip().lower()
    return (
        submitted != "no"
        or precedence in AUTOMATIC_PRECEDENCE
        or any(header in mail for header in AUTOMATIC_HEADERS)
        or not envelope_sender
    )


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain", "html"))
    if not isinstance(body, EmailMessage):
        return ""
    try:
        text = str(body.get_content())
    except (LookupError, ValueError, MessageError):  # a charset that nobody knows
        payload = body.get_payload(decode=True)
        text = payload.decode(errors="replace") if isinstance(payload, bytes) else ""
    return _from_html(text) if body.get_content_subtype() == "html" else text


class _Reader(HTMLParser):
    """Text as a reader sees it, without what is quoted."""

    HIDDEN = frozenset({"script", "style", "head", "blockquote"})
    BREAKING = frozenset({"br", "p", "div", "li", "tr", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in self.HIDDEN
        if tag in self.BREAKING:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in self.HIDDEN and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _from_html(text: str) -> str:
    reader = _Reader()
    reader.feed(text)
    return "".join(reader.parts)
