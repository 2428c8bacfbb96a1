"""The documents of the HTTP edges name the routes that there are, and are fresh."""

from pathlib import Path

import pytest
from starlette.routing import BaseRoute, Mount, Route

from deploy import openapi
from rekindle.catalogue import build
from services.channels.webhooks import Webhooks
from shared.clock import utc_now
from shared.internal import make_app
from shared.privacy.master import make_key
from shared.settings import Settings

METHODS = {"GET", "POST"}


@pytest.fixture(scope="module")
def routes(tmp_path_factory):
    """What is really served, by edge."""
    key = Path(tmp_path_factory.mktemp("keys")) / "master.key"
    make_key(key)
    channels = build("channels", Settings(master_key_file=key), utc_now)
    yield {
        "internal": set(served(make_app([channels], "token").routes)),
        "webhooks": set(served(Webhooks(None, "token", "http://here").app().routes)),
    }
    for engine in channels.engines:
        engine.dispose()


def served(routes: list[BaseRoute], prefix: str = ""):
    for route in routes:
        if isinstance(route, Mount):
            yield from served(route.routes, prefix + route.path)
        elif isinstance(route, Route):
            yield from ((method, prefix + route.path) for method in route.methods & METHODS)


@pytest.mark.parametrize("edge", openapi.EDGES)
def test_every_route_is_described_and_nothing_else(routes, edge) -> None:
    described = {
        (method, path.replace("{service}", "channels")) for method, path in openapi.EDGES[edge]
    }
    assert described == routes[edge]


def test_the_documents_are_fresh() -> None:
    for name, whole in openapi.documents().items():
        kept = (openapi.FOLDER / f"{name}.yaml").read_text()
        assert kept == openapi.as_yaml(whole), "write them with `make schemas`"
