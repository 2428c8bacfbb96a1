"""Which channel is open for whom, and the one reason why not."""

from datetime import UTC, datetime

import pytest

from services.triage.permission import BASES, NORTH_AMERICA, VERSION, permissions
from services.triage.reasons import SENTENCES, Code
from shared.events import Account
from shared.rules.hours import HOURS
from shared.words import Basis, Channel, LineType, Openness, Status
from tests.triage_records import ANumber, a_record, consent

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # a Monday
UNPAID = Account()
E_MAIL, SMS, WHATSAPP, VOICE = Channel.EMAIL, Channel.SMS, Channel.WHATSAPP, Channel.VOICE
NEW_YORK = {"country": "US", "zones": ("America/New_York",)}
AMERICAN = ANumber(region="US", line=LineType.UNKNOWN)


def verdicts(record, now=NOON, refused=()):
    return permissions(record, dict(refused), now)


def codes(record, now=NOON, refused=()) -> dict[Channel, str]:
    return {channel: its.code for channel, its in verdicts(record, now, refused).items()}


def code(channel, *, now=NOON, phone=None, **facts) -> str:
    country = facts.get("country", "LT")
    phone = phone or ANumber(region=country)
    return codes(a_record(phone=phone, **facts), now)[channel]


def test_a_full_consent_opens_everything_but_voice():
    its = verdicts(a_record())
    assert {channel for channel, one in its.items() if one.openness is Openness.OPEN} == {
        E_MAIL, SMS, WHATSAPP,
    }  # fmt: skip
    assert its[VOICE].code == Code.CHANNEL_NOT_INSTALLED


@pytest.mark.parametrize("country", sorted(BASES))
@pytest.mark.parametrize("basis", [None, *Basis])
def test_every_country_opens_what_its_rules_say(country, basis):
    """The table once more, from the laws' side: written consent everywhere, and these besides."""
    soft_mail = {"DE", "DK", "IT", "LT"}
    consent_only = {"PL", "AU", "SG", "US", "CA"}
    expected = {
        E_MAIL: basis in (Basis.WRITTEN_CONSENT, Basis.EXPRESS_CONSENT)
        or (basis is Basis.SOFT_OPT_IN and country not in {"PL", "AU", "SG"})
        or (basis is Basis.CUSTOMER and country in {"US", "CA"}),
        SMS: basis is Basis.WRITTEN_CONSENT
        or (basis is Basis.EXPRESS_CONSENT and country != "US")
        or (basis is Basis.SOFT_OPT_IN and country not in soft_mail | consent_only),
        WHATSAPP: country not in NORTH_AMERICA
        and basis in (Basis.WRITTEN_CONSENT, Basis.EXPRESS_CONSENT),
    }
    consents = (consent(basis),) if basis else ()
    record = a_record(
        phone=ANumber(region=country), country=country, consents=consents, account=UNPAID
    )
    its = verdicts(record, datetime(2026, 11, 25, 16, 0, tzinfo=UTC))
    assert {channel: its[channel].openness is not Openness.CLOSED for channel in expected} == (
        expected
    )


def test_a_paid_relation_opens_american_email_and_no_text():
    its = codes(a_record(phone=AMERICAN, consents=(), **NEW_YORK))
    assert its[E_MAIL] == Code.CUSTOMER
    assert its[SMS] == Code.NO_WRITTEN_CONSENT
    assert its[WHATSAPP] == Code.NOT_TO_NORTH_AMERICA


def test_an_american_text_needs_written_consent_with_proof():
    at = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    for its, expected in [
        (consent(Basis.WRITTEN_CONSENT), Code.WRITTEN_CONSENT),
        (consent(Basis.WRITTEN_CONSENT, proof=False), Code.NO_PROOF),
        (consent(Basis.WRITTEN_CONSENT, (E_MAIL,)), Code.NO_WRITTEN_CONSENT),
        (consent(Basis.EXPRESS_CONSENT), Code.NO_WRITTEN_CONSENT),
        (consent(Basis.SOFT_OPT_IN), Code.NO_WRITTEN_CONSENT),
    ]:
        assert code(SMS, now=at, phone=AMERICAN, consents=(its,), **NEW_YORK) == expected


@pytest.mark.parametrize("country", ["GB", "FR", "ES", "DE", "LT"])
def test_a_soft_opt_in_counts_with_the_proof_of_both_parts(country):
    place = {"country": country, "account": UNPAID}
    proven = (consent(Basis.SOFT_OPT_IN),)
    unproven = (consent(Basis.SOFT_OPT_IN, proof=False),)
    assert code(E_MAIL, consents=proven, **place) == Code.SOFT_OPT_IN
    assert code(E_MAIL, consents=unproven, **place) == Code.NO_PROOF
    assert code(E_MAIL, consents=(), **place) == Code.NO_SOFT_OPT_IN


def test_a_customer_in_europe_is_not_written_to_for_being_one():
    assert code(E_MAIL, country="DE", consents=()) == Code.NO_SOFT_OPT_IN
    assert code(SMS, country="DE", consents=()) == Code.NO_CONSENT


def test_whatsapp_needs_a_verified_number_and_a_consent_that_names_it():
    assert code(WHATSAPP, phone=ANumber(whatsapp=False)) == Code.NOT_ON_WHATSAPP
    assert code(WHATSAPP, consents=(consent(channels=(SMS,)),)) == Code.NO_CONSENT
    assert code(WHATSAPP, consents=(consent(proof=False),)) == Code.NO_PROOF
    assert code(WHATSAPP, consents=(consent(Basis.SOFT_OPT_IN),)) == Code.NO_CONSENT


