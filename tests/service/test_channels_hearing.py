"""What comes in: heard once for ever, in one transaction, and an opt-out binds at once."""

import asyncio
from datetime import timedelta
from email.message import EmailMessage
from threading import Barrier, Thread
from uuid import uuid4

import aiosmtplib
import pytest
import sqlalchemy as sa

from services.channels import patience, webhooks
from services.channels.adapters.base import Unknown
from services.channels.inbound import Heard, receive
from services.channels.mail_in import MailListener
from services.channels.store import (
    ADDRESS,
    CONTACT,
    INBOUND,
    METADATA,
    TABLES,
    TOUCH,
)
from services.channels.suppressing import dnc_rows
from services.channels.touching import State
from shared.events import (
    ContactSuppressed,
    MessageDelivered,
    MessageSent,
    ReplyReceived,
)
from shared.privacy.sealed import unseal
from shared.words import Channel, Delivery, Purpose, Refusal, Result
from tests.channels_world import ANN, BEN, CAT, HASHER, NUMBERS, Twilio
from tests.examples import NOW, WORKSPACE

pytest_plugins = ("tests.channels_fixtures",)

DOMAIN = "reply.example"


@pytest.fixture
def twilio(world):
    return Twilio(world)


def everything(world):
    """Every row of every table."""
    return {table.name: world.rows(table) for table in METADATA.sorted_tables}


def words_of(world, reply):
    return unseal(reply.words, str, world.edge.vault.key(reply.subject))


# -- replies


async def test_a_message_with_a_nul_is_heard_without_it(world, twilio):
    form = {"From": NUMBERS[ANN], "MessageSid": "SM\0one", "Body": "Yes\0 please"}
    assert (await twilio.post("/twilio/inbound", form)).status_code == 200
    [reply] = world.said(ReplyReceived)
    assert words_of(world, reply) == "Yes please"


async def test_a_message_becomes_a_numbered_reply_of_whoever_has_the_number(world, twilio):
    world.ask(ANN)
    [call] = await world.send()
    answer = await twilio.message("Yes, gladly", sid="SM7")
    assert answer.status_code == 200
    assert "<Response/>" in answer.text
    [reply] = world.said(ReplyReceived)
    assert (reply.subject, reply.number, reply.channel) == (ANN, 1, Channel.SMS)
    assert (reply.provider_id, reply.touch_id) == ("SM7", call.touch_id)
    assert reply.address_hash == HASHER.phone(NUMBERS[ANN])
    assert words_of(world, reply) == "Yes, gladly"
    await twilio.message("Hello?")
    assert [one.number for one in world.said(ReplyReceived)] == [1, 2]


async def test_a_message_that_comes_again_gets_200_and_writes_nothing(world, twilio):
    await twilio.message("Yes", sid="SM7")
    before = everything(world)
    for _ in range(2):
        assert (await twilio.message("Yes", sid="SM7")).status_code == 200
    assert everything(world) == before


async def test_of_two_deliveries_at_once_one_counts(world):
    barrier, new = Barrier(2), []

    def deliver():
        barrier.wait()
        heard = Heard(Channel.SMS, "SM7", NUMBERS[ANN], "Yes")
        new.append(receive(world.edge, heard))

    threads = [Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new) == [False, True]
    assert len(world.said(ReplyReceived)) == 1


def failing(failures, otherwise=receive):
    """Fails as a database that is away, for each of `failures`."""

    def work(*words):
        if next(failures, None):
            raise OSError
        return otherwise(*words)

    return work


def forever():
    return iter(lambda: "failed", "never")


async def test_a_message_waits_for_a_database_that_comes_back(world, twilio, monkeypatch):
    monkeypatch.setattr(webhooks, "receive", failing(iter(("away", "still away"))))
    assert (await twilio.message("Yes")).status_code == 200
    assert len(world.said(ReplyReceived)) == 1


async def test_a_message_is_to_be_brought_again_when_the_database_stays_away(
    world, twilio, monkeypatch
):
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(webhooks, "receive", failing(forever()))
    assert (await twilio.message("Yes")).status_code == 503
    assert world.said(ReplyReceived) == []


