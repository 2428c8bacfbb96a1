"""All checks, in the order in which one asks: what the others need comes first."""

from collections.abc import Iterator, Mapping

from rekindle.doctor.machine import clock, disk, keys, ports, programs
from rekindle.doctor.outside import mail_domain, providers, webhooks
from rekindle.doctor.patient import Check, Finding, NotAskedError, Patient
from rekindle.doctor.servers import bus, database, migrations, topics, vault

CHECKS: Mapping[str, Check] = {
    "programs": programs,
    "disk": disk,
    "keys": keys,
    "ports": ports,
    "database": database,
    "migrations": migrations,
    "vault": vault,
    "bus": bus,
    "topics": topics,
    "clock": clock,
    "providers": providers,
    "webhooks": webhooks,
    "mail domain": mail_domain,
}


def examine(patient: Patient) -> Iterator[Finding]:
    """One finding per check, as soon as it is known."""
    for name, check in CHECKS.items():
        try:
            faults = tuple(check(patient))
        except NotAskedError as reason:
            yield Finding(name, "not asked", why=str(reason))
            continue
        yield Finding(name, "ill" if faults else "well", faults)
