"""The last look before a message leaves, as far as this gateway knows.

Theory. A request says what was decided, and on what knowledge: the triage revision, the number of
replies that were heard, the campaign version. The gateway knows more, or newer things, or less:
 * where it knows less, it waits a moment for its own knowledge to catch up, then refuses;
 * where somebody else at the address asked first, it waits for the gateway of that channel;
 * where it knows something newer that speaks against sending, it refuses and says why;
 * only where nothing speaks against it, it goes.

`CHECKS` is the whole of it, in the order in which a reason decides. Every check sees the view and
the moment, and answers None when it has no objection. A check that is missing a fact objects.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

from services.channels.view import Listed, View
from shared.events import Line
from shared.ids import touch_id_of
from shared.lines import UNASKED, lint_line
from shared.rules.case import MARKETING, SERVICE
from shared.rules.disclosures import discloses_ai
from shared.rules.facts import Attempt, Facts, Inbound
from shared.rules.knowing import read_facts
from shared.rules.linting import Lint
from shared.rules.loading import rules_in_force
from shared.rules.verdict import Weight
from shared.rules.whoever import judge_whoever, opens_for_whoever
from shared.signing import is_signed
from shared.words import SERVICE_PURPOSES, CampaignState, Channel, Purpose, Refusal

BY = "channels"
ENGINE = "channels 3"
RULES = rules_in_force().version.isoformat()
LINES_KEPT = 1024
LOSE = "lose"  # the verdict on what nobody can account for

VIEW_SECONDS_MAX = 15.0  # older knowledge is none
WAIT_SECONDS_MAX = 15.0  # for our own knowledge to catch up


@dataclass(frozen=True, slots=True)
class Go:
    """Send it. As the template of this name where there is one, else in its own words."""

    line: Line
    template: str
    discloses_ai: bool
    first_on_channel: bool


@dataclass(frozen=True, slots=True)
class Refuse:
    """Do not send it. `busy_until` says when the contact or the address is free again."""

    refusal: Refusal
    why: str
    busy_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again in a moment: the gateway knows less than whoever asked."""

    why: str


@dataclass(frozen=True, slots=True)
class Lose:
    """It may have been sent already, and nobody remembers: it counts as sent, result unknown."""

    why: str


Doubt = Refuse | Wait | Lose | None


def may_send(view: View, now: datetime) -> Go | Refuse | Wait | Lose:
    """The verdict on one request. The first objection decides."""
    for check in CHECKS:
        if doubt := check(view, now):
            return doubt
    assert view.line is not None, "an unknown line is not signed"
    return Go(
        line=view.line,
        template="" if _needs_no_template(view, now) else view.template,
        discloses_ai=discloses_ai(view.line.text, view.line.language),
        first_on_channel=view.first_on_channel,
    )


def is_accounted_for(view: View, _: datetime) -> Doubt:
    """Whatever was asked for before a restore and was not told of may have been sent before it."""
    if view.restored_at is None or view.request.time > view.restored_at:
        return None
    return Lose("asked for before the database was restored, and never told of")


def not_overdue(view: View, now: datetime) -> Doubt:
    """After a long outage the world has moved on: a person lets it go on, or not."""
    if view.request.purpose in SERVICE_PURPOSES or now - view.due_at <= view.overdue:
        return None
    return Refuse(Refusal.OVERDUE, "due so long ago that a person has to look")


def in_time(view: View, now: datetime) -> Doubt:
    if now < view.request.answer_until:
        return None
    return Refuse(Refusal.LATE, "the time for an answer is over")


def knowledge_is_fresh(view: View, _: datetime) -> Doubt:
    why = _behind(view)
    if not why:
        return None
    if view.waited_seconds < WAIT_SECONDS_MAX:
        return Wait(why)
    unknown = Refusal.UNKNOWN_CONTACT if view.contact is None else Refusal.STALE_VIEW
    return Refuse(unknown, why)


def contact_is_known(view: View, _: datetime) -> Doubt:
    if view.contact and view.contact.revision and view.address:
        return None
    return Refuse(Refusal.UNKNOWN_CONTACT, "no address from an accepted import")