async def test_a_forged_message_gets_403_and_has_no_effect(world, twilio):
    before = everything(world)
    assert (await twilio.message("STOP", token="guessed")).status_code == 403
    assert everything(world) == before


async def test_a_body_that_is_too_long_gets_413_and_has_no_effect(world, twilio):
    before = everything(world)
    assert (await twilio.message("STOP", body="x" * 70_000)).status_code == 413
    assert everything(world) == before


async def test_a_message_without_a_name_gets_400(world, twilio):
    assert (await twilio.post("/twilio/inbound", {"Body": "Hi"})).status_code == 400


async def test_a_reply_closes_what_it_answers(world, twilio):
    world.ask(ANN)
    await world.send()
    await twilio.message("Yes")
    world.ask(ANN, plan=2, purpose=Purpose.ANSWER, heard=1)
    assert len(await world.send()) == 1


async def test_a_newer_reply_than_was_heard_refuses_what_was_decided_before(world, twilio):
    world.ask(ANN)
    await twilio.message("Wait, a question")
    assert await world.send() == []
    [sent] = world.said(MessageSent)
    assert sent.refusal is Refusal.NEWER_REPLY


async def test_a_reply_from_a_shared_number_is_of_whoever_was_spoken_to_last(world, twilio, clock):
    world.meet(ANN, BEN, number="+37060000009", revision=2)
    for plan, contact in enumerate((ANN, ANN, BEN), start=1):
        world.ask(contact, plan=plan, triage_revision=2)
        clock.move_to(clock.now + timedelta(seconds=1))
        clock.act()
        assert len(await world.send()) == 1
        clock.move_to(clock.now + timedelta(days=1))
        clock.act()
    newest = max(world.rows(TOUCH), key=lambda touch: touch.reserved_at)
    await twilio.message("Yes", number="+37060000009")
    [reply] = world.said(ReplyReceived)
    assert (reply.subject, reply.touch_id) == (BEN, newest.id)


async def test_an_unknown_sender_becomes_a_contact_that_is_never_written_to(world, twilio):
    await twilio.message("Who is this?", number="+37069999999")
    [reply] = world.said(ReplyReceived)
    assert reply.subject not in {ANN, BEN, CAT}
    assert words_of(world, reply) == "Who is this?"
    [row] = [one for one in world.rows(CONTACT) if one.contact_id == reply.subject]
    assert (row.revision, row.admitted) == (0, False)
    world.ask(reply.subject, triage_revision=0, heard=1)
    assert await world.send() == []
    [sent] = world.said(MessageSent)
    assert sent.refusal is Refusal.UNKNOWN_CONTACT
    await twilio.message("Hello?", number="+37069999999")
    assert [one.number for one in world.said(ReplyReceived)] == [1, 2]


async def test_words_and_addresses_rest_sealed(world, twilio):
    await twilio.message("My secret words", number="+37069999999")
    rest = repr(everything(world))
    assert "secret" not in rest
    assert "+37069999999" not in rest


async def test_whatsapp_opens_its_window_and_sms_does_not(world, twilio):
    await twilio.message("Hi", channel="whatsapp:")
    await twilio.message("Hi", number=NUMBERS[BEN])
    heard = {row.hash: row.heard_on for row in world.rows(ADDRESS)}
    assert heard[HASHER.phone(NUMBERS[ANN])] == {"whatsapp": NOW.isoformat()}
    assert heard[HASHER.phone(NUMBERS[BEN])] == {"sms": NOW.isoformat()}


# -- opt-outs


async def test_stop_is_on_the_list_when_the_webhook_is_answered(world, twilio):
    world.ask(ANN)
    await twilio.message("STOP")
    [reply], [suppressed] = world.said(ReplyReceived), world.said(ContactSuppressed)
    assert reply.cause_id == suppressed.cause_id, "said in one transaction"
    assert suppressed.everything
    assert suppressed.source == "keyword"
    assert set(suppressed.address_hashes) == {
        HASHER.phone(NUMBERS[ANN]), HASHER.mailbox("contact1@customer.example"),
    }  # fmt: skip
    assert await world.send() == [], "a waiting request is blocked"
    [sent] = world.said(MessageSent)
    assert sent.refusal is Refusal.SUPPRESSED


