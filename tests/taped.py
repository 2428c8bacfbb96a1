"""A contact's story as it stands on the bus: all that its sequence heard and said, with its ids."""

from datetime import timedelta
from itertools import count

from rekindle.case import Case
from rekindle.recorded import record_of
from rekindle.replaying.comparing import derived_from
from rekindle.replaying.sequences import LOOK_AGAIN, SEQUENCES, sequences_come_out_the_same
from services.orchestrator.sequence import step
from services.orchestrator.state import World
from shared.events import Brief, CampaignChanged, Event, Line, PoolRule, WakeAt, Woke
from shared.ids import named, timer_id
from tests.examples import CONTACT, WORKSPACE, signed
from tests.sequences import NOW, STRANGER, a_calendar

LONG_AFTER = NOW + timedelta(days=3650)


class Tape:
    """Plays one contact. What the campaign becomes, and timers, get the ids that the bus gives."""

    def __init__(self, calendar=None) -> None:
        self.events: list[Event] = []
        self.sequence = STRANGER
        self.campaign = None
        self._ids = (named("heard", n) for n in count())
        self._set = {}  # what set the timer of each plan
        self.calendar = self.put(calendar or a_calendar(), NOW)

    def put(self, event, now, **envelope):
        event = event.model_copy(update={"id": next(self._ids), "time": now, **envelope})
        self.events.append(event)
        return event

    def becomes(self, campaign, now):
        """The campaign as it is said now, and heard: its timers look again."""
        first, version = self.campaign is None, self.campaign.version + 1 if self.campaign else 1
        self.campaign = campaign.model_copy(update={"version": version})
        self._set[LOOK_AGAIN] = self.put(as_said(self.campaign), now).id
        self._looks_at = max(now, campaign.starts_at) if first else now
        return self.campaign

    def hear(self, fact, now, late=timedelta()):
        """What follows, when this is heard `late` after it happened."""
        if isinstance(fact, Woke):
            cause = self._set.get(fact.plan, fact.id)
            due = self._looks_at if fact.plan == LOOK_AGAIN else fact.time
            id_ = timer_id(cause, CONTACT, fact.plan)
            fact = fact.model_copy(update={"id": id_, "time": due})
        else:
            fact = self.put(fact, now - late)
        world = World(self.campaign, (self.calendar,))
        self.sequence, said = step(self.sequence, fact, now, world)
        self._set |= {its.plan: fact.id for its in said if isinstance(its, WakeAt)}
        for id_, event in derived_from(fact.id, SEQUENCES.by, said):
            self.put(event, now, id=id_, cause_id=fact.id)
        return said

    @property
    def recorded(self):
        return record_of(self.events)


def as_said(campaign) -> CampaignChanged:
    """What console said of a campaign that its sequences see so."""
    return CampaignChanged(
        subject=campaign.id,
        workspace_id=WORKSPACE,
        campaign_id=campaign.id,
        version_number=campaign.version,
        name="",
        state=campaign.state,
        starts_at=campaign.starts_at,
        brief=Brief(founder="", company="", product="", offer=""),
        policy=campaign.policy,
        pool=PoolRule(),
        script=tuple(signed(Line(text="", **line.model_dump())) for line in campaign.lines),
    )


def told_otherwise(recorded, at=LONG_AFTER):
    """What does not come out again of the sequences in a stream, in sentences."""
    return [its.sentence for its in sequences_come_out_the_same(Case(recorded, at))]
