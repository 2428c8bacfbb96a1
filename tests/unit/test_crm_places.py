"""Countries, languages, and every time zone in which somebody may be."""

from zoneinfo import available_timezones

import pytest

from services.crm_sync.phones import Number, read_number
from services.crm_sync.places import read_country, read_language, read_state, rows_of
from services.crm_sync.zones import read_zone, zones_of
from shared.words import LineType

NEW_YORK, CHICAGO, DENVER = "America/New_York", "America/Chicago", "America/Denver"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DE", "DE"),
        ("deu", "DE"),
        ("Germany", "DE"),
        ("Deutschland", "DE"),
        ("Allemagne", "DE"),
        ("Alemania", "DE"),
        ("Vokietija", "DE"),
        ("U.S.A.", "US"),
        ("United States", "US"),
        ("États-Unis", "US"),
        ("JAV", "US"),
        ("UK", "GB"),
        ("England", "GB"),
        ("Great Britain", "GB"),
        ("Lietuva", "LT"),
        ("españa", "ES"),
        ("Côte d’Ivoire", "CI"),  # noqa: RUF001  as it is typed
        ("Czech Republic", "CZ"),
        ("The Netherlands", "NL"),
        ("Bosnia and Herzegovina", "BA"),
        ("Saint Kitts and Nevis", "KN"),
        ("St. Kitts & Nevis", "KN"),
        ("Slovakia (Slovak Republic)", "SK"),
    ],
)
def test_a_country_is_known_by_any_of_its_names(text, code):
    assert read_country(text) == code


@pytest.mark.parametrize("text", ["", "Europe", "EMEA", "XX", "New York", "???"])
def test_what_is_no_country_is_unknown(text):
    assert read_country(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("en", "en"),
        ("English", "en"),
        ("en-GB", "en"),
        ("pt_BR", "pt"),
        ("Deutsch", "de"),
        ("allemand", "de"),
        ("Lietuvių", "lt"),
        ("lit", "lt"),
        ("Español", "es"),
        ("français", "fr"),
        ("Norwegian", "no"),
    ],
)
def test_a_language_is_known_by_any_of_its_names(text, code):
    assert read_language(text) == code


@pytest.mark.parametrize("text", ["", "Klingon", "both", "xx"])
def test_what_is_no_language_is_unknown(text):
    assert read_language(text) is None


def test_a_state_is_known_by_name_or_code_within_its_country():
    assert read_state("California", "US") == read_state("CA", "US") == "CA"
    assert read_state("US-NY", "US") == "NY"
    assert read_state("Québec", "CA") == "QC"
    assert read_state("CA", "DE") is None
    assert read_state("Bavaria", "DE") is None


def test_every_zone_in_the_data_exists():
    zones = {zone for row in rows_of("area_codes.csv") for zone in row["zones"].split("|")}
    assert zones <= available_timezones()


def test_every_country_has_a_code_of_its_own():
    codes = [row["code"] for row in rows_of("countries.csv")]
    assert len(set(codes)) == len(codes) == 250


@pytest.mark.parametrize(
    "text", ["Europe/Vilnius", "europe_slash_vilnius", "EUROPE/VILNIUS", "Europe/vilnius "]
)
def test_a_zone_on_record_is_read_as_crms_spell_it(text):
    assert read_zone(text) == "Europe/Vilnius"


@pytest.mark.parametrize("text", ["GMT+2", "CET", "", "Europe/Nowhere"])
def test_what_is_no_place_is_no_zone(text):
    assert read_zone(text) is None


def us(area):
    return read_number(f"+1 {area} 467 0123", "")


def test_a_country_with_one_zone_has_that_one():
    assert zones_of("LT", "", None, None) == ("Europe/Vilnius",)


def test_a_country_with_several_zones_has_all_of_them():
    assert zones_of("ES", "", None, None) == ("Africa/Ceuta", "Atlantic/Canary", "Europe/Madrid")
    assert {NEW_YORK, CHICAGO, "Pacific/Honolulu"} < set(zones_of("US", "", None, None))


def test_an_area_code_narrows_the_country():
    assert zones_of("US", "", None, us(212)) == (NEW_YORK,)
    assert zones_of("US", "", None, us(850)) == (CHICAGO, NEW_YORK)


def test_a_state_narrows_the_country():
    assert zones_of("US", "TX", None, None) == (CHICAGO, DENVER)
    assert zones_of("CA", "Ontario", None, None) == ("America/Toronto", "America/Winnipeg")


def test_a_state_and_an_area_code_that_differ_both_count():
    assert zones_of("US", "NY", None, us(303)) == (DENVER, NEW_YORK)


def test_a_zone_on_record_counts_more_than_country_and_state_but_not_than_the_number():
    assert zones_of("US", "TX", NEW_YORK, None) == (NEW_YORK,)
    assert zones_of("US", "", CHICAGO, us(212)) == (CHICAGO, NEW_YORK)


def test_a_number_from_another_country_adds_its_zones():
    assert zones_of("LT", "", None, read_number("+44 7400 123456", "")) == (
        "Europe/London",
        "Europe/Vilnius",
    )
    assert zones_of("LT", "", None, us(212)) == (NEW_YORK, "Europe/Vilnius")


def test_a_number_from_the_same_country_does_not_widen_a_zone_on_record():
    number = read_number("+34 612 34 56 78", "")
    assert zones_of("ES", "", "Europe/Madrid", number) == ("Europe/Madrid",)


def test_a_number_without_an_area_does_not_narrow():
    toll_free = Number("+18003569377", "US", LineType.LANDLINE)
    assert zones_of("US", "", None, toll_free) == zones_of("US", "", None, None)


def test_without_a_country_the_number_tells():
    assert zones_of("", "", None, read_number("+370 612 12345", "")) == ("Europe/Vilnius",)
    assert zones_of("", "TX", None, us(212)) == (CHICAGO, DENVER, NEW_YORK)


def test_nothing_known_is_no_zone():
    assert zones_of("", "", None, None) == ()