async def test_an_opt_out_on_one_channel_ends_all_of_them(world, twilio):
    await twilio.message("STOP")
    for plan, channel in enumerate(Channel, start=1):
        if channel is not Channel.VOICE:
            world.ask(ANN, plan=plan, channel=channel, heard=1)
            assert await world.send(channel) == []
    assert {sent.refusal for sent in world.said(MessageSent)} == {Refusal.SUPPRESSED}


async def test_stop_from_a_shared_number_binds_everybody_who_has_it(world, twilio):
    world.meet(ANN, BEN, number="+37060000009", revision=2)
    await twilio.message("STOP", number="+37060000009")
    assert {one.subject for one in world.said(ContactSuppressed)} == {ANN, BEN}
    world.ask(BEN, channel=Channel.EMAIL)
    assert await world.send(Channel.EMAIL) == []


async def test_whoever_shares_another_address_is_closed_there_and_told(world, twilio):
    world.meet(ANN, CAT, mailbox="office@customer.example", revision=2)
    await twilio.message("STOP")
    [whole, part] = world.said(ContactSuppressed)
    assert (whole.subject, whole.everything) == (ANN, True)
    assert (part.subject, part.everything) == (CAT, False)
    assert part.channels == (Channel.EMAIL,)
    assert part.address_hashes == (HASHER.mailbox("office@customer.example"),)
    world.ask(CAT, channel=Channel.EMAIL)
    assert await world.send(Channel.EMAIL) == []
    world.ask(CAT, plan=2)
    assert len(await world.send()) == 1


async def test_stop_is_said_of_a_contact_once(world, twilio):
    await twilio.message("STOP")
    await twilio.message("STOP")
    assert len(world.said(ReplyReceived)) == 2
    assert len(world.said(ContactSuppressed)) == 1


async def test_one_confirmation_of_an_opt_out_leaves_and_no_second(world, twilio):
    await twilio.message("STOP")
    world.ask(ANN, purpose=Purpose.CONFIRM_OPT_OUT, heard=1)
    assert len(await world.send()) == 1
    world.ask(ANN, plan=2, purpose=Purpose.CONFIRM_OPT_OUT, channel=Channel.WHATSAPP, heard=1)
    assert await world.send(Channel.WHATSAPP) == []


async def test_the_providers_own_reading_of_a_stop_counts(world, twilio):
    await twilio.message("Nustokite", fields={"OptOutType": "STOP"})
    assert len(world.said(ContactSuppressed)) == 1


async def test_cancel_answers_a_question_about_a_booking_on_whatsapp(world, twilio):
    world.make_templates()
    world.ask(ANN, purpose=Purpose.CONFIRM_BOOKING, channel=Channel.WHATSAPP)
    world.ask(BEN, purpose=Purpose.OPENER, channel=Channel.WHATSAPP)
    with world.edge.engine.begin() as tx:
        heard = {"heard_on": {"whatsapp": NOW.isoformat()}}
        tx.execute(sa.update(ADDRESS).values(heard))
    assert len(await world.send(Channel.WHATSAPP)) == 2
    await twilio.message("CANCEL", channel="whatsapp:")
    assert world.said(ContactSuppressed) == []
    await twilio.message("CANCEL", number=NUMBERS[BEN], channel="whatsapp:")
    assert [one.subject for one in world.said(ContactSuppressed)] == [BEN]


async def test_a_stranger_can_opt_out_before_any_import_knows_the_number(world, twilio):
    await twilio.message("STOP", number="+37069999999")
    [suppressed] = world.said(ContactSuppressed)
    world.meet(BEN, number="+37069999999", revision=2)
    assert [one.subject for one in world.said(ContactSuppressed)] == [suppressed.subject, BEN]
    world.ask(BEN)
    assert await world.send() == []


async def test_the_do_not_contact_list_has_the_addresses_sealed(world, twilio):
    await twilio.message("STOP")
    with world.edge.engine.connect() as tx:
        [entry] = dnc_rows(tx, WORKSPACE)
    assert (entry.contact_id, entry.everything, entry.since) == (ANN, True, NOW)
    assert unseal(entry.phone, str, world.edge.vault.key(ANN)) == NUMBERS[ANN]


