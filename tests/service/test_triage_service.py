"""Triage on a real database: claims, refusals, languages, and two batches at one moment."""

import random
import threading
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from rekindle.case import Case
from rekindle.recorded import record_of
from rekindle.replaying.comparing import derived_from
from rekindle.replaying.verdicts import TRIAGE, verdicts_come_out_the_same
from services.triage.handlers import handler
from services.triage.journal import judged_by
from services.triage.rejudging import look_again_at_all
from services.triage.store import CONTACT, METADATA, TABLES, tally
from shared.bus import make_engine
from shared.events import (
    ContactImported,
    ContactSuppressed,
    ContactTriaged,
    DecisionMade,
    Event,
    ImportEnded,
    OptOut,
    WakeAt,
    Woke,
)
from shared.ids import named
from shared.words import CampaignState, Channel, Openness, Reason, Verdict
from tests.examples import (
    IMPORT,
    MAILBOX,
    NOW,
    PHONE,
    WORKSPACE,
    a_campaign,
    a_contact_imported,
    a_line,
)
from tests.triage_records import SET_UP

WAIT_SECONDS_MAX = 20


class Desk:
    """Triage's handler. What it says is kept as the bus would: the newest verdict per contact."""

    def __init__(self, engine) -> None:
        self.engine = engine
        self.timers: dict[UUID, WakeAt] = {}
        self.verdicts: dict[UUID, ContactTriaged] = {}
        self.decisions: list[DecisionMade] = []
        self.tape: list[Event] = []  # all that was heard and said, as it stood on the bus
        self.count = 0

    def hear(self, *inputs: Event, now=NOW) -> list[Event]:
        """One batch; its events are returned, its timers wait."""
        with self.engine.begin() as tx:
            said = self.handle(tx, inputs, now)
            self.take_timers(tx)
        return said

    def take_timers(self, tx) -> None:
        taken = tx.execute(sa.delete(TABLES.timer).returning(TABLES.timer))
        self.timers |= {row.contact_id: row for row in taken}

    def handle(self, tx, inputs, now=NOW) -> list[Event]:
        stamped = [self.stamp(event) for event in inputs]
        answers = handler(SET_UP)(tx, stamped, now)
        self.tape += [event for event in stamped if not isinstance(event, Woke)]
        self.tape += [
            event.model_copy(update={"id": id_, "cause_id": cause.id, "time": now})
            for cause, its in answers
            for id_, event in derived_from(cause.id, TRIAGE.by, its)
        ]
        outputs = [output for _, its in answers for output in its]
        said = [output for output in outputs if isinstance(output, Event)]
        self.timers |= {its.contact_id: its for its in outputs if isinstance(its, WakeAt)}
        self.verdicts |= {its.subject: its for its in said if isinstance(its, ContactTriaged)}
        self.decisions += [its for its in said if isinstance(its, DecisionMade)]
        return said

    def stamp(self, event: Event) -> Event:
        self.count += 1
        return event.model_copy(update={"id": named("event", self.count), "time": NOW})

    def settle(self, now=NOW) -> list[Event]:
        """Fire timers until none is left."""
        said = []
        for _ in range(20):
            due, self.timers = sorted(self.timers), {}
            if not due:
                return said
            woken = [Woke(subject=who, workspace_id=WORKSPACE, plan=0) for who in due]
            said += self.hear(*woken, now=now)
        raise AssertionError("the timers never come to rest")

    def said_of(self, event: ContactImported) -> str:
        """What is remembered of the newest verdict."""
        its = sa.select(CONTACT.c.said).where(CONTACT.c.contact_id == event.subject)
        with self.engine.connect() as tx:
            return tx.scalar(its)

    def of(self, event: ContactImported) -> ContactTriaged:
        return self.verdicts[event.subject]


@pytest.fixture
def desk(database):
    engine = make_engine(database("triage", METADATA))
    its = Desk(engine)
    yield its
    engine.dispose()
    replayed = Case(record_of(its.tape), at=NOW + timedelta(days=1))
    assert list(verdicts_come_out_the_same(replayed)) == [], "every verdict comes out again"


