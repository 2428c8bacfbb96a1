"""When and where the sandbox is in its unit tests."""

from datetime import UTC, datetime

from sandbox.app import Sandbox

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def messages(sandbox: Sandbox) -> str:
    """Where messages are handed in."""
    return f"/2010-04-01/Accounts/{sandbox.twilio.account}/Messages.json"