# -- statuses


@pytest.mark.parametrize(
    "words", [("sent", "delivered", "read"), ("delivered", "sent", "delivered", "read", "sent")]
)
async def test_statuses_are_told_as_they_rise_and_never_fall(world, twilio, words):
    world.ask(ANN)
    [call] = await world.send()
    for word in words:
        assert (await twilio.status(call.touch_id, word)).status_code == 200
    told = [one.delivery for one in world.said(MessageDelivered)]
    assert told == [Delivery(word) for word in dict.fromkeys(words) if told and word in told]
    assert told[-1] is Delivery.READ


async def test_a_status_that_comes_again_writes_nothing(world, twilio):
    world.ask(ANN)
    [call] = await world.send()
    await twilio.status(call.touch_id, "delivered")
    before = everything(world)
    assert (await twilio.status(call.touch_id, "delivered")).status_code == 200
    assert everything(world) == before


async def test_a_forged_status_has_no_effect(world, twilio):
    world.ask(ANN)
    [call] = await world.send()
    before = everything(world)
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    path = f"/twilio/status?a={call.touch_id}"
    assert (await twilio.post(path, form, token="guessed")).status_code == 403
    assert everything(world) == before


async def test_a_message_that_did_not_arrive_is_open_no_longer(world, twilio):
    world.ask(ANN)
    [call] = await world.send()
    await twilio.status(call.touch_id, "undelivered", code="30005")
    [delivered] = world.said(MessageDelivered)
    assert (delivered.delivery, delivered.code) == (Delivery.FAILED, "30005")
    world.ask(ANN, plan=2, channel=Channel.EMAIL, purpose=Purpose.CONFIRM_BOOKING)
    assert len(await world.send(Channel.EMAIL)) == 1


async def test_a_callback_heals_a_touch_that_nobody_knew_of(world, twilio):
    world.provider.answer = Unknown("no answer in time")
    world.ask(ANN)
    [call] = await world.send()
    await twilio.status(call.touch_id, "sent", sid="SM7")
    assert world.touch(ANN).state == State.ACCEPTED
    unknown, accepted = world.said(MessageSent)
    assert (unknown.result, accepted.result) == (Result.UNKNOWN, Result.ACCEPTED)
    assert accepted.provider_id == "SM7"
    assert accepted.touch_id == unknown.touch_id
    assert accepted.id != unknown.id


async def test_a_callback_may_come_before_the_call_returns(world, twilio):
    async def called_back_first(message):
        await twilio.status(message.touch_id, "sent", sid="SM7")
        return Unknown("no answer in time")

    world.provider.send = called_back_first
    world.ask(ANN)
    await world.send()
    assert [sent.result for sent in world.said(MessageSent)] == [Result.ACCEPTED]
    assert world.rows(TABLES.timer) == []
    assert world.waiting() == []


async def test_a_status_that_proves_an_opt_out_binds(world, twilio):
    world.ask(ANN, channel=Channel.SMS)
    [call] = await world.send()
    await twilio.status(call.touch_id, "undelivered", code="63014")
    [suppressed] = world.said(ContactSuppressed)
    assert (suppressed.subject, suppressed.source) == (ANN, "provider")


async def test_a_status_of_nothing_we_know_is_accepted_and_forgotten(world, twilio):
    before = everything(world)
    assert (await twilio.status(uuid4(), "sent")).status_code == 200
    assert (await twilio.status("", "sent", sid="SM404")).status_code == 200
    assert everything(world) == before


# -- one click


async def a_mail_to_ann(world):
    world.ask(ANN, channel=Channel.EMAIL)
    [call] = await world.send(Channel.EMAIL)
    return world.edge.tokens.make(call.touch_id)


async def test_one_click_ends_it_all_and_following_the_link_does_not(world, twilio):
    token = await a_mail_to_ann(world)
    before = everything(world)
    page = await twilio.get(f"/u/{token}")
    assert page.status_code == 200
    assert "<button>" in page.text
    assert everything(world) == before
    body = "List-Unsubscribe=One-Click"
    for _ in range(2):
        assert (await twilio.post(f"/u/{token}", {}, body=body)).status_code == 200
    [reply], [suppressed] = world.said(ReplyReceived), world.said(ContactSuppressed)
    assert (reply.subject, reply.channel) == (ANN, Channel.EMAIL)
    assert (suppressed.source, suppressed.everything) == ("one_click", True)


