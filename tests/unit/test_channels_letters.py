"""A mail in our words: which touch it answers, what it says, whether a machine wrote it."""

from email import message_from_string, policy
from uuid import UUID

import pytest
from aiosmtpd.smtp import Envelope

from services.channels import letters
from services.channels.delivering import Callback
from services.channels.mail_in import understood
from services.channels.tokens import Tokens

TOKENS = Tokens(b"secret")
TOUCH = UUID(int=7)
REPLY = f"reply+{TOKENS.make(TOUCH)}@reply.example"


def mail(text, **headers):
    lines = {"From": "Zoe <Zoe@Customer.example>", "Message-ID": "<1@customer.example>", **headers}
    head = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return message_from_string(f"{head}\n{text}", policy=policy.default)


def envelope(letter, to=REPLY, sender="zoe@customer.example"):
    its = Envelope()
    its.mail_from, its.rcpt_tos, its.content = sender, [to], letter.as_bytes()
    return its


def test_a_plus_address_names_its_touch():
    heard = understood(envelope(mail("Yes")), TOKENS, [])
    assert (heard.touch_id, heard.words, heard.asks_out) == (TOUCH, "Yes", False)
    assert heard.address == "zoe@customer.example"
    assert heard.provider_id == "<1@customer.example>"


def test_capitals_in_a_plus_address_do_not_matter():
    assert understood(envelope(mail("Yes"), to=REPLY.upper()), TOKENS, []).touch_id == TOUCH


def test_a_token_that_we_did_not_make_names_nothing():
    forged = f"reply+{TOUCH.hex}{'0' * 16}@reply.example"
    assert understood(envelope(mail("Yes"), to=forged), TOKENS, []).touch_id is None


def test_a_mail_to_the_unsubscribe_address_asks_out_whatever_it_says():
    to = f"unsub+{TOKENS.make(TOUCH)}@reply.example"
    assert understood(envelope(mail("hello"), to=to), TOKENS, []).asks_out


def test_a_mail_without_a_name_is_known_by_its_content():
    letter = mail("Yes")
    del letter["Message-ID"]
    first, again = (understood(envelope(letter), TOKENS, []) for _ in range(2))
    assert first.provider_id == again.provider_id
    assert first.provider_id.startswith("mail-")


def test_a_mail_whose_name_no_row_takes_is_known_by_its_content():
    its = envelope(mail("Yes"))
    its.content = its.content.replace(b"<1@customer.example>", b"<1\0@customer.example>")
    heard = understood(its, TOKENS, [])
    assert heard.provider_id.startswith("mail-")
    assert heard.words == "Yes"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated; owner-email=x"},
        {"Precedence": "bulk"},
        {"X-Autoreply": "yes"},
    ],
)
def test_a_mail_that_says_a_machine_wrote_it_is_automatic(headers):
    assert understood(envelope(mail("Away", **headers)), TOKENS, []).automatic


def test_a_mail_with_an_empty_envelope_sender_is_automatic():
    assert understood(envelope(mail("Away"), sender=""), TOKENS, []).automatic


def test_a_persons_mail_is_not_automatic():
    assert not understood(envelope(mail("Hi", **{"Auto-Submitted": "no"})), TOKENS, []).automatic


def test_a_delivery_report_is_nobodys_words_and_speaks_of_its_mail():
    kind = "multipart/report; report-type=delivery-status; boundary=b"
    report = mail("--b\n\nfailed\n--b--\n", **{"Content-Type": kind})
    assert understood(envelope(report), TOKENS, []) == Callback(TOUCH, "", "", None)
    assert understood(envelope(report, to="hello@reply.example"), TOKENS, []) is None


def test_a_mail_from_nobody_that_names_no_touch_is_nobodys_words():
    letter = mail("Hi")
    del letter["From"]
    assert understood(envelope(letter, to="reply@reply.example"), TOKENS, []) is None
    assert understood(envelope(letter), TOKENS, []).touch_id == TOUCH


def test_html_is_read_as_a_reader_sees_it():
    html = "<p>Yes,<br>please</p><style>p{}</style><blockquote>Reply STOP</blockquote>"
    letter = mail(html, **{"Content-Type": "text/html; charset=utf-8"})
    assert letters.words_of(letter, []) == "Yes,\nplease"


def test_an_unknown_charset_does_not_lose_the_mail():
    letter = mail("Yes", **{"Content-Type": "text/plain; charset=x-nobody-knows"})
    assert letters.words_of(letter, []) == "Yes"


def test_words_and_addresses_do_not_show_in_what_is_logged():
    assert "zoe" not in repr(understood(envelope(mail("secret")), TOKENS, [])).lower().replace(
        "<1@customer.example>", ""
    )
