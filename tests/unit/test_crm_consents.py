"""What a person agreed to and what they refused."""

from datetime import date

import pytest

from services.crm_sync.consents import Agreement, agreement
from shared.events import Consent, OptOut, Proof, SoftOptIn
from shared.words import Basis, Channel
from tests.crm_files import read_row

SMS, EMAIL, VOICE, WHATSAPP = Channel.SMS, Channel.EMAIL, Channel.VOICE, Channel.WHATSAPP


@pytest.fixture
def row(tmp_path):
    return lambda **cells: read_row(tmp_path, **cells).facts


def test_a_consent_names_its_channel_its_day_and_whether_it_is_proven(row):
    facts = row(SMS_consent="yes", SMS_consent_date="2024-03-01", SMS_consent_proof="form v2")
    assert facts.consents == (
        Consent(
            basis=Basis.EXPRESS_CONSENT,
            channels=(SMS,),
            given_on=date(2024, 3, 1),
            proof=True,
            by_person=True,
        ),
    )
    assert facts.opt_out is None


def test_a_consent_without_proof_says_so(row):
    [consent] = row(SMS_consent="yes").consents
    assert not consent.proof


@pytest.mark.parametrize("proof", ["no", "none on file", "missing", "Kein Nachweis", "0", "n/a"])
def test_a_proof_that_is_denied_is_none(row, proof):
    [consent] = row(SMS_consent="yes", consent_proof=proof).consents
    assert not consent.proof


@pytest.mark.parametrize("proof", ["yes", "https://x.example/7", "ticked form no. 4", "10.0.0.1"])
def test_a_text_a_link_or_a_plain_yes_is_a_proof(row, proof):
    [consent] = row(SMS_consent="yes", consent_proof=proof).consents
    assert consent.proof


def test_a_proof_of_one_channel_proves_nothing_for_another(row):
    facts = row(SMS_opt_in="yes", Email_opt_in="yes", Email_opt_in_proof="form")
    assert {one.channels: one.proof for one in facts.consents} == {(SMS,): False, (EMAIL,): True}


def test_a_proof_of_one_of_two_channels_proves_not_both(row):
    [consent] = row(SMS_and_WhatsApp_consent="yes", SMS_consent_proof="form").consents
    assert consent.channels == (WHATSAPP, SMS)
    assert not consent.proof


def test_a_day_and_a_proof_in_general_serve_every_channel(row):
    facts = row(SMS_opt_in="1", Email_opt_in="1", opt_in_date="2024-03-01", opt_in_proof="form")
    assert all(one.proof and one.given_on == date(2024, 3, 1) for one in facts.consents)
    assert len(facts.consents) == 2


def test_a_consent_in_general_opens_the_channels_that_the_record_names(row):
    [consent] = row(marketing_consent="yes", consent_channels="SMS; e-mail").consents
    assert consent.channels == (SMS, EMAIL)
    [consent] = row(marketing_consent="SMS, WhatsApp").consents
    assert consent.channels == (WHATSAPP, SMS)


def test_a_consent_that_names_no_channel_opens_none(row):
    [consent] = row(marketing_consent="yes", consent_proof="form").consents
    assert consent.channels == ()


@pytest.mark.parametrize(
    "cells",
    [
        {"SMS_consent": "written"},
        {"SMS_consent": "yes", "consent_type": "PEWC"},
        {"SMS_consent": "yes", "consent_proof": "I agree to texts, signed 2024-03-01"},
        {"Written_SMS_consent": "yes"},
        {"SMS_consent": "schriftlich erteilt"},
        {"SMS_consent": "ja", "consent_proof": "unterschrieben am 1. März"},
        {"SMS_consent": "taip", "consent_proof": "pasirašyta sutartis"},
    ],
)
def test_a_written_consent_is_told_by_its_name_its_kind_or_its_proof(row, cells):
    [consent] = row(**cells).consents
    assert consent.basis is Basis.WRITTEN_CONSENT


@pytest.mark.parametrize("proof", ["signed up on the site", "not signed", "Signup form v3"])
def test_signing_up_is_not_signing(row, proof):
    [consent] = row(SMS_consent="yes", consent_proof=proof).consents
    assert consent.basis is Basis.EXPRESS_CONSENT


@pytest.mark.parametrize(
    "text",
    ["yes", "1", "Opted in", "subscribed", "granted", "Freely given consent", "2024-03-01",
     "double opt-in", "erteilt", "accordé", "otorgado", "duotas", "SMS"],
)  # fmt: skip
def test_a_consent_is_given_in_many_words(text):
    assert agreement(text) is Agreement.GIVEN


