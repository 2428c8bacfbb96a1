"""Fixtures of the sandbox's unit tests; a test module names this one in `pytest_plugins`."""

import httpx
import pytest

from sandbox.app import Ports, Sandbox
from sandbox.ledger import Ledger
from tests.sandbox_world import NOW


@pytest.fixture
async def sandbox(tmp_path):
    ports = Ports("http://gateways", "127.0.0.1", 1)
    sandbox = Sandbox(7, NOW, Ledger(tmp_path / "ledger.jsonl"), ports, "12345")
    yield sandbox
    sandbox.world.ledger.close()
    await sandbox.client.aclose()


@pytest.fixture
async def twilio(sandbox):
    door = httpx.ASGITransport(sandbox.app())
    auth = (sandbox.twilio.account, "12345")
    async with httpx.AsyncClient(transport=door, base_url="http://twilio", auth=auth) as client:
        yield client
