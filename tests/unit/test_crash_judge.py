"""The judge of the soak: in a small campaign that went well it finds each violation planted."""

import ast
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest

from tests.crash import evidence, judge, witness
from tests.crash.evidence import Evidence, Record
from tests.crash.judge import Chaos

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
ANA, BEN, CLEO = "ana", "ben", "cleo"  # books; opts out; is silent so far
HARD = Chaos(90, kills=50, kills_reserve_to_settle=3, stops=4, broker_kills=2, database_restarts=2)
ENOUGH = 500  # touches that a run needs, which are not in this small one


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def touch_id(contact: str, plan: int) -> str:
    return str(UUID(int=plan * 1000 + sum(contact.encode())))


class Story:
    """Tells a campaign: what stands on the bus, and what the providers wrote down."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.ledger: list[dict] = []
        self._ids = map(str, count())

    def say(self, topic: str, contact: str, hours: float, **body: object) -> Record:
        record = Record(topic, next(self._ids), contact, at(hours), body)
        self.records.append(record)
        return record

    def decide(self, contact: str, hours: float, verdict: str, wakes: float | None = None) -> None:
        wake_at = None if wakes is None else at(wakes).isoformat()
        self.say(
            "decision.made", contact, hours, by="orchestrator", verdict=verdict, wake_at=wake_at
        )

    def ask(self, contact: str, hours: float, plan: int) -> None:
        self.say("message.requested.sms", contact, hours, plan=plan)

    def tell(self, contact: str, hours: float, plan: int, purpose: str, **more: object) -> None:
        """What a gateway says of a touch; `until` is when it is open no longer, in hours."""
        body = {
            "touch_id": touch_id(contact, plan),
            "plan": plan,
            "channel": "sms",
            "address_hash": f"number of {contact}",
            "purpose": purpose,
            "result": "accepted",
            "reserved_at": at(hours).isoformat(),
            "answer_until": at(more.pop("until", hours + 20)).isoformat(),
        }
        self.say("message.sent", contact, hours, **(body | more))

    def accept(self, contact: str, plan: int) -> None:
        """What a provider writes down."""
        touch = touch_id(contact, plan)
        self.ledger.append(entry("accepted", f"SM{UUID(touch).hex[::-1]}", touch))

    def touch(self, contact: str, hours: float, plan: int, purpose: str, **more: object) -> None:
        self.ask(contact, hours, plan)
        self.accept(contact, plan)
        self.tell(contact, hours, plan, purpose, **more)

    def reply(self, contact: str, hours: float, number: int) -> None:
        """Said, taken in, understood."""
        name = f"{number:04}{contact}"
        self.ledger.append(entry("said", name))
        reply = self.say("reply.received", contact, hours, number=number, provider_id=f"SM{name}")
        self.say("reply.understood", contact, hours, reply_id=reply.id)

    def suppress(self, contact: str, hours: float, **more: object) -> None:
        body = {
            "address_hashes": [f"number of {contact}"],
            "channels": ["sms", "whatsapp", "voice", "email"],
            "everything": True,
        }
        self.say("contact.suppressed", contact, hours, **(body | more))

    def end(self, contact: str, hours: float, code: str) -> None:
        self.say("outcome.recorded", contact, hours, revision=1, code=code)


def entry(kind: str, name: str, touch: str = "") -> dict:
    return {"kind": kind, "id": name, "touch": touch, "channel": "sms"}


@pytest.fixture
def story() -> Story:
    """All went well: Ana booked, Ben opted out and had it confirmed, Cleo is waited for."""
    story = Story()
    for contact in (ANA, BEN, CLEO):
        story.decide(contact, 0, "joined_pool")
        story.touch(contact, 0, 1, "opener")
    story.reply(ANA, 2, 1)
    story.touch(ANA, 2, 3, "offer_slots")
    story.reply(ANA, 4, 2)
    story.end(ANA, 4, "booked")
    story.touch(ANA, 4, 5, "confirm_booking", until=5)
    story.reply(BEN, 3, 1)
    story.suppress(BEN, 3)
    story.end(BEN, 3, "opted_out")
    story.touch(BEN, 3.1, 3, "confirm_opt_out", until=4)
    story.decide(CLEO, 0, "say", wakes=20)
    return story


def evidence_of(story: Story, **more: object) -> Evidence:
    its = {
        "at": at(10),
        "ledger": story.ledger,
        "records": story.records,
        "pool": frozenset({ANA, BEN, CLEO}),
        "timers": {CLEO: at(20)},
    }
    return Evidence(**(its | more))


def judged(story: Story, **more: object) -> dict[str, int]:
    """What speaks against it, by figure."""
    figures = asdict(judge.judge(evidence_of(story, **more), HARD).figures)
    names = ("doubled", "after_suppression", "overlapping", "forgotten", "unknown_open", "parked")
    found = {name: figures[name] for name in (*names, "outbox", "duplicates_dropped")}
    return {name: count for name, count in found.items() if count}


def faults(story: Story, chaos: Chaos = HARD, **more: object) -> list[str]:
    """Without those that are only due to its being small."""
    found = judge.judge(evidence_of(story, **more), chaos).faults
    return [one for one in found if "touches is" not in one]


def test_a_campaign_that_went_well_has_nothing_against_it(story) -> None:
    assert judged(story) == {}
    assert faults(story) == []
    figures = judge.judge(evidence_of(story), HARD).figures
    assert (figures.contacts, figures.touches, figures.kills) == (3, 6, 50)


# -- doubled


def test_a_plan_that_a_provider_accepted_twice_is_doubled(story) -> None:
    story.accept(CLEO, 1)
    assert judged(story) == {"doubled": 1}


def test_a_call_of_which_no_touch_tells_is_doubled(story) -> None:
    story.accept(CLEO, 7)
    assert judged(story) == {"doubled": 1}


def test_a_call_that_was_accepted_and_told_as_refused_is_doubled(story) -> None:
    story.touch(CLEO, 20, 2, "opener", result="refused")
    assert judged(story) == {"doubled": 1}


def test_first_words_said_again_under_another_plan_are_doubled(story) -> None:
    story.touch(CLEO, 20, 2, "opener")
    assert judged(story) == {"doubled": 1}


def test_a_mail_is_found_by_its_name(story) -> None:
    story.ask(CLEO, 20, 2)
    story.tell(CLEO, 20, 2, "opener", channel="email")
    mail = entry("accepted", f"<{UUID(touch_id(CLEO, 2)).hex}@reply.example>")
    story.ledger.append(mail)
    assert judged(story) == {}
    story.ledger.append(mail)
    assert judged(story) == {"doubled": 1}


# -- after suppression


def test_a_touch_reserved_after_an_opt_out_is_counted(story) -> None:
    story.touch(BEN, 5, 5, "offer_slots")
    assert judged(story) == {"after_suppression": 1}


def test_a_second_confirmation_is_counted(story) -> None:
    story.touch(BEN, 5, 5, "confirm_opt_out")
    assert judged(story) == {"after_suppression": 1}


def test_a_call_reserved_before_the_opt_out_is_not_counted(story) -> None:
    story.touch(BEN, 3, 2, "offer_slots", until=3.05)
    assert judged(story) == {}


def test_an_opt_out_binds_everybody_at_the_address(story) -> None:
    story.touch(CLEO, 20, 2, "later", address_hash=f"number of {BEN}")
    assert judged(story) == {"after_suppression": 1}


def test_a_decline_ends_what_sells_and_nothing_else(story) -> None:
    story.suppress(CLEO, 20, everything=False)
    story.touch(CLEO, 21, 2, "confirm_cancelled", until=22)
    assert judged(story) == {}
    story.touch(CLEO, 23, 3, "later")
    assert judged(story) == {"after_suppression": 1}


# -- overlapping


def test_a_touch_that_began_while_another_was_open_overlaps(story) -> None:
    story.touch(CLEO, 19, 2, "later")
    assert judged(story) == {"overlapping": 1}


def test_a_touch_at_the_others_last_moment_does_not_overlap(story) -> None:
    story.touch(CLEO, 20, 2, "later")
    assert judged(story) == {}


def test_an_unknown_touch_is_open_too(story) -> None:
    story.tell(CLEO, 1, 2, "later", result="unknown")
    assert judged(story) == {"overlapping": 1, "unknown_open": 1}


def test_two_contacts_behind_one_number_overlap(story) -> None:
    story.touch(ANA, 6, 7, "later", address_hash=f"number of {CLEO}")
    assert judged(story) == {"overlapping": 1}


def test_what_did_not_arrive_is_not_waited_for(story) -> None:
    body = {"touch_id": touch_id(CLEO, 1), "delivery": "failed"}
    story.say("message.delivered", CLEO, 1, **body)
    story.touch(CLEO, 2, 2, "later")
    assert judged(story) == {}


def test_the_answer_of_a_machine_ends_nothing(story) -> None:
    story.reply(CLEO, 1, 1)
    its = story.records[-2]
    story.records[-2] = its._replace(body={**its.body, "automatic": True})
    story.touch(CLEO, 2, 2, "later")
    assert judged(story) == {"overlapping": 1}


# -- forgotten


def test_a_contact_without_outcome_and_wake_up_is_forgotten(story) -> None:
    story.decide(CLEO, 5, "nothing")
    assert judged(story) == {"forgotten": 1}


def test_a_wake_up_that_has_passed_is_none(story) -> None:
    assert judged(story, at=at(21)) == {"forgotten": 1}


def test_a_wake_up_without_a_timer_is_none(story) -> None:
    assert judged(story, timers={}) == {"forgotten": 1}
    assert judged(story, timers={CLEO: at(9)}) == {"forgotten": 1}


def test_somebody_who_was_chosen_and_never_joined_is_forgotten(story) -> None:
    assert judged(story, pool=frozenset({ANA, BEN, CLEO, "dora"})) == {"forgotten": 1}


def test_a_request_that_no_gateway_answered_is_forgotten(story) -> None:
    story.ask(CLEO, 9, 2)
    assert judged(story) == {"forgotten": 1}


def test_a_reply_that_nobody_understood_is_forgotten_unless_a_person_has_it(story) -> None:
    story.records = [one for one in story.records if one.topic != "reply.understood"]
    assert judged(story) == {"forgotten": 3}
    story.say("outcome.recorded", ANA, 8, revision=2, code="needs_person")
    assert judged(story) == {"forgotten": 1}


def test_what_a_customer_said_and_never_came_in_is_forgotten(story) -> None:
    story.ledger.append(entry("said", "0001cleo"))
    assert judged(story) == {"forgotten": 1}


# -- the rest of the figures


def test_an_unknown_touch_that_was_settled_is_not_open(story) -> None:
    story.ask(CLEO, 20, 2)
    story.accept(CLEO, 2)
    story.tell(CLEO, 20, 2, "later", result="unknown")
    assert judged(story) == {"unknown_open": 1}
    story.tell(CLEO, 20, 2, "later")
    assert judged(story) == {}


def test_an_unknown_touch_is_a_fault_only_where_its_provider_would_have_told(story) -> None:
    story.ask(CLEO, 20, 2)
    story.tell(CLEO, 20, 2, "later", result="unknown")
    assert faults(story) == []
    story.accept(CLEO, 2)
    [fault] = faults(story)
    assert fault == f"unknown: contact {CLEO}, plan 2 was taken (sms)"
    story.tell(CLEO, 20, 2, "later", result="unknown", channel="email")
    assert faults(story) == []


def test_what_was_published_twice_counts_once(story) -> None:
    story.records += story.records[:4]
    assert judged(story) == {"duplicates_dropped": 4}


@pytest.mark.parametrize("where", ["parked", "outbox"])
def test_rows_that_are_left_are_told(story, where) -> None:
    assert judged(story, **{where: 2}) == {where: 2}
    assert faults(story, **{where: 2}) == [f"{where}: 2 rows are left"]


@pytest.mark.parametrize(
    ("figure", "enough"),
    [
        ("kills", 40),
        ("kills_reserve_to_settle", 1),
        ("stops", 2),
        ("broker_kills", 2),
        ("database_restarts", 2),
    ],
)
def test_a_run_that_was_not_hard_enough_does_not_count(story, figure, enough) -> None:
    assert faults(story, replace(HARD, **{figure: enough})) == []
    [fault] = faults(story, replace(HARD, **{figure: enough - 1}))
    assert fault.startswith(f"the run does not count: {figure}")


def test_a_shorter_run_needs_fewer_kills_but_one_between_reserve_and_settle(story) -> None:
    short = replace(HARD, seconds=45, kills=20)
    assert faults(story, short) == []
    assert len(faults(story, replace(short, kills=19, kills_reserve_to_settle=0))) == 2


def test_a_run_with_few_touches_does_not_count(story) -> None:
    [fault] = judge.judge(evidence_of(story), HARD).faults
    assert fault == f"the run does not count: touches is 6, less than {ENOUGH}"


# -- the judge itself


@pytest.mark.parametrize("module", [evidence, judge, witness])
def test_the_judge_shares_no_code_with_what_it_judges(module) -> None:
    tree = ast.walk(ast.parse(Path(module.__file__).read_text()))
    named = {node.module or "" for node in tree if isinstance(node, ast.ImportFrom)}
    ours = {
        name
        for name in named
        if name.split(".")[0] in ("tests", "shared", "services", "rekindle", "sandbox")
    }
    assert ours <= {"tests.crash.evidence", "tests.crash.judge"}
