"""Which errors pass by themselves, and how an error is told without telling anyone's data."""

from pathlib import Path
from traceback import extract_tb
from typing import Literal, NamedTuple

import psycopg
import sqlalchemy as sa
from aiokafka.errors import KafkaError
from pydantic import ValidationError


class Temporary(Exception):  # noqa: N818  reads as what it is: `raise Temporary`
    """A handler raises this when the same event may succeed later; the batch is tried again."""


class BusError(Exception):
    """A sentence of the machinery itself, for the operator."""


class HandlerBrokenError(BusError):
    """So many contacts are parked that the fault must be ours: no more are, their lanes wait."""


class BusChangedError(BusError):
    """The bus no longer holds what this group has yet to read, or is another bus altogether."""


class TopicsMissingError(BusError):
    """Topics that the group hears are not there yet."""


class StoppingError(BusError):
    """The process leaves; the batch was rolled back and the next owner takes it."""


class Trouble(NamedTuple):
    """What somebody cannot do at the moment, and tries again by itself."""

    source: Literal["bus", "database", "work"]
    sentence: str


def trouble(who: str, what: str, error: BaseException) -> Trouble:
    """The error in words, such as `triage waits, applying a batch: DiskFull: …`."""
    sentence = f"{who} waits, {what}: {' '.join(described(error).split())}"
    if isinstance(error, KafkaError | TopicsMissingError):
        return Trouble("bus", sentence)
    if isinstance(error, sa.exc.SQLAlchemyError | psycopg.Error):
        return Trouble("database", sentence)
    return Trouble("work", sentence)


def is_temporary(error: Exception) -> bool:
    """Will the same call perhaps succeed later? Everything else is the event's fault, or a bug."""
    if isinstance(error, sa.exc.DBAPIError):
        return error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError)
    passing = Temporary | sa.exc.TimeoutError | sa.exc.PendingRollbackError | OSError
    return isinstance(error, passing)


def described(error: BaseException) -> str:
    """What went wrong and where. A message is repeated only when it cannot hold a customer's data.

    The text of any other error may quote the value that it stumbled over.
    """
    if isinstance(error, ValidationError):
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        return "; ".join(f"{'.'.join(map(str, f['loc']))}: {f['type']}" for f in faults)
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig else error
    name = type(cause).__name__
    if isinstance(cause, BusError | KafkaError | OSError | psycopg.OperationalError):
        return f"{name}: {cause}"
    if not (frames := extract_tb(error.__traceback__)):
        return name
    last = frames[-1]
    return f"{name} in {last.name} ({Path(last.filename).name}:{last.lineno})"