def record(n, *, box="", number="", name="", crm="", **changes) -> ContactImported:
    """Row `n`: a Lithuanian customer whom nothing keeps out, alone but for what is given."""
    example = a_contact_imported()
    facts = example.facts.model_copy(
        update={"opt_out": None, "conflicts": (), "name_hash": name or f"name{n}", **changes}
    )
    box, number = box or f"box{n}", number or f"number{n}"
    return example.model_copy(
        update={
            "subject": named("contact", n),
            "record_id": named("record", crm or n),
            "row": n,
            "facts": facts,
            "mailbox": MAILBOX.model_copy(update={"hash": f"{box}!", "alias_hash": box}),
            "phone": PHONE.model_copy(update={"hash": number}),
        }
    )


def changed(event: ContactImported, **facts) -> ContactImported:
    return event.model_copy(update={"facts": event.facts.model_copy(update=facts)})


def suppressed(event: ContactImported, **changes) -> ContactSuppressed:
    its = {
        "subject": event.subject,
        "workspace_id": WORKSPACE,
        "address_hashes": (event.phone.hash, event.mailbox.hash),
        "channels": tuple(Channel),
        "everything": True,
        "source": "keyword",
        "since": NOW,
    }
    return ContactSuppressed(**(its | changes))


def test_a_sound_record_is_admitted_and_the_decision_is_in_the_journal(desk):
    ann = record(1)
    triaged, decision = desk.hear(ann)
    assert (triaged.verdict, triaged.revision, triaged.reasons) == (Verdict.ADMITTED, 1, ())
    assert (triaged.person, triaged.phone, triaged.mailbox) == (ann.person, ann.phone, ann.mailbox)
    assert triaged.channels[Channel.SMS].openness is Openness.OPEN
    assert decision.verdict == Verdict.ADMITTED
    assert decision.decided_at == NOW
    assert [its.channel for its in decision.candidates] == list(Channel)
    assert decision.inputs == (named("event", 1),)


def test_a_changed_record_is_said_again_and_a_second_look_is_not(desk):
    ann = record(1)
    desk.hear(ann)
    desk.hear(changed(ann, language="en"))
    assert (desk.of(ann).revision, desk.of(ann).language) == (2, "en")
    assert desk.hear(Woke(subject=ann.subject, workspace_id=WORKSPACE, plan=0)) == []


def test_an_hour_that_passes_is_no_new_verdict(desk):
    ann = record(1)
    desk.hear(ann)
    woken = Woke(subject=ann.subject, workspace_id=WORKSPACE, plan=0)
    assert desk.hear(woken, now=NOW + timedelta(hours=12)) == []


@pytest.mark.parametrize(
    "same", [{"box": "same"}, {"crm": "same"}, {"number": "same", "name": "same"}]
)
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_first_row_holds_and_the_other_is_its_duplicate(desk, same, order):
    rows = [record(1, **same), record(2, **same)]
    for n in order:
        desk.hear(rows[n])
    desk.settle()
    assert desk.of(rows[0]).verdict is Verdict.ADMITTED
    assert desk.of(rows[1]).verdict is Verdict.DUPLICATE
    assert desk.of(rows[1]).duplicate_of == rows[0].subject


def test_a_shared_number_is_no_duplicate_but_an_opt_out_closes_it_for_all(desk):
    ann, ben = record(1, number="desk"), record(2, number="desk")
    desk.hear(ann, ben)
    assert {desk.of(ann).verdict, desk.of(ben).verdict} == {Verdict.ADMITTED}
    desk.hear(changed(ben, opt_out=OptOut()))
    desk.settle()
    assert desk.of(ben).reasons[0] is Reason.OPTED_OUT
    closed = {
        channel for channel, its in desk.of(ann).channels.items() if its.code == "number_opted_out"
    }
    assert closed == {Channel.SMS, Channel.WHATSAPP}
    assert desk.of(ann).open_channels == {Channel.EMAIL}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_who_is_probably_somebody_is_held_until_the_records_part(desk, order):
    ann = record(1, number="home", name="ann", short_names=("a",), other_boxes=("hers",))
    again = record(2, box="hers", name="a", other_numbers=("home",))
    for n in order:
        desk.hear((ann, again)[n])
    desk.settle()
    assert desk.of(ann).verdict is Verdict.ADMITTED
    held = desk.of(again)
    assert (held.reasons, held.duplicate_of) == ((Reason.PROBABLE_DUPLICATE,), ann.subject)
    assert held.agreeing == ("mailbox", "phone", "name_shortened")
    desk.hear(changed(ann, opt_out=OptOut()))
    desk.settle()
    assert desk.of(again).reasons[0] is Reason.OPTED_OUT
    desk.hear(changed(ann, other_boxes=(), opt_out=None), changed(again, other_numbers=()))
    desk.settle()
    assert desk.of(again).verdict is Verdict.ADMITTED


