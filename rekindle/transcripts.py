"""What was said to and fro with one contact, for the founder to read. Pure.

The stream holds no text of ours: it is made again from the signed line, as the gateway made it.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from rekindle.people import People
from rekindle.recorded import Recorded, contact_of, grouped, left_at
from services.channels.rendering import Filling, UnfilledError, fill
from shared.events import (
    CampaignChanged,
    MessageDelivered,
    MessageRequested,
    MessageSent,
    ReplyReceived,
)
from shared.outcomes import MEANINGS
from shared.words import Channel, Delivery, Result

LOST = {Delivery.FAILED: "did not arrive", Delivery.BOUNCED: "came back"}
NAMED_IN_LINES = {"founder", "company", "product"}
FORGOTTEN = "(forgotten)"


@dataclass(frozen=True)
class Transcripts:
    """The conversations of a stream; moments are written in `zone`."""

    recorded: Recorded
    people: People
    zone: ZoneInfo

    @cached_property
    def contacts(self) -> list[UUID]:
        """Everybody with whom something was said."""
        return list({**self._touches, **self.recorded.replies})

    @cached_property
    def _touches(self) -> dict[UUID, list[MessageSent]]:
        return grouped(self.recorded.sent, contact_of)

    @cached_property
    def _requests(self) -> dict[tuple[UUID, int], MessageRequested]:
        asked = self.recorded.of(MessageRequested)
        return {(request.subject, request.plan): request for request in asked}

    @cached_property
    def _lost(self) -> dict[UUID, str]:
        reports = self.recorded.of(MessageDelivered)
        return {its.touch_id: LOST[its.delivery] for its in reports if its.delivery in LOST}

    def of(self, contact: UUID) -> str:
        """All that was said, oldest first and at one moment theirs first; and how it ended."""
        said = [(its.time, self._theirs(its)) for its in self.recorded.replies.get(contact, ())]
        said += [(left_at(touch), self._ours(touch)) for touch in self._touches.get(contact, ())]
        parts = [f"CRM id {self.people[contact].label}, times in {self.zone.key}"]
        parts += [words for _, words in sorted(said, key=lambda one: one[0])]
        if outcome := self.recorded.outcomes.get(contact):
            meaning = MEANINGS[outcome.code].sentence
            parts.append(f"{self._moment(outcome.ended_at)}  outcome {outcome.code}: {meaning}")
        return "\n\n".join(parts) + "\n"

    def _ours(self, touch: MessageSent) -> str:
        doubt = "nobody knows whether it left" if touch.result is Result.UNKNOWN else ""
        remark = self._lost.get(touch.touch_id, doubt)
        campaign = self.recorded.campaigns.get(touch.campaign_id) if touch.campaign_id else None
        who = campaign.brief.company if campaign else "we"
        return self._entry(left_at(touch), who, touch.channel, self._text(touch, campaign), remark)

    def _theirs(self, reply: ReplyReceived) -> str:
        words = self.people.unseal(reply.subject, reply.words, str)
        remark = "by a machine" if reply.automatic else ""
        return self._entry(reply.time, "customer", reply.channel, words or FORGOTTEN, remark)

    def _entry(self, at: datetime, who: str, channel: Channel, text: str, remark: str) -> str:
        more = f" ({remark})" if remark else ""
        body = "\n".join(f"  {line}".rstrip() for line in text.splitlines())
        return f"{self._moment(at)}  {who}, {channel}{more}:\n{body}"

    def _moment(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def _text(self, touch: MessageSent, campaign: CampaignChanged | None) -> str:
        """As it left: subject and text of the line that was signed, filled for this person."""
        lines = self.recorded.lines_of(touch)
        if not lines or not campaign:
            return f"(the line {touch.line_id})"
        template = "\n\n".join(filter(None, (lines[-1].subject, lines[-1].text)))
        try:
            return fill(template, self._filling(touch, campaign).words())
        except UnfilledError:
            return template

    def _filling(self, touch: MessageSent, campaign: CampaignChanged) -> Filling:
        request = self._requests.get((touch.subject, touch.plan))
        revisions = self.recorded.revisions.get(touch.subject)
        return Filling(
            language=touch.language,
            person=self.people[touch.subject].person,
            brief=campaign.brief.model_dump(include=NAMED_IN_LINES),
            fields=request.fields if request else {},
            slots=touch.slots,
            zones=revisions[-1].zones if revisions else (),
        )
