"""The internal endpoint: for the holder of the token, repairs under the lane's lock."""

import httpx
import pytest
import sqlalchemy as sa

from shared.bus import Lanes, Member, make_engine
from shared.events.base import WakeAt
from shared.ids import lane_of
from shared.internal import make_app
from shared.service import Service
from tests.series import figures_on
from tests.service.bus_world import (
    METADATA,
    NOON,
    TABLES,
    WORKSPACE,
    Diary,
    Said,
    contact,
    heard,
    notes,
    prepared,
    record,
    rows,
    take,
)

ANN, BOB = contact(1, lane=1), contact(2, lane=4)
TOKEN = "the token"
CURSE = "a name that no log may show"


class Diarist:
    """A handler that fails at the curse until it is repaired; it says what it hears."""

    broken = True

    def __call__(self, tx, event):
        if self.broken and event.text == CURSE:
            raise ValueError(event.text)
        said = Said(subject=event.subject, workspace_id=WORKSPACE, number=event.number)
        return [said, WakeAt(event.subject, WORKSPACE, 1, NOON)]


@pytest.fixture
def engine(database):
    its = make_engine(database("diary", METADATA))
    yield its
    its.dispose()


@pytest.fixture
def diarist():
    return Diarist()


@pytest.fixture
def lanes(engine, diarist):
    """Ann's three events and one of Bob's are parked."""
    its = prepared(engine, Lanes("diary", TABLES, Diary(diarist), lambda: NOON))
    texts = [CURSE, "", ""]
    take(engine, its, *[record(heard(ANN, n, text=t), n) for n, t in enumerate(texts)])
    take(engine, its, record(heard(BOB, 1, text=CURSE), 0))
    return its


@pytest.fixture
async def ask(engine, lanes):
    """`await ask("POST", "parked/retry", …)`: the answer."""
    service = Service("diary", METADATA, [Member(lanes, engine, "nowhere:1")], engines=[engine])
    transport = httpx.ASGITransport(make_app([service], TOKEN))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:

        async def ask(method, path, token=TOKEN, **body):
            headers = {"Authorization": f"Bearer {token}".encode()} if token else {}
            return await client.request(method, path, headers=headers, json=body or None)

        yield ask


def state(engine):
    return notes(engine), rows(engine, TABLES.outbox), rows(engine, TABLES.timer), parked(engine)


def parked(engine):
    return [(row.subject, row.event_id, row.cause) for row in rows(engine, TABLES.parked)]


ASKED = (
    ("GET", "/metrics"),
    ("GET", "/diary/parked"),
    ("POST", "/diary/parked/retry"),
    ("POST", "/diary/parked/drop"),
    ("GET", "/diary/no/such/thing"),
)


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", "ä"])
async def test_who_does_not_know_the_token_learns_and_does_nothing(engine, ask, token):
    before = state(engine)
    for method, path in ASKED:
        answer = await ask(method, path, token, event_id=str(heard(ANN, 0).id))
        assert answer.status_code == 401
        assert answer.json() == {"error": "The internal token is missing or wrong."}
    assert state(engine) == before


async def test_anybody_may_ask_whether_the_process_lives(ask):
    answer = await ask("GET", "/healthz", token="")
    assert (answer.status_code, answer.json()) == (200, {"services": ["diary"]})


async def test_what_is_wrong_is_told_to_the_token_s_holder_only(ask):
    told = (await ask("GET", "/readyz")).json()
    assert told["ready"]
    parked = {"service": "diary", "name": "parked"}
    [sentence] = [one["sentence"] for one in told["complaints"] if parked.items() <= one.items()]
    assert sentence.startswith("2 parked in diary")
    assert told["figures"]["diary"]["unpublished_seconds"] == 0.0
    assert (await ask("GET", "/readyz", token="wrong")).json() == {"ready": True}


async def test_the_page_of_figures_tells_what_stands_in_queues_and_waits(engine, ask):
    answer = await ask("GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found, diary = figures_on(answer.text), ("service", "diary")
    assert found["rekindle_ready", diary] == 1
    assert found["rekindle_waiting", diary, ("what", "parked")] == 2
    assert found["rekindle_complaints", diary, ("what", "parked")] == 1
    assert found["rekindle_queue", ("queue", "outbox"), diary] == 0
    assert found["rekindle_outbox_age_seconds", diary] == 0
    assert ("rekindle_view_age_seconds", ("group", "diary"), diary) in found


async def test_a_process_that_can_do_nothing_is_not_ready():
    away = make_engine("postgresql+psycopg://diary@127.0.0.1:1/postgres")
    lanes = Lanes("diary", TABLES, Diary(), lambda: NOON)
    service = Service("diary", METADATA, [Member(lanes, away, "nowhere:1")], engines=[away])
    transport = httpx.ASGITransport(make_app([service], TOKEN))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        answer = await client.get("/readyz")
        page = await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.json()) == (503, {"ready": False})
    assert figures_on(page.text)["rekindle_ready", ("service", "diary")] == 0
    assert "rekindle_outbox_age_seconds{" not in page.text  # nobody knows