def test_an_opt_out_binds_the_person_however_the_records_are_linked(desk):
    ann = record(1, box="a")
    link = record(2, box="a", number="n", name="ann")
    far = record(3, number="n", name="ann", crm="c")
    farthest = record(4, crm="c")
    for event in (farthest, far, ann, link):
        desk.hear(event)
    desk.settle()
    assert [desk.of(its).duplicate_of for its in (link, far, farthest)] == [ann.subject] * 3
    desk.hear(changed(farthest, opt_out=OptOut()))
    wish = named("event", desk.count)
    desk.settle()
    assert {desk.of(its).reasons[0] for its in (ann, link, far, farthest)} == {Reason.OPTED_OUT}
    assert desk.of(far).duplicate_of == ann.subject
    proof = next(its for its in reversed(desk.decisions) if its.subject == ann.subject)
    assert wish in proof.inputs


def test_a_record_that_goes_its_own_way_frees_the_others(desk):
    ann, ben = record(1, box="same"), record(2, box="same")
    desk.hear(ann, ben)
    desk.settle()
    assert desk.of(ben).verdict is Verdict.DUPLICATE
    desk.hear(record(1, box="own"))
    desk.settle()
    assert desk.of(ben).verdict is Verdict.ADMITTED


def test_a_record_that_can_no_longer_be_read_frees_the_others(desk):
    ann, ben = record(1, box="same"), record(2, box="same")
    desk.hear(ann, ben)
    desk.settle()
    broken = changed(ann, unreadable="A cell has invalid bytes.")
    desk.hear(broken.model_copy(update={"phone": None, "mailbox": None}))
    desk.settle()
    assert desk.of(ben).verdict is Verdict.ADMITTED


def test_a_record_that_comes_twice_in_one_batch_is_known_since_the_first(desk):
    ann, ben = record(2, box="same"), record(3, box="same")
    desk.hear(ann, ann.model_copy(update={"row": 90, "import_id": UUID(int=9)}), ben)
    desk.settle()
    assert desk.of(ann).verdict is Verdict.ADMITTED
    assert desk.of(ben).duplicate_of == ann.subject


def test_a_changed_row_number_does_not_change_who_holds(desk):
    ann, ben = record(1, box="same"), record(2, box="same")
    desk.hear(ann, ben)
    desk.hear(ann.model_copy(update={"row": 90, "import_id": UUID(int=9)}))
    desk.settle()
    assert desk.of(ann).verdict is Verdict.ADMITTED
    assert desk.of(ann).row == 90


def test_a_row_that_cannot_be_read_holds_nobody(desk):
    broken = record(1, crm="c", unreadable="A cell has invalid bytes.")
    broken = broken.model_copy(update={"phone": None, "mailbox": None})
    ben = record(2, crm="c")
    desk.hear(broken, ben)
    assert desk.of(broken).reasons[0] is Reason.UNREADABLE
    assert desk.of(ben).verdict is Verdict.ADMITTED


def test_two_batches_that_claim_one_hash_at_one_moment_see_each_other(desk):
    ann, ben = record(1, box="same"), record(2, box="same")
    started = threading.Event()

    def second():
        with desk.engine.begin() as tx:
            started.set()
            desk.handle(tx, [ann])

    thread = threading.Thread(target=second)
    with desk.engine.begin() as tx:
        desk.handle(tx, [ben])
        assert desk.of(ben).verdict is Verdict.ADMITTED
        thread.start()
        assert started.wait(WAIT_SECONDS_MAX)
        wait_until_blocked(tx)
        assert ann.subject not in desk.verdicts
    thread.join(WAIT_SECONDS_MAX)
    assert desk.of(ann).verdict is Verdict.ADMITTED
    desk.settle()
    assert desk.of(ben).duplicate_of == ann.subject