@pytest.mark.parametrize(
    "text",
    ["", "no", "0", "never", "pending", "not given", "implied", "legitimate interest",
     "soft opt-in", "existing customer", "bounced", "perhaps", "nicht erteilt", "neduotas"],
)  # fmt: skip
def test_what_is_assumed_or_open_is_no_consent(text):
    assert agreement(text) is Agreement.NONE


@pytest.mark.parametrize("text", ["unsubscribed", "Opted out", "withdrawn", "widerrufen", "baja"])
def test_a_consent_that_was_withdrawn_is_a_refusal(row, text):
    facts = row(SMS_consent=text)
    assert facts.consents == ()
    assert facts.opt_out == OptOut(channels=(SMS,))


def test_a_day_alone_says_that_a_consent_was_given(row):
    [consent] = row(SMS_consent_date="2024-03-01").consents
    assert consent.given_on == date(2024, 3, 1)
    assert row(SMS_consent_date="").consents == ()


def test_a_day_in_general_gives_nothing_where_channels_are_asked_one_by_one(row):
    assert row(SMS_consent="no", consent_date="2024-03-01").consents == ()


@pytest.mark.parametrize(
    ("offered", "repeated", "proven"),
    [("yes", "yes", True), ("yes", "no", False), ("", "yes", False)],
)
def test_a_soft_opt_in_is_proven_by_both_of_its_parts(row, offered, repeated, proven):
    facts = row(opt_out_offered_at_signup=offered, opt_out_in_every_message=repeated)
    [consent] = facts.consents
    assert (consent.basis, consent.channels) == (Basis.SOFT_OPT_IN, (SMS, EMAIL))
    assert consent.proof is proven
    assert facts.opt_out is None


def test_without_either_part_there_is_no_soft_opt_in(row):
    assert row(opt_out_offered_at_signup="no", opt_out_in_every_message="").consents == ()


@pytest.mark.parametrize(
    "text", ["yes", "TRUE", "1", "x", "2024-03-01", "asked by phone", "oui", "taip", "WAHR", "?!"]
)
def test_anything_but_a_no_in_a_column_of_refusals_is_one(row, text):
    assert row(unsubscribed=text).opt_out.channels == ()


@pytest.mark.parametrize("text", ["", "no", "FALSE", "0", "n/a", "-", "subscribed", "ne", "never"])
def test_a_no_in_a_column_of_refusals_is_none(row, text):
    assert row(unsubscribed=text).opt_out is None


@pytest.mark.parametrize(
    "status",
    ["Unsubscribed", "Do not contact", "do-not-contact", "Opted out", "vip; DNC", "abgemeldet",
     "Nicht kontaktieren", "désabonné", "Ne pas contacter", "Dado de baja", "No contactar",
     "atsisakė", "Nekontaktuoti"],
)  # fmt: skip
def test_a_status_may_refuse(row, status):
    facts = row(status=status)
    assert facts.opt_out == OptOut()
    assert facts.account.status is None


def test_a_refusal_may_be_of_one_channel(row):
    assert row(unsubscribed_from_email="yes").opt_out == OptOut(channels=(EMAIL,))
    assert row(opt_out="SMS").opt_out == OptOut(channels=(SMS,))
    assert row(opt_out="email and WhatsApp only").opt_out == OptOut(channels=(WHATSAPP, EMAIL))
    assert row(tags="vip; no sms").opt_out == OptOut(channels=(SMS,))
    assert row(status="Opted out of SMS").opt_out == OptOut(channels=(SMS,))
    assert row(status="Unsubscribed from email").opt_out == OptOut(channels=(EMAIL,))
    assert row(status="keine Anrufe").opt_out == OptOut(channels=(SMS, VOICE))


@pytest.mark.parametrize("text", ["asked by phone", "sent an angry email", "no more SMS, ever"])
def test_a_reason_that_speaks_of_a_channel_does_not_narrow_a_refusal(row, text):
    assert row(opt_out=text).opt_out == OptOut()


def test_how_a_consent_was_given_is_not_what_it_is_for(row):
    [consent] = row(marketing_consent="given by phone").consents
    assert consent.channels == ()


def test_who_wants_no_calls_gets_no_texts_either(row):
    assert row(do_not_call="yes").opt_out == OptOut(channels=(SMS, VOICE))


def test_refusals_add_up(row):
    facts = row(SMS_opt_out="yes", email_opt_out="yes", whatsapp_opt_out="no")
    assert facts.opt_out == OptOut(channels=(SMS, EMAIL))
    every = row(SMS_opt_out="x", email_opt_out="x", whatsapp_opt_out="x", call_opt_out="x")
    assert every.opt_out == OptOut()
    assert row(SMS_opt_out="yes", unsubscribed="yes").opt_out == OptOut()


