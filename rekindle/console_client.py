"""Console from outside, over its HTTP API."""

from dataclasses import dataclass
from typing import Any

import httpx

from shared.events import CampaignChanged
from shared.signing import digest_of
from shared.words import CampaignState


class ConsoleRefusedError(RuntimeError):
    """Console did not do what was asked; the sentence is its own."""


@dataclass(frozen=True, slots=True)
class ConsoleClient:
    """One workspace's campaigns."""

    url: str
    token: str
    workspace: str

    async def put(self, key: str, file: bytes) -> CampaignChanged:
        """The campaign file becomes the next version, unsigned."""
        return await self._ask("PUT", key, content=file)

    async def sign(self, campaign: CampaignChanged, key: str, signer: str) -> CampaignChanged:
        """Sign every line as it stands."""
        lines = [
            {
                "id": line.id,
                "channel": line.channel,
                "language": line.language,
                "digest": digest_of(line),
            }
            for line in campaign.script
        ]
        body = {"signer": signer, "lines": lines}
        return await self._ask("POST", f"{key}/signatures", json=body)

    async def move(self, key: str, state: CampaignState) -> CampaignChanged:
        """Go live, pause, go on, or end."""
        return await self._ask("POST", f"{key}/state", json={"state": state})

    async def _ask(self, method: str, path: str, **body: Any) -> CampaignChanged:  # noqa: ANN401  httpx's own
        url = f"{self.url}/workspaces/{self.workspace}/campaigns/{path}"
        headers = {"Authorization": f"Bearer {self.token}"}
        async with httpx.AsyncClient(headers=headers, timeout=60) as client:
            answer = await client.request(method, url, **body)
        if answer.is_error:
            said = answer.json()
            raise ConsoleRefusedError(said.get("error") or said.get("detail") or answer.text)
        return CampaignChanged.model_validate(answer.json())