def not_suppressed(view: View, _: datetime) -> Doubt:
    """After an opt-out one signed confirmation may leave; after a decline, what sells nothing."""
    assert view.contact
    assert view.address
    listed = [one for one in (view.contact.listed, view.address.listed) if one]
    purpose = view.request.purpose
    if not listed:
        return None
    if any(one.everything for one in listed):
        if purpose is Purpose.CONFIRM_OPT_OUT and not _was_confirmed(view, listed):
            return None
        return Refuse(Refusal.SUPPRESSED, "asked not to be contacted")
    if purpose in SERVICE_PURPOSES:
        return None
    return Refuse(Refusal.SUPPRESSED, "marketing has ended")


def not_held(view: View, _: datetime) -> Doubt:
    assert view.contact
    if not view.contact.held:
        return None
    return Refuse(Refusal.NOT_PERMITTED, "held until a person decides")


def every_reply_was_heard(view: View, _: datetime) -> Doubt:
    assert view.contact
    if view.contact.replies <= view.request.heard:
        return None
    return Refuse(Refusal.NEWER_REPLY, "the contact has written since")


def nobody_there_is_unread(view: View, _: datetime) -> Doubt:
    """Whoever shares the address may have asked for silence, in words that no list has."""
    assert view.address
    if not view.address.unread:
        return None
    return Refuse(Refusal.NEWER_REPLY, "somebody else at the address has written since")


def campaign_is_live(view: View, _: datetime) -> Doubt:
    """What serves the contact still leaves after a campaign has ended."""
    match view.campaign:
        case CampaignState.LIVE:
            return None
        case CampaignState.ENDED if view.request.purpose in SERVICE_PURPOSES:
            return None
        case CampaignState.PAUSED:
            return Refuse(Refusal.PAUSED, "the campaign is paused")
        case _:
            return Refuse(Refusal.NOT_PERMITTED, "the campaign is not live")


def channel_is_open(view: View, now: datetime) -> Doubt:
    """By the newest triage. What serves the contact answers what the contact did."""
    assert view.contact
    channel, channels = view.request.channel, view.contact.channels
    if view.request.purpose in SERVICE_PURPOSES:
        return None
    if not view.contact.admitted or channel not in channels:
        return Refuse(Refusal.NOT_PERMITTED, "triage has closed the channel")
    opens_at = channels[channel]
    if opens_at and opens_at > now:
        return Refuse(Refusal.NOT_PERMITTED, "the channel opens later")
    return None


def contact_goes_on(view: View, _: datetime) -> Doubt:
    assert view.contact
    if not view.contact.ended or view.request.purpose in SERVICE_PURPOSES:
        return None
    return Refuse(Refusal.NOT_PERMITTED, "the contact has an outcome")


def line_is_signed(view: View, _: datetime) -> Doubt:
    """The signature is computed anew from what is about to be sent."""
    line = view.line
    if line and is_signed(line) and line.purpose is view.request.purpose:
        return None
    return Refuse(Refusal.NOT_SIGNED, "nobody signed this line as it stands")


def first_touch_discloses(view: View, _: datetime) -> Doubt:
    line = view.line
    if not view.first_on_channel or (line and discloses_ai(line.text, line.language)):
        return None
    return Refuse(Refusal.NOT_PERMITTED, "a first touch must say that an AI writes")


def shows_what_its_place_asks(view: View, now: datetime) -> Doubt:
    """A line is signed for all; what is asked where this person is, is known only here."""
    if view.contact is None or view.line is None or view.line.purpose not in UNASKED:
        return None
    its = read_facts(view.contact.facts)
    where = Facts(
        country=its.country,
        region=its.region,
        area_code_region=its.area_code_region,
        also_country=its.also_country,
    )
    found = _read(view.line, where, now.date())
    if not found.missing:
        return None
    lacking, asked_by = ", ".join(found.missing), ", ".join(found.findings)
    return Refuse(Refusal.NOT_PERMITTED, f"the line lacks {lacking}, asked for by {asked_by}")


@lru_cache(LINES_KEPT)
def _read(line: Line, where: Facts, day: date) -> Lint:
    """Kept, because a campaign has few lines, and its contacts are in few places."""
    return lint_line(line, where, day, rules_in_force())


