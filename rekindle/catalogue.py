"""The services by name. Each is imported only when it is asked for."""

from importlib import import_module

import sqlalchemy as sa

from shared.clock import Clock
from shared.privacy.vault import VAULT
from shared.service import Service
from shared.settings import Settings

SERVICES = ("console", "crm_sync", "triage", "orchestrator", "channels", "agent", "booking")


def build(name: str, settings: Settings, clock: Clock) -> Service:
    """One service, ready to start."""
    service: Service = import_module(f"services.{name}.app").build(settings, clock)
    return service


def schemas() -> dict[str, sa.MetaData]:
    """The tables of each schema: every service's, and the vault's."""
    own = {name: import_module(f"services.{name}.store").METADATA for name in SERVICES}
    return {"vault": VAULT, **own}
