"""Which channel is open for whom, by which rules, and the one reason why not."""

from datetime import UTC, date, datetime

import pytest

from services.triage.permission import facts_of, permissions, said
from services.triage.reasons import SENTENCES, Code
from services.triage.setup import set_up
from shared.events import Account
from shared.rules.knowing import as_given, read_facts
from shared.rules.loading import rules_in_force
from shared.settings import Settings
from shared.words import Basis, Channel, Goal, LineType, Openness, Party, Status
from tests.triage_records import CUSTOMER, SET_UP, ANumber, a_record, consent

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # a Monday
MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
AFTERNOON = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)  # noon in New York
E_MAIL, SMS, WHATSAPP, VOICE = Channel.EMAIL, Channel.SMS, Channel.WHATSAPP, Channel.VOICE
NEW_YORK = {"country": "US", "state": "NY", "zones": ("America/New_York",)}
AMERICAN = ANumber(region="US", line=LineType.UNKNOWN)
SOFT = (consent(Basis.SOFT_OPT_IN),)
LEFT = Account(status=Status.CHURNED, ever_paid=True, churned_on=date(2026, 8, 1))


def verdicts(record, now=NOON, refused=(), set_up=SET_UP, goal=None):
    closed = dict(refused)
    return permissions(record, facts_of(record, closed, goal, set_up), closed, now)


def codes(record, **how) -> dict[Channel, str]:
    return {channel: its.code for channel, its in verdicts(record, **how).items()}


def code(channel, *, now=NOON, phone=None, set_up=SET_UP, **facts) -> str:
    phone = phone or ANumber(region=facts.get("country", "LT"))
    return codes(a_record(phone=phone, **facts), now=now, set_up=set_up)[channel]


def test_a_full_consent_opens_everything_but_voice():
    its = verdicts(a_record())
    assert {channel for channel, one in its.items() if one.openness is Openness.OPEN} == {
        E_MAIL, SMS, WHATSAPP,
    }  # fmt: skip
    assert its[VOICE].code == Code.CHANNEL_NOT_INSTALLED


def test_a_verdict_names_the_rules_that_decided():
    its = verdicts(a_record(country="DE", consents=(), phone=ANumber(region="DE")))
    assert "CR-DE-EMAIL" in its[E_MAIL].rules
    assert "P-BASIS" in its[SMS].rules
    assert "CR-LT-MSG" in verdicts(a_record())[SMS].rules


@pytest.mark.parametrize(
    ("country", "soft_mail", "soft_text"),
    [("GB", True, True), ("FR", True, True), ("ES", True, True), ("DE", True, False),
     ("LT", True, False), ("PL", False, False)],
)  # fmt: skip
def test_a_soft_opt_in_opens_what_the_country_lets_it(country, soft_mail, soft_text):
    """The laws once more, for a private person."""
    place = {"country": country, "party": Party.CONSUMER, "consents": SOFT, "now": MORNING}
    assert (code(E_MAIL, **place) == Code.PERMITTED) is soft_mail
    assert (code(SMS, **place) == Code.PERMITTED) is soft_text


def test_a_soft_opt_in_counts_with_the_proof_of_both_its_parts():
    place = {"country": "GB", "party": Party.CONSUMER}
    unproven = (consent(Basis.SOFT_OPT_IN, proof=False),)
    assert code(E_MAIL, consents=unproven, **place) == Code.NO_BASIS
    assert code(E_MAIL, consents=(), **place) == Code.NO_BASIS


def test_whoever_the_customer_may_be_must_be_allowed():
    """A soft opt-in is for persons; of a company, Britain asks for a balance of interests."""
    place = {"country": "GB", "consents": SOFT}
    assert code(E_MAIL, party=Party.CONSUMER, **place) == Code.PERMITTED
    assert code(E_MAIL, party=Party.BUSINESS, **place) == Code.NO_BASIS
    assert code(E_MAIL, party=None, **place) == Code.NO_BASIS
    assert code(E_MAIL, party=None, set_up=(*SET_UP, "lia_done"), **place) == Code.PERMITTED