async def test_what_is_parked_is_told_in_order_with_its_cause_and_without_its_words(ask):
    answer = await ask("GET", "/diary/parked")
    its = answer.json()["parked"]
    assert [row["event_id"] for row in its[:3]] == [str(heard(ANN, n).id) for n in range(3)]
    assert its[0]["cause"].startswith("ValueError in __call__ (test_internal.py:")
    assert its[1]["cause"] == its[2]["cause"] == "waits behind an earlier parked event"
    assert {row["group"] for row in its} == {"diary"}
    assert CURSE not in answer.text


async def test_a_dry_run_shows_what_a_retry_would_do_and_changes_nothing(engine, ask, diarist):
    before = state(engine)
    answer = await ask("POST", "/diary/parked/retry", subject=str(ANN), dry_run=True)
    assert [bool(row["cause"]) for row in answer.json()["retried"]] == [True] * 3
    assert state(engine) == before

    diarist.broken = False
    answer = await ask("POST", "/diary/parked/retry", subject=str(ANN), dry_run=True)
    its = answer.json()["retried"]
    assert [(row["cause"], row["says"]) for row in its] == [("", {"test.said": 1})] * 3
    assert state(engine) == before


async def test_a_retry_applies_a_subject_or_everybody(engine, ask, diarist):
    diarist.broken = False
    answer = await ask("POST", "/diary/parked/retry", subject=str(ANN))
    assert [row["subject"] for row in answer.json()["retried"]] == [str(ANN)] * 3
    assert [who for who, *_ in parked(engine)] == [BOB]
    assert len(rows(engine, TABLES.outbox)) == 3
    await ask("POST", "/diary/parked/retry", dry_run=False)
    assert parked(engine) == []
    assert [number for _, number in notes(engine)] == [0, 1, 2, 1]


async def test_one_subject_that_still_fails_keeps_nobody_else(engine, ask, diarist):
    with engine.begin() as tx:
        its = TABLES.parked.c.subject == BOB
        tx.execute(sa.update(TABLES.parked).where(its).values(body=b'{"number": 1}'))
    answer = await ask("POST", "/diary/parked/retry", dry_run=False)
    assert [bool(row["cause"]) for row in answer.json()["retried"]] == [True, True, True, False]
    assert [who for who, *_ in parked(engine)] == [ANN] * 3


async def test_a_drop_gives_up_one_event(engine, ask):
    wish = {"event_id": str(heard(ANN, 0).id)}
    [dropped] = (await ask("POST", "/diary/parked/drop", **wish)).json()["dropped"]
    assert (dropped["subject"], dropped["topic"]) == (str(ANN), "test.heard")
    assert (await ask("POST", "/diary/parked/drop", **wish)).json() == {"dropped": []}
    assert [event for _, event, _ in parked(engine)] == [
        heard(ANN, 1).id,
        heard(ANN, 2).id,
        heard(BOB, 1).id,
    ]


@pytest.mark.parametrize(
    "body", [{}, {"event_id": "Ann"}, {"event_id": str(ANN), "dry_run": True}], ids=str
)
async def test_a_wish_that_is_not_understood_is_refused(engine, ask, body):
    before = state(engine)
    answer = await ask("POST", "/diary/parked/drop", **body)
    assert answer.status_code == 422
    assert "no request of ours" in answer.json()["error"]
    assert "Ann" not in answer.text
    assert state(engine) == before


async def test_a_lane_that_its_owner_holds_too_long_is_asked_for_later(engine, ask):
    sa.event.listen(engine, "begin", lambda tx: tx.exec_driver_sql("set lock_timeout = '100ms'"))
    with engine.connect() as owner:
        owner.execute(
            sa.select(TABLES.lane).where(TABLES.lane.c.lane == lane_of(ANN)).with_for_update()
        )
        answer = await ask("POST", "/diary/parked/retry", subject=str(ANN))
    assert answer.status_code == 503
    assert answer.json()["error"].startswith("Not now: LockNotAvailable")
    assert len(parked(engine)) == 4
