"""Fixtures of the channels' service tests; a test module names this one in `pytest_plugins`."""

import pytest

from services.channels.store import METADATA
from shared.bus import make_engine
from shared.clock import SteppedClock
from shared.privacy.vault import VAULT
from tests.channels_world import a_world, office_hours
from tests.examples import NOW

SCHEMAS = {"channels": METADATA, "vault": VAULT}


@pytest.fixture
def engines_of_channels(database):
    """Of channels and of the vault, each with a schema of its own."""
    engines = [make_engine(database(name, its)) for name, its in SCHEMAS.items()]
    yield engines
    for engine in engines:
        engine.dispose()


@pytest.fixture
def clock():
    return SteppedClock(NOW)


@pytest.fixture
def world(engines_of_channels, clock):
    """A live campaign and three contacts, on the stepped clock."""
    return a_world(*engines_of_channels, clock)


@pytest.fixture
def running_world(engines_of_channels):
    """The same while the clock runs, as it does wherever real people are written to."""
    return a_world(*engines_of_channels, office_hours)