def test_an_american_text_needs_written_consent_with_proof():
    for its, expected in [
        (consent(Basis.WRITTEN_CONSENT), Code.PERMITTED),
        (consent(Basis.WRITTEN_CONSENT, proof=False), Code.NO_PROOF),
        (consent(Basis.WRITTEN_CONSENT, (E_MAIL,)), Code.NO_BASIS),
        (consent(Basis.EXPRESS_CONSENT), Code.NO_BASIS),
        (consent(Basis.SOFT_OPT_IN), Code.NO_BASIS),
    ]:
        assert code(SMS, now=AFTERNOON, phone=AMERICAN, consents=(its,), **NEW_YORK) == expected


def test_a_consent_without_its_day_proves_nothing():
    undated = consent().model_copy(update={"given_on": None})
    assert code(SMS, consents=(undated,)) == Code.NO_PROOF


def test_a_paid_relation_opens_american_email_and_no_text():
    its = codes(a_record(phone=AMERICAN, consents=(), **NEW_YORK), now=AFTERNOON)
    assert its[E_MAIL] == Code.PERMITTED
    assert its[SMS] == Code.NO_BASIS


def test_nothing_is_open_before_the_sender_is_set_up():
    written = (consent(Basis.WRITTEN_CONSENT),)
    for channel, lacking in [(E_MAIL, "email_postal_address"), (SMS, "us_a2p_registered")]:
        its = {"now": AFTERNOON, "phone": AMERICAN, "consents": written, **NEW_YORK}
        assert code(channel, set_up=set(SET_UP) - {lacking}, **its) == Code.NOT_SET_UP
        assert code(channel, **its) == Code.PERMITTED


def test_each_state_that_is_named_binds():
    """Texas wants the sender registered; a number from there is enough for that."""
    written = (consent(Basis.WRITTEN_CONSENT),)
    set_up = set(SET_UP) - {"tx_registered_or_exempt"}
    its = {"now": AFTERNOON, "phone": AMERICAN, "consents": written, "set_up": set_up}
    assert code(SMS, **its, **NEW_YORK) == Code.PERMITTED
    assert code(SMS, **its, **NEW_YORK, number_state="TX") == Code.NOT_SET_UP
    assert code(SMS, **its, **NEW_YORK | {"state": ""}) == Code.NOT_SET_UP


def test_two_countries_must_both_allow():
    """A German who moved to America and kept her number is protected by both laws."""
    its = {"now": AFTERNOON, "phone": ANumber(region="DE"), **NEW_YORK}
    assert code(E_MAIL, consents=SOFT, **its) == Code.PERMITTED
    assert code(E_MAIL, consents=(), **its) == Code.NO_BASIS


def test_a_country_whose_rules_nobody_researched_wants_a_person():
    its = {"country": "UA", "zones": ("Europe/Kyiv",)}
    assert code(E_MAIL, **its) == Code.NEEDS_REVIEW
    assert code(E_MAIL, consents=(), **its) == Code.NO_BASIS


def test_whatsapp_needs_a_verified_number_and_an_opt_in():
    assert code(WHATSAPP, phone=ANumber(whatsapp=False)) == Code.NOT_ON_WHATSAPP
    assert code(WHATSAPP, consents=(consent(channels=(SMS,)),)) == Code.NO_BASIS
    assert code(WHATSAPP, consents=(consent(proof=False),)) == Code.NO_PROOF


def test_no_offer_goes_to_america_on_whatsapp():
    written = (consent(Basis.WRITTEN_CONSENT),)
    record = a_record(phone=ANumber(region="US"), consents=written, **NEW_YORK)
    assert codes(record, now=AFTERNOON)[WHATSAPP] == Code.CHANNEL_POLICY
    assert "WA-US-MKT" in verdicts(record, now=AFTERNOON)[WHATSAPP].rules


def test_without_an_address_there_is_nothing_to_open():
    its = codes(a_record(phone=None, mailbox=None))
    assert (its[E_MAIL], its[SMS], its[WHATSAPP]) == (
        Code.NO_MAILBOX, Code.NO_NUMBER, Code.NO_NUMBER,
    )  # fmt: skip


