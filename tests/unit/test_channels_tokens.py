"""A token names its touch, and only we can make one."""

from uuid import UUID

import pytest

from services.channels.tokens import Tokens

TOUCH = UUID("12345678-1234-5678-1234-567812345678")


def test_a_token_is_read_back():
    tokens = Tokens(b"secret")
    assert tokens.read(tokens.make(TOUCH)) == TOUCH


def test_a_token_fits_into_a_mail_address():
    assert len(f"reply+{Tokens(b'secret').make(TOUCH)}") <= 64


def test_another_secret_makes_another_token():
    assert Tokens(b"other").read(Tokens(b"secret").make(TOUCH)) is None


@pytest.mark.parametrize("token", ["", "stop", "0" * 48, "é" * 48, TOUCH.hex, "z" * 48])
def test_what_is_no_token_names_nothing(token):
    assert Tokens(b"secret").read(token) is None


def test_an_altered_token_names_nothing():
    token = Tokens(b"secret").make(TOUCH)
    for n, digit in enumerate(token):
        other = "0" if digit != "0" else "1"
        assert Tokens(b"secret").read(token[:n] + other + token[n + 1 :]) is None