def test_a_consent_and_a_refusal_of_one_channel_contradict_one_another(row):
    assert row(SMS_consent="yes", unsubscribed="yes").conflicts == ("consent",)
    assert row(SMS_consent="yes", SMS_opt_out="yes").conflicts == ("consent",)
    assert row(SMS_consent="yes", email_opt_out="yes").conflicts == ()


def test_a_consent_of_a_day_to_come_is_a_contradiction(row):
    assert row(SMS_consent="yes", consent_date="2027-01-01").conflicts == ("consent",)


@pytest.mark.parametrize(
    "cells",
    [
        {"consent_proof": "ticked form no. 4"},
        {"consent_method": "double opt-in"},
        {"how_consent_was_given": "web signup"},
        {"consent_proof": "unterschrieben am 1. März"},
    ],
)
def test_a_consent_may_be_the_persons_own_doing(row, cells):
    [consent] = row(SMS_consent="yes", **cells).consents
    assert consent.by_person


@pytest.mark.parametrize("proof", ["", "yes", "noted by Jane on the phone", "https://x.example/7"])
def test_what_somebody_else_noted_is_not(row, proof):
    [consent] = row(SMS_consent="yes", consent_proof=proof).consents
    assert not consent.by_person


@pytest.mark.parametrize(
    "cells",
    [
        {"consent_proof": "purchased list, 2024"},
        {"consent_given_to": "our partner Acme"},
        {"consent_method": "co-registration"},
        {"SMS_consent": "given, gekauft"},
    ],
)
def test_a_consent_given_to_somebody_else_says_so(row, cells):
    [consent] = row(**{"SMS_consent": "yes, given", **cells}).consents
    assert consent.other_seller
    [own] = row(SMS_consent="yes", consent_proof="form").consents
    assert not own.other_seller


def test_the_words_of_a_consent_are_kept_and_not_among_the_facts(tmp_path):
    record = read_row(
        tmp_path,
        SMS_consent="yes",
        consent_proof="I, Ann, agree",
        consent_type="explicit",
        consent_method="web form",
        consent_given_to="Studiolog UAB",
    )
    [proof] = record.history.proofs
    assert proof == Proof(words="I, Ann, agree", how="explicit web form", to_whom="Studiolog UAB")
    assert "Ann" not in record.facts.model_dump_json()
    assert len(record.facts.consents) == 1


@pytest.mark.parametrize(
    ("offered", "repeated", "parts"),
    [
        ("yes", "yes", SoftOptIn(offered=True, repeated=True)),
        ("yes", "no", SoftOptIn(offered=True, repeated=False)),
        ("", "no", SoftOptIn(repeated=False)),
        ("", "", None),
    ],
)
def test_the_parts_of_a_soft_opt_in_are_told_one_by_one(row, offered, repeated, parts):
    facts = row(opt_out_offered_at_signup=offered, opt_out_in_every_message=repeated)
    assert facts.soft_opt_in == parts


@pytest.mark.parametrize(
    ("cells", "on"),
    [
        ({"unsubscribed": "2024-03-01"}, date(2024, 3, 1)),
        ({"unsubscribed": "yes"}, None),
        ({"unsubscribed": "yes", "opt_out_date": "13/02/2024"}, date(2024, 2, 13)),
        ({"SMS_opt_out": "yes", "opt_out_date": "2024-03-01"}, date(2024, 3, 1)),
        ({"SMS_opt_out": "yes", "email_opt_out_date": "2024-03-01"}, None),
        ({"SMS_consent": "withdrawn", "unsubscribed": "2024-03-01"}, None),
        ({"status": "unsubscribed", "unsubscribed": "2024-03-01"}, None),
    ],
)
def test_an_opt_out_has_a_day_where_all_that_make_it_have_one(row, cells, on):
    assert row(**cells).opt_out.on == on


def test_the_day_of_several_opt_outs_is_the_newest(row):
    facts = row(SMS_opt_out="2024-03-01", email_opt_out="2024-05-01")
    assert facts.opt_out == OptOut(channels=(SMS, EMAIL), on=date(2024, 5, 1))


@pytest.mark.parametrize(
    ("proof", "day"),
    [
        ("Newsletter form, confirmed 2025-05-15", date(2025, 5, 15)),
        ("ticked 2025-05-15, confirmed 2025-05-16", date(2025, 5, 15)),
        ("form 2025-02-30", None),
        ("form v3", None),
    ],
)
def test_a_consent_without_a_day_has_the_one_that_its_proof_names(tmp_path, proof, day):
    row = read_row(tmp_path, email_consent="yes", email_consent_proof=proof)
    [consent] = row.facts.consents
    assert consent.given_on == day