def wait_until_blocked(tx) -> None:
    """Return when another transaction waits for this one."""
    ask = sa.text("select pg_backend_pid() = any(pg_blocking_pids(pid)) from pg_stat_activity")
    for _ in range(10_000):
        if any(tx.scalars(ask)):
            return
    raise AssertionError("nobody waits: the claim is not locked")


def test_batches_over_the_same_hashes_in_any_order_never_wait_in_a_ring(desk):
    rows = [record(n, box=f"b{n % 7}", number=f"n{n % 11}", name="x") for n in range(1, 120)]
    failures = []

    def work(seed):
        mine = [event for event in rows if event.row % 3 == seed]
        random.Random(seed).shuffle(mine)
        try:
            for start in range(0, len(mine), 5):
                desk.hear(*mine[start : start + 5])
        except sa.exc.OperationalError as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_SECONDS_MAX)
    assert failures == []
    desk.settle()
    holders = [its for its in desk.verdicts.values() if its.verdict is Verdict.ADMITTED]
    assert [its.row for its in holders] == [1]


def test_an_opt_out_that_came_after_the_import_excludes(desk):
    ann, ben = record(1, box="same"), record(2, box="same")
    desk.hear(ann, ben)
    desk.hear(suppressed(ann))
    desk.settle()
    assert desk.of(ann).reasons[:2] == (Reason.OPTED_OUT, Reason.SUPPRESSED)
    assert desk.of(ben).reasons[0] is Reason.OPTED_OUT
    assert desk.of(ann).open_channels == frozenset()
    proof = next(its for its in reversed(desk.decisions) if its.subject == ben.subject)
    assert proof.inputs[0] == named("event", 2)
    assert set(proof.inputs) == {named("event", n) for n in (1, 2, 3)}


def test_a_decline_suppresses_the_contact_alone(desk):
    ann, ben = record(1, number="desk"), record(2, number="desk")
    desk.hear(ann, ben)
    desk.hear(suppressed(ann, everything=False, address_hashes=()))
    desk.settle()
    assert desk.of(ann).reasons[0] is Reason.SUPPRESSED
    assert desk.of(ben).verdict is Verdict.ADMITTED


def test_a_narrow_suppression_closes_its_channels(desk):
    ann = record(1)
    desk.hear(ann)
    desk.hear(suppressed(ann, everything=False, channels=(Channel.SMS,)))
    assert desk.of(ann).verdict is Verdict.ADMITTED
    assert desk.of(ann).channels[Channel.SMS].code == "suppressed"
    assert desk.of(ann).open_channels == {Channel.WHATSAPP, Channel.EMAIL} - {Channel.WHATSAPP}


def test_a_suppression_waits_for_its_contact_and_for_its_addresses(desk):
    ann = record(1)
    assert desk.hear(suppressed(ann)) == []
    desk.hear(ann)
    assert desk.of(ann).reasons[0] is Reason.OPTED_OUT
    ben = record(2).model_copy(update={"mailbox": ann.mailbox, "record_id": named("record", 2)})
    ben = ben.model_copy(
        update={"mailbox": MAILBOX.model_copy(update={"hash": ann.mailbox.hash, "alias_hash": "x"})}
    )
    desk.hear(ben)
    assert desk.of(ben).channels[Channel.EMAIL].code == "suppressed"
    assert desk.of(ben).channels[Channel.SMS].openness is Openness.OPEN


def test_whoever_was_judged_by_other_rules_is_judged_again_and_said_only_if_changed(desk):
    ann, ben, cas = record(1), record(2), record(3)
    desk.hear(ann, ben, cas)
    others = [(ann, "judged alike"), (ben, desk.said_of(ben))]
    with desk.engine.begin() as tx:
        assert look_again_at_all(tx, NOW, judged_by(SET_UP)) == 0
        for event, said in others:
            its = CONTACT.c.contact_id == event.subject
            tx.execute(sa.update(CONTACT).where(its).values(judged_by="before", said=said))
        assert look_again_at_all(tx, NOW, judged_by(SET_UP)) == 2
        desk.take_timers(tx)
    said = desk.settle()
    assert {its.subject for its in said} == {ann.subject}
    assert desk.of(ann).revision == 2
    with desk.engine.begin() as tx:
        assert look_again_at_all(tx, NOW, judged_by(SET_UP)) == 0


