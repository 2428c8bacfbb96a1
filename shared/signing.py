"""A signature covers one line as it stands: alter a letter and it is no longer signed."""

from hashlib import sha256

from shared.events.campaign import Line


def digest_of(line: Line) -> str:
    """SHA-256 over all of the line that a reader of the message could notice, in hexadecimal."""
    words = (line.id, line.purpose, line.channel, line.language, line.subject, line.text)
    return sha256("\0".join(words).encode()).hexdigest()


def is_signed(line: Line) -> bool:
    """Whether a person signed exactly these words."""
    return line.signature is not None and line.signature.digest == digest_of(line)
