"""One bad event costs one contact, keeps its order, and can be repaired."""

import pytest
import sqlalchemy as sa

from shared.bus import (
    HandlerBrokenError,
    Lanes,
    make_engine,
    parked_drop,
    parked_list,
    parked_retry,
)
from shared.events.base import WakeAt
from shared.ids import LANES, NOBODY, lane_of
from tests.service.bus_world import (
    METADATA,
    NOON,
    TABLES,
    WORKSPACE,
    Diary,
    OfWorkspace,
    Said,
    contact,
    headers,
    heard,
    notes,
    prepared,
    record,
    rows,
    take,
)

ANN, BOB, CAT = contact(1, lane=1), contact(2, lane=4), contact(3, lane=7)
CURSE = "a name that no log may show"


@pytest.fixture
def engine(database):
    its = make_engine(database("diary", METADATA))
    yield its
    its.dispose()


@pytest.fixture
def lanes(engine):
    return prepared(engine, Lanes("diary", TABLES, Diary(cursed), lambda: NOON))


def cursed(tx, event):
    if getattr(event, "text", "") == CURSE:
        raise ValueError(event.text)
    return []


def spared(lanes):
    """The same group after the bug was repaired."""
    return Lanes(lanes.group, TABLES, Diary(), lambda: NOON)


def parked(engine, lanes):
    with engine.connect() as tx:
        return parked_list(tx, lanes)


def applied(retried):
    """How many of them went."""
    return sum(not one.cause for one in retried)


def broken(name, number=1):
    """A record of Ann's with one thing wrong, and a part of the sentence that says so."""
    event = heard(ANN, number)
    wrong = {
        "body": ({"value": b"\xff no json"}, "it is no test.heard: ValueError"),
        "no object": ({"value": b"[1]"}, "it is no test.heard: TypeError"),
        "field": ({"value": b'{"number": "Ann"}'}, "no test.heard: number: int_parsing"),
        "empty": ({"value": None}, "it is no test.heard"),
        "id": (with_headers(event, ce_id="x"), "ce_id is missing or no UUID"),
        "time": (with_headers(event, ce_time="noon"), "it is no test.heard: time: datetime"),
        "zone": (with_headers(event, ce_time="2026-03-02T12:00:00"), "ce_time has no time zone"),
        "workspace": (
            with_headers(event, ce_workspaceid="x"),
            "it is no test.heard: workspace_id: uuid_parsing",
        ),
        "type": (with_headers(event, ce_type="other"), "ce_type is not the topic"),
        "version": (with_headers(event, ce_version="new"), "ce_version is no number"),
        "specification": (with_headers(event, ce_specversion="2.0"), "ce_specversion is not 1.0"),
        "content": ({"headers": []}, "ce_id is missing or no UUID"),
        "format": (with_headers(event, **{"content-type": "text/plain"}), "content-type is not"),
        "key": (with_headers(event, ce_subject=str(BOB)), "name different subjects"),
        "lane": ({"partition": (lane_of(ANN) + 1) % LANES}, "is not the lane of this subject"),
    }
    changed, cause = wrong[name]
    return record(event, 0, **changed), cause


def with_headers(event, **changed):
    return {"headers": [(name, its.encode()) for name, its in headers(event, **changed).items()]}


