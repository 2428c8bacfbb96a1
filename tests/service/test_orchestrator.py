"""The orchestrator on a real database: pools, pauses, calendars, and what is kept of a contact."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from services.orchestrator.ailing import ailing
from services.orchestrator.handlers import HANDLER
from services.orchestrator.store import METADATA, OFFER, SEQUENCE, TABLES
from shared.bus import make_engine
from shared.events import (
    DecisionMade,
    Event,
    MessageRequested,
    OutcomeRecorded,
    PoolRule,
    Woke,
)
from shared.ids import NOBODY, named
from shared.outcomes import Outcome
from shared.words import (
    CampaignState,
    Channel,
    Intent,
    Purpose,
    Reason,
    Segment,
)
from tests.examples import WORKSPACE, a_campaign, a_line
from tests.sequences import DAY, HOUR, NOW, a_calendar, received, sent, triaged, understood

ANN, BEN, CAT = UUID(int=1), UUID(int=2), UUID(int=3)
SCRIPT = tuple(
    a_line(id=f"{purpose}", purpose=purpose, goal=None, text=f"AI: {purpose}")
    for purpose in (Purpose.OPENER, Purpose.OFFER_SLOTS, Purpose.CONFIRM_BOOKING)
)


class Desk:
    """The orchestrator's handler, told one batch after another; its timers lie in the database."""

    def __init__(self, engine) -> None:
        self.engine = engine
        self.now = NOW
        self.count = 0
        self.late = timedelta()  # after it happened we hear of it

    def hear(self, *inputs: Event) -> list[Event]:
        with self.engine.begin() as tx:
            answers = HANDLER(tx, [self.stamp(event) for event in inputs], self.now)
        return [one for _, its in answers for one in its if isinstance(one, Event)]

    def stamp(self, event: Event) -> Event:
        self.count += 1
        its = event.id if event.id != NOBODY else named("event", self.count)
        return event.model_copy(update={"id": its, "time": self.now - self.late})

    def wake(self) -> list[Event]:
        """Fire what a campaign has armed; it lies in the database, all of plan 0."""
        with self.engine.begin() as tx:
            due = sa.delete(TABLES.timer).where(TABLES.timer.c.due_at <= self.now)
            rows = tx.execute(due.returning(TABLES.timer)).all()
        assert {row.plan for row in rows} <= {0}
        contacts = sorted(row.contact_id for row in rows)
        return self.hear(*(Woke(subject=c, workspace_id=WORKSPACE, plan=0) for c in contacts))

    def armed(self) -> dict[UUID, object]:
        with self.engine.connect() as tx:
            rows = tx.execute(sa.select(TABLES.timer.c.contact_id, TABLES.timer.c.due_at))
            return {row.contact_id: row.due_at for row in rows}


@pytest.fixture
def desk(database):
    engine = make_engine(database("orchestrator", METADATA))
    yield Desk(engine)
    engine.dispose()


def live(version=1, **changes) -> Event:
    return a_campaign(version_number=version, script=SCRIPT, **changes)


def of(contact, fact) -> Event:
    return fact.model_copy(update={"subject": contact})


def admitted(contact, **changes) -> Event:
    """A contact with SMS only, in English."""
    return of(contact, triaged([Channel.SMS], **changes))


def requests(said) -> dict[UUID, MessageRequested]:
    return {one.subject: one for one in said if isinstance(one, MessageRequested)}


def outcomes(said) -> dict[UUID, Outcome]:
    return {one.subject: one.code for one in said if isinstance(one, OutcomeRecorded)}


def test_going_live_freezes_the_pool_and_sets_its_first_timers(desk) -> None:
    desk.hear(*map(admitted, (ANN, BEN, CAT)))
    desk.hear(live(pool=PoolRule(size=2), starts_at=NOW + DAY))
    assert desk.armed() == {ANN: NOW + DAY, BEN: NOW + DAY}
    assert desk.wake() == []
    desk.now += DAY
    said = desk.wake()
    assert set(requests(said)) == {ANN, BEN}
    joined = [one.subject for one in said if isinstance(one, DecisionMade) and one.why == "pool"]
    assert joined == [ANN, BEN]


def test_a_start_in_the_past_is_now(desk) -> None:
    desk.now += 2 * DAY
    desk.hear(admitted(ANN))
    desk.hear(live(starts_at=NOW))
    assert desk.armed() == {ANN: desk.now}


@pytest.mark.parametrize(
    "contact",
    [
        admitted(ANN, segment=None),
        admitted(ANN, segment=Segment.SOLO_SEAT),
        admitted(ANN, language="de"),
        admitted(ANN, reason=Reason.OUT_OF_WINDOW),
        of(ANN, triaged([])),
        admitted(ANN, workspace_id=UUID(int=9)),
    ],
)
def test_whoever_does_not_fit_the_rule_stays_outside(desk, contact) -> None:
    desk.hear(contact)
    desk.hear(live(pool=PoolRule(segments=(Segment.SINGLE_MODULE,))))
    assert desk.armed() == {}