def test_a_landline_takes_no_text_and_an_unknown_line_only_where_nobody_could_tell():
    assert code(SMS, phone=ANumber(line=LineType.LANDLINE)) == Code.NOT_A_MOBILE
    assert code(SMS, phone=ANumber(line=LineType.UNKNOWN)) == Code.NOT_A_MOBILE
    written = {"consents": (consent(Basis.WRITTEN_CONSENT),), "now": AFTERNOON, **NEW_YORK}
    assert code(SMS, phone=AMERICAN, **written) == Code.PERMITTED
    landline = ANumber(region="US", line=LineType.LANDLINE)
    assert code(SMS, phone=landline, **written) == Code.NOT_A_MOBILE


def test_what_is_not_known_opens_nothing():
    assert set(codes(a_record(country="", phone=None)).values()) >= {Code.COUNTRY_UNKNOWN}
    assert code(SMS, zones=(), country="UA") == Code.ZONE_UNKNOWN
    assert code(E_MAIL, account=Account()) == Code.NO_CUSTOMER
    assert code(E_MAIL, account=Account(status=Status.TRIAL)) == Code.NO_CUSTOMER
    assert code(E_MAIL, account=Account(ever_paid=True)) == Code.PERMITTED


def test_a_refusal_closes_its_channel_whatever_else_holds():
    its = codes(a_record(), refused={SMS: Code.OPTED_OUT, E_MAIL: Code.SUPPRESSED})
    assert (its[SMS], its[E_MAIL]) == (Code.OPTED_OUT, Code.SUPPRESSED)
    assert its[WHATSAPP] == Code.PERMITTED
    assert "P-SUPPRESS-CHANNEL" in verdicts(a_record(), refused={SMS: Code.OPTED_OUT})[SMS].rules


def test_quiet_hours_defer_texts_but_not_email():
    night = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    its = verdicts(a_record(), now=night)
    for channel in (SMS, WHATSAPP):
        assert its[channel].openness is Openness.DEFERRED
        assert its[channel].code == Code.QUIET_HOURS
        assert its[channel].opens_at == datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
        assert "CH-LT-POLICY" in its[channel].rules
    assert its[E_MAIL].openness is Openness.OPEN


def test_a_holiday_defers_to_the_next_working_day():
    christmas = datetime(2026, 12, 25, 11, 0, tzinfo=UTC)  # a Friday
    assert verdicts(a_record(), now=christmas)[SMS].opens_at == datetime(
        2026, 12, 28, 7, tzinfo=UTC
    )


def test_zones_without_a_common_hour_close_texts():
    apart = ("Europe/Vilnius", "Pacific/Apia")
    assert code(SMS, zones=apart) == Code.NO_COMMON_HOUR
    assert code(E_MAIL, zones=apart) == Code.PERMITTED


def test_the_facts_travel_and_come_to_the_same():
    record = a_record(account=LEFT, consents=(*SOFT, consent()), **NEW_YORK)
    its = facts_of(record, {SMS}, Goal.UPSELL, (*SET_UP, "lia_done"))
    assert read_facts(as_given(its)) == its
    assert (its.customer_state, its.contract_ended) == ("lapsed", date(2026, 8, 1))
    assert (its.offer_relation, its.lia_done) == ("similar", True)
    assert facts_of(a_record(account=CUSTOMER), (), None, ()).offer_relation == "same"


def test_every_code_has_a_sentence_and_every_verdict_carries_it():
    assert set(SENTENCES) == set(Code)
    for its in verdicts(a_record(consents=())).values():
        assert its.sentence == SENTENCES[Code(its.code)]
        assert its.openness is not Openness.OPEN
    assert said.cache_info().hits


def test_a_sandbox_is_set_up_and_a_live_sender_is_what_it_says():
    rules = rules_in_force()
    assert set_up(Settings(), rules) == tuple(sorted(rules.preconditions))
    live = Settings(live_sends=True)
    assert set_up(live, rules) == ("email_unsubscribe",)
    addressed = Settings(
        live_sends=True, set_up="us_a2p_registered lia_done", postal_address="1 Rd"
    )
    assert set_up(addressed, rules) == (
        "casl_identity_and_unsubscribe", "email_postal_address", "email_unsubscribe", "lia_done",
        "us_a2p_registered",
    )  # fmt: skip


def test_a_setting_that_names_no_precondition_is_refused_by_name():
    with pytest.raises(ValueError, match=r"SET_UP names us_a2p\. There are: .*us_a2p_registered"):
        set_up(Settings(set_up="us_a2p"), rules_in_force())
