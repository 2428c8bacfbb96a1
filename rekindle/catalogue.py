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


def tables_of(schema: str) -> sa.MetaData:
    """The tables of one schema: a service's, or the vault's."""
    if schema == "vault":
        return VAULT
    metadata: sa.MetaData = import_module(f"services.{schema}.store").METADATA
    return metadata