@pytest.mark.parametrize("region", ["US", "CA", "PR", "JM"])
def test_no_number_with_plus_one_starts_on_whatsapp(region):
    assert code(WHATSAPP, phone=ANumber(region=region)) in (
        Code.NOT_TO_NORTH_AMERICA,
        Code.COUNTRY_NOT_COVERED,
    )
    assert region in NORTH_AMERICA


def test_without_an_address_there_is_nothing_to_open():
    its = codes(a_record(phone=None, mailbox=None))
    assert (its[E_MAIL], its[SMS], its[WHATSAPP]) == (
        Code.NO_MAILBOX, Code.NO_NUMBER, Code.NO_NUMBER,
    )  # fmt: skip


def test_a_landline_takes_no_text_and_an_unknown_line_only_where_nobody_could_tell():
    assert code(SMS, phone=ANumber(line=LineType.LANDLINE)) == Code.NOT_A_MOBILE
    assert code(SMS, phone=ANumber(line=LineType.UNKNOWN)) == Code.NOT_A_MOBILE
    at = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    written = {"consents": (consent(Basis.WRITTEN_CONSENT),), **NEW_YORK}
    assert code(SMS, now=at, phone=AMERICAN, **written) == Code.WRITTEN_CONSENT
    landline = ANumber(region="US", line=LineType.LANDLINE)
    assert code(SMS, now=at, phone=landline, **written) == Code.NOT_A_MOBILE


def test_an_unknown_country_and_one_without_rules_open_nothing():
    unknown = codes(a_record(phone=ANumber(region="LT"), country=""))
    assert {unknown[E_MAIL], unknown[SMS], unknown[WHATSAPP]} == {Code.COUNTRY_UNKNOWN}
    other = codes(a_record(phone=ANumber(region="BR"), country="BR"))
    assert {other[E_MAIL], other[SMS], other[WHATSAPP]} == {Code.COUNTRY_NOT_COVERED}


def test_two_countries_must_both_allow():
    """A German who moved to America and kept her number is protected by both laws."""
    moved = a_record(phone=ANumber(region="DE"), consents=(consent(Basis.SOFT_OPT_IN),), **NEW_YORK)
    its = codes(moved)
    assert its[E_MAIL] == Code.SOFT_OPT_IN
    assert its[SMS] == Code.NO_WRITTEN_CONSENT
    without = a_record(phone=ANumber(region="DE"), consents=(), **NEW_YORK)
    assert codes(without)[E_MAIL] == Code.NO_SOFT_OPT_IN
    assert codes(a_record(phone=ANumber(region="BR")))[E_MAIL] == Code.COUNTRY_NOT_COVERED


def test_a_refusal_closes_its_channel_whatever_else_holds():
    its = codes(a_record(), refused={SMS: Code.OPTED_OUT, E_MAIL: Code.SUPPRESSED})
    assert (its[SMS], its[E_MAIL]) == (Code.OPTED_OUT, Code.SUPPRESSED)
    assert its[WHATSAPP] == Code.EXPRESS_CONSENT


def test_quiet_hours_defer_texts_but_not_email():
    night = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    its = verdicts(a_record(), night)
    for channel in (SMS, WHATSAPP):
        assert its[channel].openness is Openness.DEFERRED
        assert its[channel].code == Code.QUIET_HOURS
        assert its[channel].opens_at == datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    assert its[E_MAIL].openness is Openness.OPEN
    assert its[VOICE].openness is Openness.CLOSED


def test_unknown_zones_and_zones_without_a_common_hour_close_texts():
    assert code(SMS, zones=()) == Code.ZONE_UNKNOWN
    assert code(E_MAIL, zones=()) == Code.EXPRESS_CONSENT
    apart = ("Europe/Vilnius", "Pacific/Auckland")
    assert code(SMS, zones=apart) == Code.NO_COMMON_HOUR


def test_a_proof_for_another_channel_proves_nothing_here():
    mixed = (consent(proof=False, channels=(SMS,)), consent(channels=(E_MAIL,)))
    assert code(SMS, consents=mixed) == Code.NO_PROOF
    assert code(E_MAIL, consents=mixed) == Code.EXPRESS_CONSENT


def test_the_strongest_basis_is_named():
    several = (consent(Basis.SOFT_OPT_IN), consent(Basis.WRITTEN_CONSENT))
    assert code(E_MAIL, consents=several) == Code.WRITTEN_CONSENT


def test_every_code_has_a_sentence_and_every_verdict_carries_it():
    assert set(SENTENCES) == set(Code)
    for its in verdicts(a_record(consents=())).values():
        assert its.sentence == SENTENCES[Code(its.code)]


def test_the_table_is_dated_complete_and_lists_the_strongest_basis_first():
    assert datetime.fromisoformat(VERSION)
    order = list(Basis)
    for channels in BASES.values():
        assert set(channels) == {E_MAIL, SMS, WHATSAPP}
        for bases in channels.values():
            assert bases
            assert sorted(bases, key=order.index) == list(bases)


def test_every_country_with_hours_and_rules_is_a_country():
    for country in {*BASES, *HOURS, *NORTH_AMERICA}:
        assert country.isupper()
        assert len(country) == 2


@pytest.mark.parametrize("status", [Status.TRIAL, None])
def test_whoever_is_no_customer_is_written_to_in_america_only_on_consent(status):
    account = Account(status=status)
    assert code(E_MAIL, phone=AMERICAN, account=account, consents=(), **NEW_YORK) == (
        Code.NO_CUSTOMER
    )
