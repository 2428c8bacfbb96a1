"""Webhooks as Twilio sends them: signed, kept, and on demand brought again or forged."""

import base64
import hmac
from collections import deque
from dataclasses import dataclass, field
from hashlib import sha1

import httpx

KEPT_MAX = 1000
FORGER = "another token"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One request. The fragment of a callback's URL is the sender's affair."""

    url: str
    form: dict[str, str]


@dataclass
class Webhooks:
    """Signs with the account's token."""

    token: str
    client: httpx.AsyncClient
    sent: deque[Webhook] = field(default_factory=lambda: deque(maxlen=KEPT_MAX))

    async def send(self, url: str, form: dict[str, str]) -> bool:
        """Whether it was taken."""
        webhook = Webhook(url.partition("#")[0], form)
        self.sent.append(webhook)
        return 200 <= await self._post(webhook, self.token) < 300  # noqa: PLR2004  success

    async def replay(self) -> list[int]:
        """Everything once more, as an eavesdropper would bring it; the statuses of the answers."""
        return [await self._post(webhook, self.token) for webhook in list(self.sent)]

    async def forge(self) -> list[int]:
        """Everything once more with new names, signed by somebody who does not know the token."""
        named = [
            Webhook(one.url, {**one.form, "MessageSid": f"SM{n:032x}"})
            for n, one in enumerate(self.sent)
        ]
        return [await self._post(webhook, FORGER) for webhook in named]

    async def _post(self, webhook: Webhook, token: str) -> int:
        """The status of the answer; 0 for none. Signed: the URL, then each field by its name."""
        words = webhook.url + "".join(name + webhook.form[name] for name in sorted(webhook.form))
        digest = hmac.new(token.encode(), words.encode(), sha1).digest()
        headers = {"X-Twilio-Signature": base64.b64encode(digest).decode()}
        try:
            answer = await self.client.post(webhook.url, data=webhook.form, headers=headers)
        except httpx.HTTPError:
            return 0
        return answer.status_code
