"""Errors are told without telling anyone's data; the Kafka client is kept from chattering."""

import logging

import psycopg
import pytest
import sqlalchemy as sa
from aiokafka.errors import KafkaConnectionError
from pydantic import BaseModel, ValidationError

from shared.bus import BusChangedError, Temporary
from shared.bus.faults import described, is_temporary
from shared.quiet import CLIENT, OncePerWhile, quieten

SECRET = "Ann of 5 Mill Lane"


class Model(BaseModel):
    number: int
    words: list[int]
    marks: dict[str, int] = {}


def caught(work):
    with pytest.raises(Exception) as info:  # noqa: PT011  any error is described
        work()
    return info.value


def fail():
    raise KeyError(SECRET)


def database_error(kind):
    return sa.exc.DBAPIError("select 1", {}, kind(SECRET))


def test_an_error_of_unknown_origin_is_told_by_its_place_only():
    assert described(caught(fail)).startswith("KeyError in fail (test_bus_faults.py:")


def test_a_body_that_does_not_fit_is_told_by_its_fields():
    error = caught(lambda: Model.model_validate({"number": SECRET, "words": [SECRET]}))
    assert isinstance(error, ValidationError)
    assert described(error) == "number: int_parsing; words.0: int_parsing"


def test_a_key_that_is_no_name_of_ours_is_not_repeated():
    marks = {SECRET: "x", "+37060000001": "x", "ann@example.com": "x", "a\0": "x"}
    error = caught(lambda: Model.model_validate({"number": 1, "words": [], "marks": marks}))
    assert described(error) == "; ".join(["marks.…: int_parsing"] * 4)


def test_of_many_faults_only_the_first_are_told():
    error = caught(lambda: Model.model_validate({"number": 1, "words": ["x"] * 1000}))
    assert described(error) == "; ".join([*(f"words.{n}: int_parsing" for n in range(5)), "…"])


def test_what_the_database_says_of_a_row_is_not_repeated():
    assert described(database_error(psycopg.errors.UniqueViolation)) == "UniqueViolation"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ConnectionRefusedError("no answer"), "ConnectionRefusedError: no answer"),
        (KafkaConnectionError("gone"), "KafkaConnectionError: KafkaConnectionError: gone"),
        (BusChangedError("another bus"), "BusChangedError: another bus"),
    ],
)
def test_an_engine_s_own_words_are_repeated(error, text):
    assert described(error) == text


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (Temporary(), True),
        (ConnectionResetError(), True),
        (sa.exc.TimeoutError(), True),
        (database_error(psycopg.errors.DeadlockDetected), True),
        (database_error(psycopg.errors.AdminShutdown), True),
        (database_error(psycopg.errors.LockNotAvailable), True),
        (psycopg.errors.DiskFull(), True),
        (database_error(psycopg.errors.InternalError_), True),  # such as a quota
        (database_error(psycopg.errors.UniqueViolation), False),
        (psycopg.errors.NumericValueOutOfRange(), False),
        (ValueError(), False),
        (KeyError(), False),
    ],
)
def test_only_what_may_succeed_later_is_tried_again(error, passes):
    assert is_temporary(error) is passes


def line(text):
    return logging.LogRecord("aiokafka", logging.WARNING, "", 0, text, (), None)


def test_each_kind_of_line_is_let_through_once_per_while(monkeypatch):
    now, once = [100.0], OncePerWhile()
    monkeypatch.setattr("shared.quiet.elapsed_seconds", lambda: now[0])
    assert [once.filter(line(text)) for text in ("a", "a", "b", "a")] == [True, False, True, False]
    now[0] += 30
    assert once.filter(line("a"))


def test_every_logger_of_the_client_is_quiet_and_no_other():
    logging.getLogger("aiokafka.conn")
    logging.getLogger("aiokafkaesque")
    quieten()
    quieten()
    assert logging.getLogger("aiokafka.conn").filters.count(CLIENT) == 1
    assert CLIENT not in logging.getLogger("aiokafkaesque").filters
