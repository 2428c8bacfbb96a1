"""Console's edge: a small HTTP API on loopback, for the holder of the internal token."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.console import campaigns, store
from services.console.campaigns import CampaignRefusedError
from shared.bus import tell
from shared.clock import Clock
from shared.events import CampaignChanged, Signature
from shared.ids import named
from shared.words import CampaignState, Channel

FILE_BYTES_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Console:
    """What the routes work with."""

    engine: sa.Engine
    clock: Clock
    token: str

    def change(
        self, workspace: str, key: str, next_: Callable[[CampaignChanged | None], CampaignChanged]
    ) -> CampaignChanged:
        """One change of a campaign: read under lock, written, and said, in one transaction.

        Every change is a version of its own, so that nobody can take an older one for the newest.
        """
        workspace_id = named("workspace", workspace)
        campaign_id = named("campaign", workspace_id, key)
        with self.engine.begin() as tx:
            store.save_workspace(tx, workspace_id, workspace)
            known = store.lock_campaign(tx, campaign_id)
            version = known.version_number + 1 if known else 1
            campaign = next_(known).model_copy(update={"version_number": version})
            store.save_campaign(tx, key, campaign)
            tell(tx, store.TABLES, "console", uuid4(), [campaign], self.clock())
        return campaign


class SignedLine(BaseModel):
    """One line as the signer saw it."""

    id: str
    channel: Channel
    language: str
    digest: str


class SignOff(BaseModel):
    """A person signs lines."""

    signer: str
    lines: list[SignedLine]


class Move(BaseModel):
    """The state that a campaign shall have."""

    state: CampaignState


def make_app(console: Console) -> FastAPI:
    """The API. Every route but `/healthz` asks for the token."""
    app = FastAPI(title="Rekindle console", docs_url=None, redoc_url=None)
    app.state.console = console
    app.include_router(ROUTES)

    @app.get("/healthz")
    def alive() -> dict[str, str]:
        return {"status": "alive"}

    @app.exception_handler(CampaignRefusedError)
    def refused(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=422)

    return app


def the_console(request: Request) -> Console:
    """The console, for a caller who knows the token."""
    console: Console = request.app.state.console
    given = request.headers.get("authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {console.token}".encode()):
        raise HTTPException(401, "The token is missing or wrong: `rekindle up` prints it.")
    return console


Caller = Annotated[Console, Depends(the_console)]
REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"description": "The token is missing or wrong."},
    404: {"description": "There is no such campaign."},
}
ROUTES = APIRouter(responses=REFUSALS)
A_FILE = {
    "requestBody": {
        "required": True,
        "content": {"application/toml": {"schema": {"type": "string"}}},
    }
}


@ROUTES.put("/workspaces/{workspace}/campaigns/{key}", openapi_extra=A_FILE)
async def put_campaign(
    workspace: str, key: str, request: Request, console: Caller
) -> CampaignChanged:
    """A campaign file becomes the campaign's next version, unsigned."""
    body = await request.body()
    if len(body) > FILE_BYTES_MAX:
        raise HTTPException(413, f"A campaign file has at most {FILE_BYTES_MAX:,} bytes.")
    file = campaigns.read_campaign(body.decode(errors="replace"))

    workspace_id = named("workspace", workspace)
    draft = campaigns.as_draft(
        file, campaign_id=named("campaign", workspace_id, key), workspace_id=workspace_id
    )
    return console.change(workspace, key, lambda _: draft)


@ROUTES.get("/workspaces/{workspace}/campaigns/{key}")
def get_campaign(workspace: str, key: str, console: Caller) -> CampaignChanged:
    """The campaign as it stands."""
    with console.engine.begin() as tx:
        known = store.lock_campaign(tx, named("campaign", named("workspace", workspace), key))
    return _existing(known, key)


@ROUTES.post("/workspaces/{workspace}/campaigns/{key}/signatures")
def sign(workspace: str, key: str, sign_off: SignOff, console: Caller) -> CampaignChanged:
    """A person signs lines, each by the digest of what was shown."""
    digests = {(one.id, one.channel, one.language): one.digest for one in sign_off.lines}
    signature = Signature(signer=sign_off.signer, signed_at=console.clock(), digest="")
    return console.change(
        workspace, key, lambda known: campaigns.signed(_existing(known, key), digests, signature)
    )


@ROUTES.post("/workspaces/{workspace}/campaigns/{key}/state")
def move(workspace: str, key: str, wish: Move, console: Caller) -> CampaignChanged:
    """The campaign goes live, is paused, goes on, or ends."""
    return console.change(
        workspace, key, lambda known: campaigns.moved(_existing(known, key), wish.state)
    )


@ROUTES.get("/workspaces")
def get_workspaces(console: Caller) -> dict[str, UUID]:
    """The workspaces by name."""
    with console.engine.connect() as tx:
        return {name: workspace_id for workspace_id, name in store.find_workspaces(tx)}


def _existing(known: CampaignChanged | None, key: str) -> CampaignChanged:
    if known is None:
        raise HTTPException(404, f"There is no campaign `{key}`: put its file first.")
    return known