def test_a_language_is_held_only_once_a_script_without_it_is_signed(desk):
    english, lithuanian = record(1, language="en"), record(2)
    desk.hear(english, lithuanian)
    desk.hear(a_campaign(state=CampaignState.DRAFT))
    assert desk.timers == {}
    desk.hear(a_campaign(version_number=2, state=CampaignState.SIGNED))
    assert set(desk.timers) == {lithuanian.subject}
    desk.settle()
    assert desk.of(lithuanian).verdict is Verdict.HELD
    assert desk.of(lithuanian).reasons == (Reason.LANGUAGE_NOT_IN_SCRIPT,)
    assert desk.of(english).revision == 1
    late = record(3)
    desk.hear(late)
    assert desk.of(late).reasons == (Reason.LANGUAGE_NOT_IN_SCRIPT,)


def test_a_new_language_frees_whom_it_speaks_to_and_an_old_version_changes_nothing(desk):
    lithuanian = record(1)
    desk.hear(lithuanian, a_campaign(state=CampaignState.LIVE))
    desk.settle()
    assert desk.of(lithuanian).verdict is Verdict.HELD
    both = (a_line(), a_line(language="lt"))
    desk.hear(a_campaign(version_number=3, state=CampaignState.LIVE, script=both))
    desk.settle()
    assert desk.of(lithuanian).verdict is Verdict.ADMITTED
    desk.hear(a_campaign(version_number=2, state=CampaignState.LIVE))
    assert desk.timers == {}


def test_the_languages_of_a_workspace_are_those_of_all_its_campaigns(desk):
    lithuanian = record(1)
    desk.hear(a_campaign(), lithuanian)
    other = {"subject": UUID(int=77), "campaign_id": UUID(int=77)}
    desk.hear(a_campaign(script=(a_line(language="lt"),), **other))
    desk.settle()
    assert desk.of(lithuanian).verdict is Verdict.ADMITTED
    proof = desk.decisions[-1]
    assert len(proof.inputs) == 3


def test_the_row_equation_holds(desk):
    rows = [record(n) for n in range(1, 6)]
    rows.append(record(6, box="box1"))
    rows.append(changed(record(7), opt_out=OptOut()))
    rows.append(changed(record(8), conflicts=("status",)))
    end = ImportEnded(
        subject=WORKSPACE, workspace_id=WORKSPACE, import_id=IMPORT, source="csv",
        records=8, changed=8,
    )  # fmt: skip
    desk.hear(*rows, end)
    desk.settle()
    with desk.engine.begin() as tx:
        records, counts = tally(tx, WORKSPACE)
    assert records == sum(counts.values()) == 8
    assert counts == {
        ("admitted", ""): 5,
        ("duplicate", "duplicate"): 1,
        ("excluded", "opted_out"): 1,
        ("held", "conflicting_facts"): 1,
    }


@pytest.mark.parametrize("seed", range(4))
def test_the_order_and_the_batches_in_which_records_come_decide_nothing(desk, seed):
    rows = crowd(seed)
    random.Random(seed).shuffle(rows)
    while rows:
        size = random.Random(len(rows)).randint(1, 9)
        desk.hear(*rows[:size])
        del rows[:size]
    desk.settle()
    found = {
        its.row: (its.verdict, its.reasons, its.duplicate_of) for its in desk.verdicts.values()
    }
    other = Desk(desk.engine)
    with desk.engine.begin() as tx:
        for table in reversed(METADATA.sorted_tables):
            tx.execute(sa.delete(table))
    other.hear(*crowd(seed))
    other.settle()
    assert found == {
        its.row: (its.verdict, its.reasons, its.duplicate_of) for its in other.verdicts.values()
    }


def crowd(seed) -> list[ContactImported]:
    """Forty records that share much, some of which opted out."""
    draw = random.Random(seed)
    return [
        record(
            n,
            box=f"b{draw.randint(0, 25)}",
            number=f"n{draw.randint(0, 25)}",
            name=f"x{draw.randint(0, 3)}",
            crm=f"c{draw.randint(0, 40)}",
            short_names=(f"x{draw.randint(0, 9)}",),
            other_boxes=(f"b{draw.randint(0, 99)}",),
            other_numbers=(f"n{draw.randint(0, 99)}",),
            opt_out=OptOut() if draw.random() < 0.1 else None,
        )
        for n in range(1, 41)
    ]
