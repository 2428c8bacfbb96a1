"""A webhook is believed only when Twilio signed it: over our public URL and the raw form."""

import json
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from starlette.requests import Request
from twilio.request_validator import RequestValidator

from services.channels.webhooks import RejectedError, Webhooks

VECTORS = json.loads((Path(__file__).parent / "data/twilio_signature_vectors.json").read_text())
FORBIDDEN = 403
# The others are for sockets, JSON bodies and keys that Twilio shares, none of which we take.
FORMS = [
    one
    for one in VECTORS
    if one["algorithm"] == "HMAC_SHA1" and one["url"].startswith("http") and "body" not in one
]


async def believed(vector, **changes):
    """Whether the webhooks would go on with this request, changed as given."""
    url = urlsplit(vector["url"])
    its = {"signature": vector["signature"], "params": vector["params"], "path": url.path}
    its |= changes
    # A proxy shows another host; that does not matter.
    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "server": ("10.0.0.7", 8080),
        "path": its["path"],
        "query_string": url.query.encode(),
        "headers": [(b"x-twilio-signature", its["signature"].encode())],
    }

    async def receive():
        return {"type": "http.request", "body": urlencode(its["params"]).encode()}

    webhooks = Webhooks(None, vector["token"], f"{url.scheme}://{url.netloc}")
    try:
        await webhooks._verified(Request(scope, receive))
    except RejectedError as error:
        return error.status != FORBIDDEN
    return True


@pytest.mark.parametrize("vector", FORMS, ids=lambda its: its["name"])
async def test_a_genuine_webhook_is_believed(vector):
    assert await believed(vector)


@pytest.mark.parametrize("vector", FORMS, ids=lambda its: its["name"])
async def test_a_webhook_with_an_altered_field_is_not_believed(vector):
    name = next(iter(vector["params"]))
    altered = {**vector["params"], name: vector["params"][name] + "!"}
    assert not await believed(vector, params=altered)


@pytest.mark.parametrize("vector", FORMS, ids=lambda its: its["name"])
async def test_a_webhook_with_an_added_field_is_not_believed(vector):
    assert not await believed(vector, params={**vector["params"], "Zzz": "1"})


async def test_blank_fields_are_part_of_what_is_signed():
    [vector] = [one for one in FORMS if "" in one["params"].values()]
    filled = {name: text for name, text in vector["params"].items() if text}
    assert not await believed(vector, params=filled)


async def test_a_signature_for_another_path_is_not_believed():
    assert not await believed(FORMS[0], path="/twilio/inbound")


async def test_a_signature_over_what_the_proxy_shows_is_not_believed():
    vector = FORMS[1]
    shown = "http://10.0.0.7:8080/twilio/inbound"
    forged = RequestValidator(vector["token"]).compute_signature(shown, vector["params"])
    assert not await believed(vector, signature=forged)


async def test_no_signature_and_another_token_are_not_believed():
    assert not await believed(FORMS[1], signature="")
    assert not await believed({**FORMS[1], "token": "another"})
