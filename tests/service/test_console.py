"""Console on a real database: what its API writes and says."""

from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from services.console.api import Console, make_app
from services.console.store import METADATA, SIGNATURE, TABLES
from shared.bus import make_engine
from shared.events import CampaignChanged, Line
from shared.signing import digest_of
from tests.examples import NOW

EXAMPLE = (Path(__file__).parent.parent.parent / "examples" / "campaign.toml").read_text()
URL = "/workspaces/studiolog/campaigns/autumn"


@pytest.fixture
def engine(database):
    engine = make_engine(database("console", METADATA))
    yield engine
    engine.dispose()


@pytest.fixture
async def api(engine):
    door = httpx.ASGITransport(make_app(Console(engine, lambda: NOW, "secret")))
    token = {"Authorization": "Bearer secret"}
    async with httpx.AsyncClient(transport=door, base_url="http://console", headers=token) as api:
        yield api


def sign_off(campaign: dict) -> dict:
    lines = [Line.model_validate(line) for line in campaign["script"]]
    shown = [
        {"id": one.id, "channel": one.channel, "language": one.language, "digest": digest_of(one)}
        for one in lines
    ]
    return {"signer": "Ieva", "lines": shown}


def said(engine) -> list[CampaignChanged]:
    with engine.connect() as tx:
        rows = tx.execute(sa.select(TABLES.outbox).order_by(TABLES.outbox.c.id)).all()
    envelope = {"subject": rows[0].subject, "workspace_id": rows[0].workspace_id}
    return [CampaignChanged.from_bus(row.body, envelope) for row in rows]


async def test_a_campaign_is_put_signed_and_goes_live_and_each_step_is_said(api, engine) -> None:
    campaign = (await api.put(URL, content=EXAMPLE)).json()
    assert (await api.post(f"{URL}/signatures", json=sign_off(campaign))).json()[
        "state"
    ] == "signed"
    assert (await api.post(f"{URL}/state", json={"state": "live"})).json()["state"] == "live"
    assert [event.state for event in said(engine)] == ["draft", "signed", "live"]
    with engine.connect() as tx:
        signatures = tx.scalar(sa.select(sa.func.count()).select_from(SIGNATURE))
    assert signatures == len(campaign["script"])


async def test_an_unsigned_campaign_does_not_go_live(api, engine) -> None:
    (await api.put(URL, content=EXAMPLE))
    refusal = await api.post(f"{URL}/state", json={"state": "live"})
    assert refusal.status_code == 422
    assert "are not signed" in refusal.json()["error"]
    assert [event.state for event in said(engine)] == ["draft"]


async def test_a_new_version_must_be_signed_anew(api) -> None:
    campaign = (await api.put(URL, content=EXAMPLE)).json()
    (await api.post(f"{URL}/signatures", json=sign_off(campaign)))
    again = (await api.put(URL, content=EXAMPLE.replace("short call", "quick call"))).json()
    assert again["version_number"] == 3
    assert again["state"] == "draft"
    assert (await api.post(f"{URL}/state", json={"state": "live"})).status_code == 422


async def test_a_caller_without_the_token_gets_nothing(api) -> None:
    for headers in ({"Authorization": "Bearer wrong"}, {"Authorization": ""}):
        assert (await api.get(URL, headers=headers)).status_code == 401


async def test_an_unknown_campaign_is_named(api) -> None:
    answer = await api.get(URL)
    assert answer.status_code == 404
    assert "no campaign `autumn`" in answer.json()["detail"]


async def test_a_campaign_file_with_an_unknown_key_is_refused_by_name(api) -> None:
    answer = await api.put(URL, content=EXAMPLE.replace("[brief]", "[brief]\nmotto = 'x'"))
    assert answer.status_code == 422
    assert "`brief.motto` is no key" in answer.json()["error"]
