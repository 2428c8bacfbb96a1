"""Every time zone in which a contact may be. Where evidence differs, all of it counts.

A zone on record or a state says where the person is, else the country does. An American number has
the zones of its area code, a number from another country those of its country.
"""

from collections.abc import Collection, Mapping
from importlib.resources import files
from zoneinfo import available_timezones

from services.crm_sync.cells import folded
from services.crm_sync.phones import Number
from services.crm_sync.places import read_state, rows_of

_AREA_CODE = slice(2, 5)  # of +12125550123


def _by_country() -> dict[str, tuple[str, ...]]:
    """ISO 3166-1 alpha-2 → its zones, from the zone.tab of the time-zone database."""
    zones: dict[str, tuple[str, ...]] = {}
    text = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            zones[country] = (*zones.get(country, ()), zone)
    return zones


def _by_area() -> tuple[Mapping[str, frozenset[str]], Mapping[tuple[str, str], frozenset[str]]]:
    """Area code → zones, and (country, state) → zones."""
    codes: dict[str, frozenset[str]] = {}
    states: dict[tuple[str, str], frozenset[str]] = {}
    for row in rows_of("area_codes.csv"):
        zones = frozenset(row["zones"].split("|"))
        codes[row["area_code"]] = zones
        for state in row["states"].split("|"):
            place = (row["country"], state)
            states[place] = states.get(place, frozenset()) | zones
    return codes, states


def state_of(number: Number) -> str:
    """The state whose own area code a number has; empty where there is none, or several."""
    if not number.e164.startswith("+1"):
        return ""
    state = _AREA_STATES.get(number.e164[_AREA_CODE], "")
    return "" if "|" in state else state


_COUNTRIES = _by_country()
_AREA_STATES = {row["area_code"]: row["states"] for row in rows_of("area_codes.csv")}
_AREA_CODES, _STATES = _by_area()
_NAMED = {folded(zone): zone for zone in available_timezones() if "/" in zone}


def read_zone(text: str) -> str | None:
    """An IANA zone, also as some CRMs spell it ("america_slash_new_york")."""
    return _NAMED.get(folded(text.replace("_slash_", "/")))


def zones_of(country: str, state: str, zone: str | None, number: Number | None) -> tuple[str, ...]:
    """The zones, sorted; empty when nothing is known.

    `country` and `state` are the record's (`state` as it is written), `zone` is one on record.
    """
    region = number.region if number else ""
    home = country or region
    code = read_state(state, home) if state else None
    by_record = {zone} if zone else _STATES.get((home, code or ""), frozenset())
    by_number = _of_number(number, home) if number else ()
    # A number of another country does not tell where in this one the person is.
    narrowed = by_record or (by_number and region == home)
    return tuple(sorted({*by_record, *by_number, *(() if narrowed else _of_country(home))}))


def _of_number(number: Number, home: str) -> Collection[str]:
    if number.e164.startswith("+1"):
        return _AREA_CODES.get(number.e164[_AREA_CODE], frozenset())
    return () if number.region == home else _of_country(number.region)


def _of_country(country: str) -> Collection[str]:
    return _COUNTRIES.get(country, ())
