"""The HTTP edges, asked for whatever their documents allow: each answer is one that they name."""

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from twilio.request_validator import RequestValidator

from deploy import openapi
from rekindle.catalogue import build
from services.channels.store import METADATA as CHANNELS
from services.channels.webhooks import Webhooks
from services.console.api import Console
from services.console.api import make_app as console_app
from services.console.store import METADATA as CONSOLE
from shared.bus import make_engine
from shared.internal import make_app as internal_app
from shared.privacy.master import make_key
from shared.privacy.vault import VAULT
from shared.settings import Settings
from tests.channels_world import PUBLIC, TOKEN, a_world, office_hours

EXAMPLES = 20
REACHED = {
    "console": ("GET", "/workspaces", 200),
    "internal": ("GET", "/channels/unknown", 200),
    "webhooks": ("POST", "/twilio/inbound", 200),
}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SIGNATURE = "X-Twilio-Signature"
pytestmark = pytest.mark.timeout(180)


@schemathesis.serializer("application/toml")
def as_text(_, text):
    return str(text).encode()


@pytest.fixture
def edges(engines, database, tmp_path):
    """The applications, on a database of theirs."""
    make_key(tmp_path / "master.key")
    urls = {"channels_database_url": database("channels", CHANNELS),
            "vault_url": database("vault", VAULT)}  # fmt: skip
    console, channels, vault = map(make_engine, (database("console", CONSOLE), *urls.values()))
    world = a_world(channels, vault, office_hours)
    given = {"master_key_file": tmp_path / "master.key", "kafka_url": engines.kafka_url, **urls}
    service = build("channels", Settings(**given), office_hours)
    yield {
        "console": console_app(Console(console, office_hours, TOKEN)),
        "internal": internal_app([service], TOKEN),
        "webhooks": Webhooks(world.edge, TOKEN, PUBLIC).app(),
    }
    for engine in (console, channels, vault, *service.engines):
        engine.dispose()


def headers_of(edge, case) -> dict[str, str]:
    if edge != "webhooks":
        return {"Authorization": f"Bearer {TOKEN}"}
    if not isinstance(case.body, dict):
        return {}
    case.body = {name: text for name, text in case.body.items() if isinstance(text, str)}
    url = f"{PUBLIC}{case.formatted_path}"
    return {SIGNATURE: RequestValidator(TOKEN).compute_signature(url, case.body)}


@pytest.mark.parametrize("edge", openapi.documents())
def test_every_answer_is_one_that_the_document_names(edges, edge) -> None:
    schema = schemathesis.openapi.from_dict(
        yaml.safe_load((openapi.FOLDER / f"{edge}.yaml").read_text())
    )
    schema.app = edges[edge]
    answered = set()
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES if operation.path_parameters or operation.body else 1,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case) -> None:
            answer = case.call_and_validate(headers=headers_of(edge, case), checks=CHECKS)
            answered.add((case.method, case.path, answer.status_code))

        ask()
    assert REACHED[edge] in answered, "nothing but refusals was seen"
    assert not {status for *_, status in answered} & {401, 403}
