"""What console says of a campaign: the whole of it, each time it changes."""

from datetime import datetime

from pydantic import Field

from shared.events.base import Event, Value
from shared.words import CampaignState, Channel, Goal, Purpose, Segment

PATIENCE_HOURS = {
    Channel.WHATSAPP: 20,
    Channel.SMS: 20,
    Channel.VOICE: 24,
    Channel.EMAIL: 72,
}


class Signature(Value):
    """A person signed one line, as it stood. `digest` is of the template, not of a filled text."""

    signer: str
    signed_at: datetime
    digest: str


class Line(Value):
    """One line of the script, in one language on one channel.

    `text` is a template: `{first_name}`, `{founder}`, `{company}`, `{product}`, `{slots}`, `{slot}`
    and account facts such as `{months_on_plan}` are filled when it is sent. `goal` is None when
    the line serves every goal.
    """

    id: str
    purpose: Purpose
    channel: Channel
    language: str
    text: str
    goal: Goal | None = None
    subject: str = ""  # e-mail only
    topic: str = ""  # of an answer: what the question is about
    discloses_ai: bool = False
    signature: Signature | None = None


class Brief(Value):
    """The founder's page."""

    founder: str
    company: str
    product: str
    offer: str
    tone: str = ""
    disqualify: tuple[str, ...] = ()
    never_say: tuple[str, ...] = ()


class Policy(Value):
    """How patiently a contact is worked."""

    patience_hours: dict[Channel, int] = Field(default=PATIENCE_HOURS)
    plans_max: int = 12
    reading_patience_hours: int = 4
    overdue_hours: int = 6
    callback_days: int = 7  # "not now" without a date
    slots_offered: int = 2


class PoolRule(Value):
    """Which admitted contacts belong to the pool, and how many at most."""

    segments: tuple[Segment, ...] = tuple(Segment)
    size: int = 1000


class CampaignChanged(Event, topic="campaign.changed", about="campaign"):
    """The whole campaign. A higher `version` replaces a lower one."""

    version_number: int
    name: str
    state: CampaignState
    starts_at: datetime
    brief: Brief
    policy: Policy
    pool: PoolRule
    script: tuple[Line, ...]

    @property
    def languages(self) -> frozenset[str]:
        """Those in which at least one opener is signed."""
        return frozenset(
            line.language
            for line in self.script
            if line.purpose is Purpose.OPENER and line.signature
        )
