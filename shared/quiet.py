"""Keeps clients from filling the log: without a broker Kafka's writes 100 lines a second."""

import logging

from shared.clock import elapsed_seconds

REPEAT_SECONDS = 30.0


class OncePerWhile(logging.Filter):
    """Lets each kind of line through once per `REPEAT_SECONDS`."""

    def __init__(self) -> None:
        super().__init__()
        self._said_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        now, kind = elapsed_seconds(), f"{record.name}/{record.msg}"
        if now - self._said_at.get(kind, -REPEAT_SECONDS) < REPEAT_SECONDS:
            return False
        self._said_at[kind] = now
        return True


CLIENT = OncePerWhile()


def quieten(client: str = "aiokafka") -> None:
    """Rate-limit every logger of a client; calling it again changes nothing.

    A filter on the parent would not do: only the logger that was written to is asked.
    """
    for name in list(logging.root.manager.loggerDict):
        if name == client or name.startswith(f"{client}."):
            logging.getLogger(name).addFilter(CLIENT)
