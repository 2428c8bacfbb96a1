"""What is asked over HTTP wrongly is answered by a status and a sentence, before any database."""

import tomllib
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
import pytest
from twilio.request_validator import RequestValidator

from deploy import openapi
from rekindle.catalogue import build
from services.channels.edges import Edge
from services.channels.webhooks import SIGNATURE, Webhooks
from services.console.api import Console
from services.console.api import make_app as console_app
from shared.bus import make_engine
from shared.clock import utc_now
from shared.internal import make_app as internal_app
from shared.privacy.master import key_from_seed, make_key
from shared.privacy.vault import Vault
from shared.settings import Settings

HERE, TOKEN = "http://here", "the token"
NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/postgres"
EXAMPLE = (Path(__file__).parents[2] / "examples" / "campaign.toml").read_text()
ROWS = tomllib.loads((Path(__file__).parent / "requests.toml").read_text())["row"]


@pytest.fixture(scope="module")
def edges(tmp_path_factory):
    """The applications, on a database that is not there."""
    key = tmp_path_factory.mktemp("keys") / "master.key"
    make_key(key)
    engine, master = make_engine(NOWHERE), key_from_seed(1)
    channels = build("channels", Settings(master_key_file=key, database_url=NOWHERE), utc_now)
    edge = Edge(engine, utc_now, Vault(engine, master), master)
    yield {
        "console": console_app(Console(engine, utc_now, TOKEN)),
        "internal": internal_app([channels], TOKEN),
        "webhooks": Webhooks(edge, TOKEN, HERE).app(),
    }
    for one in (engine, *channels.engines):
        one.dispose()


def body_of(row) -> bytes:
    if "example" in row:
        old, new = row["example"]
        assert old in EXAMPLE
        return EXAMPLE.replace(old, new, 1).encode()
    if "long" in row:
        return b"a" * row["long"]
    return bytes.fromhex(row["bytes"]) if "bytes" in row else row.get("body", "").encode()


def headers_of(row, path: str, body: bytes) -> dict[str, str]:
    if row["edge"] != "webhooks":
        token = row.get("token", TOKEN)
        kind = "application/json" if body.startswith(b"{") else "application/toml"
        return {"Authorization": f"Bearer {token}", "Content-Type": kind} if token else {}
    signature = "forged"
    if row.get("signed", True):
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        signature = RequestValidator(TOKEN).compute_signature(HERE + path, form)
    return {SIGNATURE: signature, "Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['edge']}: {row['what']}")
async def test_what_is_wrong_is_told(edges, row) -> None:
    method, path = row["ask"].split(" ", 1)
    body = body_of(row)
    transport = httpx.ASGITransport(edges[row["edge"]])  # a fault of ours would be raised here
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
        answer = await client.request(
            method, path, content=body, headers=headers_of(row, path, body)
        )
    assert answer.status_code == row["status"], answer.text
    assert row.get("says", "") in answer.text
    assert "Traceback" not in answer.text


def test_every_edge_and_every_route_that_takes_a_body_has_a_row() -> None:
    asked = {(row["edge"], row["ask"].split()[0], plain(row["ask"].split()[1])) for row in ROWS}
    for edge, whole in openapi.documents().items():
        for path, its in whole["paths"].items():
            for method in its:
                if "requestBody" in its[method]:
                    assert (edge, method.upper(), plain(path)) in asked, f"{edge} {path}"


def plain(path: str) -> tuple[str, ...]:
    """A path with its names taken out, so that a row's and the document's can be compared."""
    names = {"studio": "{workspace}", "autumn": "{key}", "channels": "{service}"}
    steps = path.partition("?")[0].split("/")
    return tuple(names.get(step, step) for step in steps)