def whoever_asked_first_went(view: View, _: datetime) -> Doubt:
    """Of those who share an address the first in order goes, whichever channel is quicker."""
    return None if view.is_first else Wait("somebody else at the address asked first")


def nothing_is_open(view: View, now: datetime) -> Doubt:
    """Neither of this contact nor at this address, which others may share."""
    open_until = [touch.answer_until for touch in view.touches if touch.open_at(now)]
    if not open_until:
        return None
    return Refuse(Refusal.ADDRESS_BUSY, "a touch is open", busy_until=max(open_until))


def whatsapp_takes_it(view: View, now: datetime) -> Doubt:
    if _needs_no_template(view, now) or view.template:
        return None
    return Refuse(Refusal.WINDOW_CLOSED, "outside the 24 hours, and the line is no template")


def rules_allow(view: View, now: datetime) -> Doubt:
    """The contact rules, with every touch and reply that the gateways know of.

    What serves the contact waits only for decent hours.
    """
    rules, facts = rules_in_force(), _facts(view)
    if view.request.purpose in SERVICE_PURPOSES:
        opens_at = opens_for_whoever(facts, now, rules)
        decided: tuple[str, ...] = ("quiet hours",)
    else:
        verdict = judge_whoever(facts, now, rules)
        opens_at = now if verdict.verdict is Weight.ALLOW else verdict.next_allowed
        decided = verdict.rules
    if opens_at is not None and opens_at <= now:
        return None
    when = "never" if opens_at is None else "not yet"
    return Refuse(Refusal.NOT_PERMITTED, f"{when}: {', '.join(decided)}", busy_until=opens_at)


def _facts(view: View) -> Facts:
    """What the contact rules ask of this touch; the checks before this one saw to the script."""
    assert view.contact
    assert view.address
    request, heard_at = view.request, view.address.heard_at
    serves = request.purpose in SERVICE_PURPOSES
    answers = request.purpose is not Purpose.OPENER
    return replace(
        read_facts(view.contact.facts),
        channel=request.channel.value,
        purpose=SERVICE if serves else MARKETING,
        script_signed=True,
        disclosure_first=True,
        attempts=() if serves else tuple(_attempts(view)),
        last_inbound=Inbound(channel=request.channel.value, at=heard_at, same_matter=answers)
        if heard_at
        else None,
    )


def _attempts(view: View) -> Iterator[Attempt]:
    """What came unasked before, to the contact or to the address."""
    own = touch_id_of(view.request.id)
    for touch in view.touches:
        unasked = not touch.is_answer and touch.purpose not in SERVICE_PURPOSES
        if unasked and touch.id != own:
            yield Attempt(channel=touch.channel.value, at=touch.reserved_at)


CHECKS: Sequence[Callable[[View, datetime], Doubt]] = (
    is_accounted_for,
    not_overdue,
    in_time,
    knowledge_is_fresh,
    contact_is_known,
    not_suppressed,
    not_held,
    every_reply_was_heard,
    nobody_there_is_unread,
    campaign_is_live,
    channel_is_open,
    contact_goes_on,
    line_is_signed,
    first_touch_discloses,
    shows_what_its_place_asks,
    whoever_asked_first_went,
    nothing_is_open,
    whatsapp_takes_it,
    rules_allow,
)


def _behind(view: View) -> str:
    """What the gateway has yet to hear; empty when it knows at least as much as the asker."""
    if view.contact is None or view.contact.revision < view.request.triage_revision:
        return "the contact's triage has yet to be heard"
    if view.campaign_version < view.request.campaign_version:
        return "the campaign has yet to be heard"
    if view.age_seconds > VIEW_SECONDS_MAX:
        return "the suppression list is too old"
    return ""


def _was_confirmed(view: View, listed: Sequence[Listed]) -> bool:
    """One confirmation for an address, however many contacts share it."""
    since = min(one.since for one in listed)
    return any(
        touch.purpose is Purpose.CONFIRM_OPT_OUT and touch.reserved_at >= since
        for touch in view.touches
    )


def _needs_no_template(view: View, now: datetime) -> bool:
    return view.request.channel is not Channel.WHATSAPP or view.in_window_at(now)
