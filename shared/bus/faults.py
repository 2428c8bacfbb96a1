"""Which errors pass by themselves, and how an error is told without telling anyone's data."""

import re
from pathlib import Path
from traceback import extract_tb
from typing import Literal, NamedTuple

import psycopg
import sqlalchemy as sa
from aiokafka.errors import KafkaError
from pydantic import ValidationError

FAULTS_TOLD_MAX = 5  # of one event
# The server's own trouble, never an event's. A quota, unlike a full disk, is an internal error.
OF_THE_SERVER = psycopg.OperationalError | psycopg.InternalError
OUR_NAME = re.compile(r"\[?[a-z][a-z0-9_]{0,39}\]?")


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
        return error.connection_invalidated or isinstance(error.orig, OF_THE_SERVER)
    # What is written by COPY fails with the driver's own errors.
    passing = Temporary | sa.exc.TimeoutError | sa.exc.PendingRollbackError
    return isinstance(error, passing | OF_THE_SERVER | OSError)


def described(error: BaseException) -> str:
    """What went wrong and where. A message is repeated only when it cannot hold a customer's data.

    The text of any other error may quote the value that it stumbled over.
    """
    if isinstance(error, ValidationError):
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        told = [f"{'.'.join(map(_place, f['loc']))}: {f['type']}" for f in faults[:FAULTS_TOLD_MAX]]
        return "; ".join(told + ["…"] * (len(faults) > FAULTS_TOLD_MAX))
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig else error
    name = type(cause).__name__
    if isinstance(cause, OF_THE_SERVER):  # without the context, which may quote a row
        return f"{name}: {cause.diag.message_primary or cause}"
    if isinstance(cause, BusError | KafkaError | OSError):
        return f"{name}: {cause}"
    if not (frames := extract_tb(error.__traceback__)):
        return name
    last = frames[-1]
    return f"{name} in {last.name} ({Path(last.filename).name}:{last.lineno})"


def _place(part: int | str) -> str:
    """A part of the way to a fault: a field of ours, or a key of theirs that could be anything."""
    return str(part) if isinstance(part, int) or OUR_NAME.fullmatch(part) else "…"
