"""Reports about the delivery of our mail: which one they are about, and what became of it."""

from email import message_from_string, policy
from uuid import UUID

import pytest

from services.channels.reports import callback_of
from services.channels.statuses import MAIL
from services.channels.tokens import Tokens

TOKENS = Tokens(b"a secret")
TOUCH = UUID("6b1f4c2e-0d5a-5e4b-9a57-3f2a1c9d8e70")
NAME = f"<{TOUCH.hex}@reply.example>"
BACK = [f"reply+{TOKENS.make(TOUCH)}@reply.example"]
REPORT = """\
From: MAILER-DAEMON@mx.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <report-1@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 23 Nov 2026 09:00:00 +0000

Final-Recipient: rfc822; ann@customer.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: {kind}

From: AI <ai@sender.example>
To: ann@customer.example
Message-ID: {name}
Subject: Hello

--b--
"""


def a_report(**changes):
    its = {
        "to": "x@reply.example",
        "action": "failed",
        "status": "5.1.1",
        "kind": "text/rfc822-headers",
        "name": NAME,
    }
    return message_from_string(REPORT.format(**{**its, **changes}), policy=policy.default)


def read(recipients=BACK, **changes):
    return callback_of(a_report(**changes), recipients, TOKENS)


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
def test_a_bounce_names_its_mail_and_says_why(kind):
    callback = read(kind=kind)
    assert (callback.touch_id, callback.provider_id) == (TOUCH, NAME)
    assert (callback.word, callback.status, callback.code) == ("failed", MAIL["failed"], "5.1.1")


def test_the_message_id_is_enough():
    assert read(recipients=["postmaster@reply.example"]).touch_id == TOUCH


def test_the_address_it_came_back_to_is_enough():
    callback = read(name="<somebody-elses@mail.example>")
    assert callback.touch_id == TOUCH


@pytest.mark.parametrize("name", ["<somebody-elses@mail.example>", "", "<>"])
def test_a_report_about_no_mail_of_ours_says_nothing(name):
    assert read(recipients=["postmaster@reply.example"], name=name) is None


@pytest.mark.parametrize("action", ["Delivered", "relayed", "EXPANDED"])
def test_a_report_may_bring_good_news(action):
    assert read(action=action, status="2.0.0 (ok)").status == MAIL[action.lower()]
    assert read(action=action, status="2.0.0 (ok)").code == "2.0.0"


def test_a_delay_is_no_news_yet():
    callback = read(action="delayed", status="4.4.1")
    assert (callback.touch_id, callback.status) == (TOUCH, None)


def test_a_report_that_says_nothing_of_delivery_still_names_its_mail():
    """Such as that it was read: so it was delivered, but who knows to whom."""
    mail = message_from_string(
        f"Content-Type: multipart/report; boundary=b\n\n--b\n\nRead.\n\n--b--\nTo: {BACK[0]}\n",
        policy=policy.default,
    )
    assert callback_of(mail, BACK, TOKENS).status is None
