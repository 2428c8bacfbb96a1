"""How each language writes a day, a moment and a choice, as people read them in a message."""

from dataclasses import dataclass
from datetime import date, datetime

MOMENT = "%H:%M"


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language. `day` and `moment` are patterns; Monday is the first weekday."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str
    moment: str
    either: str
    nameless: str  # follows a greeting where no name is known: "Hi again,"

    def write_day(self, day: date) -> str:
        """The weekday and the date, without the year."""
        return self.day.format(
            weekday=self.weekdays[day.weekday()], day=day.day, month=self.months[day.month - 1]
        )

    def write_moment(self, moment: datetime, *, zone: bool) -> str:
        """Day and time as the clock on the wall shows it; `zone` adds the zone's short name."""
        time = f"{moment:{MOMENT}} {moment.tzname()}" if zone else f"{moment:{MOMENT}}"
        return self.moment.format(day=self.write_day(moment), time=time)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TONGUES = {
    "en": Tongue(
        weekdays=_words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
        months=_words(
            "January February March April May June July August September October November December"
        ),
        day="{weekday} {day} {month}",
        moment="{day}, {time}",
        either=" or ",
        nameless="again",
    ),
    "de": Tongue(
        weekdays=_words("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"),
        months=_words(
            "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
        ),
        day="{weekday}, {day}. {month}",
        moment="{day}, {time}",
        either=" oder ",
        nameless="nochmals",
    ),
    "fr": Tongue(
        weekdays=_words("lundi mardi mercredi jeudi vendredi samedi dimanche"),
        months=_words(
            "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
        ),
        day="{weekday} {day} {month}",
        moment="{day} à {time}",
        either=" ou ",
        nameless="à nouveau",
    ),
    "es": Tongue(
        weekdays=_words("lunes martes miércoles jueves viernes sábado domingo"),
        months=_words(
            "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
            "diciembre"
        ),
        day="{weekday} {day} de {month}",
        moment="{day} a las {time}",
        either=" o ",
        nameless="de nuevo",
    ),
    "lt": Tongue(
        weekdays=_words(
            "pirmadienį antradienį trečiadienį ketvirtadienį penktadienį šeštadienį sekmadienį"
        ),
        months=_words(
            "sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio "
            "lapkričio gruodžio"
        ),
        day="{weekday}, {month} {day} d.",
        moment="{day}, {time}",
        either=" arba ",
        nameless="dar kartą",
    ),
}