KINDS = ["body", "no object", "field", "empty", "id", "time", "zone", "workspace", "type"]
KINDS += ["version", "specification", "content", "format", "key", "lane"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_bad_record_parks_exactly_its_contact(engine, lanes, kind):
    bad, cause = broken(kind)
    others = [record(heard(who, 1), 0) for who in (BOB, CAT)]
    take(engine, lanes, bad, *others)
    take(engine, lanes, record(heard(ANN, 2), bad.partition == lane_of(ANN)))
    first, second = parked(engine, lanes)
    assert cause in first.cause
    assert second.cause == "waits behind an earlier parked event"
    assert first.subject == second.subject == ANN
    assert notes(engine) == [("test.heard", 1)] * 2


@pytest.mark.parametrize("key", [None, b"somebody", b"\xff"])
def test_a_record_of_nobody_parks_nobody(engine, lanes, key):
    take(engine, lanes, record(heard(ANN, 1), 0, key=key), record(heard(ANN, 2), 1))
    [row] = parked(engine, lanes)
    assert (row.subject, row.cause) == (NOBODY, "the key is no UUID")
    assert notes(engine) == [("test.heard", 2)]


def test_a_bad_record_without_an_id_is_the_same_one_when_it_comes_again(engine, lanes):
    bad, _ = broken("id")
    other = Lanes("other", TABLES, Diary(), lambda: NOON)
    prepared(engine, other)
    for group in (lanes, other):
        take(engine, group, bad)
    assert parked(engine, lanes)[0].event_id == parked(engine, other)[0].event_id


def test_a_foreign_header_does_no_harm(engine, lanes):
    event = heard(ANN, 1)
    more = [("trace", b"\xff\xfe"), ("reply_to", b"me"), ("empty", None)]
    whole = record(event, 0)
    take(engine, lanes, record(event, 0, headers=[*whole.headers, *more]))
    assert notes(engine) == [("test.heard", 1)]


def test_a_later_version_with_more_fields_is_understood(engine, lanes):
    event = heard(ANN, 1)
    later = record(event, 0, **with_headers(event, ce_version="9"))
    later.value = b'{"number": 1, "mood": "good"}'
    take(engine, lanes, later)
    assert notes(engine) == [("test.heard", 1)]


def test_a_handler_that_fails_for_one_contact_parks_it_and_what_follows(engine, lanes):
    batch = [record(heard(who, 1, text=CURSE if who == ANN else ""), 0) for who in (ANN, BOB, CAT)]
    batch += [record(heard(ANN, 2), 1), record(heard(BOB, 2), 1)]
    take(engine, lanes, *batch)
    take(engine, lanes, record(heard(ANN, 3), 2))
    assert [row.subject for row in parked(engine, lanes)] == [ANN] * 3
    assert notes(engine, BOB) == [("test.heard", 1), ("test.heard", 2)]
    assert notes(engine, ANN) == []


def test_the_events_before_the_bad_one_are_applied(engine, lanes):
    texts = ["", "", CURSE, ""]
    take(engine, lanes, *[record(heard(ANN, n, text=t), n) for n, t in enumerate(texts)])
    assert notes(engine) == [("test.heard", 0), ("test.heard", 1)]


def test_a_cause_never_repeats_what_the_event_said(engine, lanes, caplog):
    texts = [CURSE, "behind it"]
    take(engine, lanes, *[record(heard(ANN, n, text=t), n) for n, t in enumerate(texts)])
    [row, _] = parked(engine, lanes)
    assert row.cause.startswith("ValueError in cursed (test_bus_parked.py:")
    [line] = caplog.records
    assert line.getMessage() == f"parked: {row.cause}"
    assert (line.subject, line.event_id, line.group) == (ANN, row.event_id, "diary")
    assert CURSE not in str(parked(engine, lanes)) + str(caplog.records)


def test_a_parked_contact_s_timers_park_too(engine, database):
    def answer(tx, event):
        cursed(tx, event)
        return [WakeAt(ANN, WORKSPACE, 1, NOON)] if event.topic == "test.heard" else []

    lanes = prepared(engine, Lanes("diary", TABLES, Diary(answer), lambda: NOON))
    take(engine, lanes, record(heard(ANN, 1), 0), record(heard(ANN, 2, text=CURSE), 1))
    with engine.begin() as tx:
        assert lanes.wake(tx, range(LANES)) == 1
    assert [row.topic for row in parked(engine, lanes)] == ["test.heard", "woke"]
    repaired = spared(lanes)
    with engine.begin() as tx:
        assert applied(parked_retry(tx, repaired, ANN)) == 2
    assert notes(engine, ANN) == [("test.heard", 1), ("test.heard", 2), ("woke", 1)]


def test_after_a_repair_everything_is_applied_in_order(engine, lanes):
    texts = [CURSE, "", CURSE, ""]
    take(engine, lanes, *[record(heard(ANN, n, text=t), n) for n, t in enumerate(texts)])
    with engine.begin() as tx:
        assert applied(parked_retry(tx, lanes, ANN)) == 0
    with engine.begin() as tx:
        assert applied(parked_retry(tx, spared(lanes), ANN)) == 4
    assert [number for _, number in notes(engine)] == [0, 1, 2, 3]
    take(engine, lanes, record(heard(ANN, 4), 4))
    assert notes(engine)[-1] == ("test.heard", 4)


def test_what_a_retry_says_goes_out_as_if_nothing_had_happened(engine, lanes):
    event = heard(ANN, 1, text=CURSE)
    take(engine, lanes, record(event, 0))

    def answer(tx, it):
        return [Said(subject=it.subject, workspace_id=it.workspace_id, number=it.number)]

    with engine.begin() as tx:
        parked_retry(tx, Lanes("diary", TABLES, Diary(answer), lambda: NOON), ANN)
    [said] = rows(engine, TABLES.outbox)
    assert said.cause_id == event.id


def test_a_retry_tells_of_each_event_what_it_says_or_why_it_still_waits(engine, lanes):
    texts = [CURSE, "", CURSE, ""]
    take(engine, lanes, *[record(heard(ANN, n, text=t), n) for n, t in enumerate(texts)])

    def answer(tx, event):
        if event.number == 2:
            cursed(tx, event)
        said = Said(subject=ANN, workspace_id=WORKSPACE, number=event.number)
        return [WakeAt(ANN, WORKSPACE, 1, NOON), *[said] * event.number]

    with engine.begin() as tx:
        repaired = Lanes("diary", TABLES, Diary(answer), lambda: NOON)
        retried = parked_retry(tx, repaired, ANN)
    assert [(one.cause[:10], dict(one.says)) for one in retried] == [
        ("", {}),
        ("", {"test.said": 1}),
        ("ValueError", {}),
        ("waits behi", {}),
    ]
    assert [row.cause for row in parked(engine, lanes)] == [one.cause for one in retried[2:]]


def test_what_is_parked_in_the_wrong_lane_can_be_applied_after_all(engine, lanes):
    bad, _ = broken("lane")
    take(engine, lanes, bad)
    with engine.begin() as tx:
        assert applied(parked_retry(tx, lanes, ANN)) == 1
    take(engine, lanes, record(heard(ANN, 1), 0))
    assert notes(engine) == [("test.heard", 1)]


def test_a_drop_takes_its_turn_with_the_lane_s_owner(engine, lanes):
    """Else it could remove the last parked event while its owner parks one behind it."""
    take(engine, lanes, record(heard(ANN, 1, text=CURSE), 0))
    [row] = parked(engine, lanes)
    with engine.begin() as owner, engine.begin() as tx:
        lanes.lock(owner, [lane_of(ANN)])
        tx.execute(sa.text("set local lock_timeout = '100ms'"))
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            parked_drop(tx, lanes, row.event_id)


def test_a_dropped_event_is_given_up_and_the_others_can_go(engine, lanes):
    texts = [CURSE, ""]
    take(engine, lanes, *[record(heard(ANN, n, text=t), n) for n, t in enumerate(texts)])
    first, second = parked(engine, lanes)
    with engine.begin() as tx:
        assert parked_drop(tx, lanes, first.event_id)
        assert not parked_drop(tx, lanes, first.event_id)
        assert applied(parked_retry(tx, lanes, ANN)) == 1
    assert notes(engine) == [("test.heard", 1)]
    assert second.cause == "waits behind an earlier parked event"


def test_a_retry_of_what_is_not_said_of_a_contact_locks_every_lane(engine):
    locked = []

    class Watched(Lanes):
        def lock(self, tx, lanes):
            locked.append(list(lanes))
            super().lock(tx, lanes)

    lanes = prepared(engine, Watched("diary", TABLES, Diary(), lambda: NOON))
    take(engine, lanes, record(heard(ANN, 1, OfWorkspace), 0, value=b""))
    with engine.begin() as tx:
        tx.execute(sa.update(TABLES.parked).values(body=b'{"number": 1}'))
        assert applied(parked_retry(tx, lanes, ANN)) == 1
    assert locked[-2:] == [list(range(LANES))] * 2


def test_a_bug_that_fails_for_everybody_parks_nobody(engine):
    lanes = Lanes("diary", TABLES, Diary(cursed), lambda: NOON, parked_max=3)
    prepared(engine, lanes)
    many = [record(heard(contact(n, lane=1), 1, text=CURSE), n) for n in range(4)]
    take(engine, lanes, *many[:3])
    with pytest.raises(HandlerBrokenError, match="more than 3 contacts would be parked"):
        take(engine, lanes, many[3])
    assert len(parked(engine, lanes)) == 3
    with engine.connect() as tx:
        assert lanes.positions(tx, [1])["test.heard", 1] == 3