def test_whoever_is_triaged_later_waits_outside(desk) -> None:
    desk.hear(live())
    desk.hear(admitted(ANN))
    desk.hear(live(version=2))
    assert desk.armed() == {}


def test_a_contact_is_worked_in_one_campaign(desk) -> None:
    other = UUID(int=77)
    desk.hear(admitted(ANN))
    desk.hear(live(), live(subject=other, campaign_id=other))
    said = desk.wake()
    assert [one.campaign_id for one in requests(said).values()] == [live().subject]


def test_a_draft_freezes_nothing(desk) -> None:
    desk.hear(admitted(ANN))
    desk.hear(live(state=CampaignState.SIGNED))
    assert desk.armed() == {}


def test_an_older_version_changes_nothing(desk) -> None:
    desk.hear(admitted(ANN))
    desk.hear(live(version=3), live(version=2, state=CampaignState.ENDED))
    assert set(requests(desk.wake())) == {ANN}


def test_a_pause_lets_timers_pass_and_resuming_wakes_every_open_contact(desk) -> None:
    desk.hear(*map(admitted, (ANN, BEN)))
    desk.hear(live())
    desk.hear(live(version=2, state=CampaignState.PAUSED))
    said = desk.wake()
    assert requests(said) == {}
    assert {one.why for one in said if isinstance(one, DecisionMade)} == {"pool", "paused"}
    desk.now += HOUR
    desk.hear(live(version=3))
    assert set(requests(desk.wake())) == {ANN, BEN}


def test_ending_stops_whoever_is_open_and_nobody_else(desk) -> None:
    desk.hear(*map(admitted, (ANN, BEN)))
    desk.hear(live())
    desk.wake()
    no = understood(1, Channel.SMS, Intent.NOT_INTERESTED)
    assert outcomes(desk.hear(of(BEN, no))) == {BEN: Outcome.DECLINED}
    desk.hear(live(version=2, state=CampaignState.ENDED))
    assert set(desk.armed()) == {ANN}
    assert outcomes(desk.wake()) == {ANN: Outcome.STOPPED}


def test_a_campaign_that_goes_live_long_before_we_hear_of_it_waits_for_a_person(desk) -> None:
    desk.hear(admitted(ANN))
    desk.late = 7 * HOUR
    desk.hear(live(starts_at=NOW - DAY))
    assert desk.armed() == {ANN: NOW - desk.late}
    assert requests(desk.wake()) == {}
    [complaint] = complaints(desk)
    assert complaint.sentence.startswith("overdue contacts: 1; nothing is sent to them until")

    desk.late = timedelta()
    desk.hear(live(version=2, state=CampaignState.PAUSED))
    desk.hear(live(version=3))
    assert set(requests(desk.wake())) == {ANN}
    assert complaints(desk) == []


def complaints(desk):
    with desk.engine.connect() as tx:
        return ailing(tx)


def test_what_a_contact_said_is_remembered_between_batches(desk) -> None:
    desk.hear(admitted(ANN))
    desk.hear(live(), a_calendar())
    [opener] = requests(desk.wake()).values()
    desk.hear(of(ANN, sent(opener)))
    desk.hear(of(ANN, received(1, Channel.SMS)))
    said = desk.hear(of(ANN, understood(1, Channel.SMS, Intent.INTERESTED)))
    [offer] = requests(said).values()
    assert (offer.purpose, len(offer.slots), offer.heard) == (Purpose.OFFER_SLOTS, 2, 1)


def test_a_contact_outside_of_every_pool_is_only_remembered(desk) -> None:
    said = desk.hear(
        of(ANN, received(1, Channel.SMS)), of(ANN, understood(1, Channel.SMS, Intent.OPT_OUT))
    )
    assert said == []
    with desk.engine.connect() as tx:
        [row] = tx.execute(sa.select(SEQUENCE))
    assert (row.contact_id, row.campaign_id, row.active, row.may_join) == (ANN, None, False, False)


def test_slots_count_from_their_moment_and_replace_the_former_ones_then(desk) -> None:
    def offers() -> list:
        with desk.engine.connect() as tx:
            return sorted(tx.scalars(sa.select(OFFER.c.counts_from)))

    moments = [NOW - HOUR, NOW, NOW + HOUR, NOW + 2 * HOUR]
    for moment in moments:
        desk.hear(a_calendar().model_copy(update={"counts_from": moment}))
    assert offers() == moments[1:]
    desk.now += HOUR
    desk.hear(a_calendar().model_copy(update={"counts_from": NOW + 3 * HOUR}))
    assert offers() == [NOW + HOUR, NOW + 2 * HOUR, NOW + 3 * HOUR]
