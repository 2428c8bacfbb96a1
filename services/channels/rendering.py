"""From a signed line to the words that leave: every place is filled, or nothing leaves.

Personal words come from the sealed record, the founder's from the brief, the rest from the request;
moments are written in the contact's language and zone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from services.channels.tongues import MOMENT, TONGUES
from shared.events import Person
from shared.words import Channel

PLACE = re.compile(r"\{(\w+)\}")
TEXT_CHARS_MAX = {Channel.SMS: 1600, Channel.WHATSAPP: 1600, Channel.EMAIL: 20_000}


class UnfilledError(ValueError):
    """The line asks for something that nobody gave; it does not leave."""


class TooLongError(ValueError):
    """The text is longer than the channel carries."""


@dataclass(frozen=True, slots=True)
class Filling:
    """What the places of a line are filled with. Moments are in UTC."""

    language: str
    person: Person = field(repr=False)
    brief: Mapping[str, str]  # founder, company, product
    fields: Mapping[str, str] = field(default_factory=dict)
    slots: Sequence[datetime] = ()
    zones: Sequence[str] = ()

    def words(self) -> dict[str, str]:
        """The words for every place that can be filled, by name."""
        words = {**self.fields, **self.brief, "first_name": self._first_name()}
        words |= self._moments()
        return {name: text for name, text in words.items() if text}

    def _first_name(self) -> str:
        person = self.person
        known = person.first_name or person.full_name.split(" ", 1)[0] or person.company
        tongue = TONGUES.get(self.language)
        return known or (tongue.nameless if tongue else "")

    def _moments(self) -> dict[str, str]:
        words = {}
        slots = self.slots or _moments_in(self.fields.get("slot", ""))
        if slots:
            written = [self._write_moment(slot) for slot in slots]
            tongue = TONGUES.get(self.language)
            words["slot"] = written[0]
            words["slots"] = (tongue.either if tongue else " / ").join(written)
        if day := self._day(self.fields.get("date", "")):
            words["date"] = self._write_day(day)
        return words

    @property
    def _zone(self) -> tzinfo:
        return ZoneInfo(self.zones[0]) if self.zones else UTC

    def _write_moment(self, moment: datetime) -> str:
        """The zone is named where the contact may live in several."""
        there = moment.astimezone(self._zone)
        tongue = TONGUES.get(self.language)
        if tongue is None:
            return f"{there:%Y-%m-%d {MOMENT} %Z}"
        return tongue.write_moment(there, zone=len(self.zones) != 1)

    def _write_day(self, day: date) -> str:
        tongue = TONGUES.get(self.language)
        return tongue.write_day(day) if tongue else day.isoformat()

    def _day(self, text: str) -> date | None:
        """A day stands as it is; a moment is the day that it is for the contact."""
        moments = _moments_in(text) if "T" in text else ()
        if moments:
            return moments[0].astimezone(self._zone).date()
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None


def fill(template: str, words: Mapping[str, str]) -> str:
    """The template with its places filled. Raises UnfilledError naming what is missing."""

    def word(place: re.Match[str]) -> str:
        if place[1] not in words:
            raise UnfilledError(place[1])
        return words[place[1]]

    return PLACE.sub(word, template)


def check_length(channel: Channel, text: str) -> None:
    """Raises TooLongError when the channel would not carry the text."""
    if len(text) > TEXT_CHARS_MAX[channel]:
        raise TooLongError(channel)


def numbered(template: str) -> tuple[str, tuple[str, ...]]:
    """As WhatsApp wants a template: places numbered from {{1}}, and their names in that order."""
    names = tuple(dict.fromkeys(PLACE.findall(template)))
    numbers = {name: f"{{{{{n}}}}}" for n, name in enumerate(names, start=1)}
    return fill(template, numbers), names


def variables(template: str, words: Mapping[str, str]) -> dict[str, str]:
    """The values of a numbered template. Line breaks may not stand in one; blanks do instead."""
    _, names = numbered(template)
    values = (fill(f"{{{name}}}", words) for name in names)
    return {str(n): " ".join(value.split()) for n, value in enumerate(values, start=1)}


def _moments_in(text: str) -> tuple[datetime, ...]:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ()
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC),)