async def test_a_link_that_we_did_not_make_leads_nowhere(world, twilio):
    before = everything(world)
    assert (await twilio.get(f"/u/{'0' * 48}")).status_code == 404
    assert (await twilio.post(f"/u/{'0' * 48}", {})).status_code == 404
    assert everything(world) == before


async def test_the_gateway_says_that_it_is_up(twilio):
    assert (await twilio.get("/healthz")).status_code == 204


# -- mail


@pytest.fixture
async def listener(world):
    listener = MailListener(world.edge, "127.0.0.1", 0, DOMAIN, ours=["assistant@mail.example"])
    task = asyncio.create_task(listener.run())
    async with asyncio.timeout(10):
        while not listener.port:  # noqa: ASYNC110  the port is known when it listens
            await asyncio.sleep(0.005)
    yield listener
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def bring(listener, to, words, sender="contact1@customer.example", **headers):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = sender, to, f"<{uuid4().hex}@customer.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(words)
    await aiosmtplib.send(
        mail, hostname="127.0.0.1", port=listener.port, start_tls=False, timeout=10
    )
    return mail


async def test_a_mail_is_committed_before_it_is_accepted(world, listener):
    token = await a_mail_to_ann(world)
    quoted = "Yes, Tuesday\n\nOn 23 Nov 2026, assistant@mail.example wrote:\n> Reply STOP\n"
    mail = await bring(listener, f"reply+{token}@{DOMAIN}", quoted)
    [reply] = world.said(ReplyReceived)
    assert (reply.subject, reply.channel) == (ANN, Channel.EMAIL)
    assert reply.provider_id == mail["Message-ID"]
    assert words_of(world, reply) == "Yes, Tuesday"
    assert world.said(ContactSuppressed) == [], "our own words are not the customer's"


async def test_a_mail_that_cannot_be_stored_is_not_accepted(world, listener, monkeypatch):
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0)
    monkeypatch.setattr("services.channels.mail_in.receive", failing(forever()))
    with pytest.raises(aiosmtplib.SMTPDataError) as error:
        await bring(listener, f"reply@{DOMAIN}", "Yes")
    assert error.value.code == 451
    assert world.said(ReplyReceived) == []


async def test_a_mail_from_another_address_is_of_whoever_got_the_token(world, listener):
    token = await a_mail_to_ann(world)
    to = f"reply+{token}@{DOMAIN}"
    await bring(listener, to, "Please unsubscribe me", sender="ann.private@other.example")
    [reply], [suppressed] = world.said(ReplyReceived), world.said(ContactSuppressed)
    assert reply.subject == suppressed.subject == ANN
    listed = {row.hash for row in world.rows(ADDRESS) if row.listed_everything}
    assert HASHER.mailbox("ann.private@other.example") in listed


async def test_a_mail_without_a_token_is_of_whoever_has_its_address(world, listener):
    await bring(listener, f"hello@{DOMAIN}", "Hi", sender="Contact2@Customer.example")
    assert [reply.subject for reply in world.said(ReplyReceived)] == [BEN]


async def test_a_machines_mail_is_told_as_one_and_answers_nothing(world, listener):
    token = await a_mail_to_ann(world)
    away = {"Auto_Submitted": "auto-replied"}
    await bring(listener, f"reply+{token}@{DOMAIN}", "Away. To stop, unsubscribe", **away)
    [reply] = world.said(ReplyReceived)
    assert reply.automatic
    assert world.said(ContactSuppressed) == []
    assert world.touch(ANN).closed_at is None


async def test_a_mail_to_the_unsubscribe_address_is_an_opt_out(world, listener):
    token = await a_mail_to_ann(world)
    await bring(listener, f"unsub+{token}@{DOMAIN}", "-")
    assert [one.source for one in world.said(ContactSuppressed)] == ["one_click"]


async def test_mail_to_others_is_not_taken(listener, world):
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await bring(listener, "reply@elsewhere.example", "Yes")
    assert world.rows(INBOUND) == []
