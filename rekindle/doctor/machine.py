"""The machine itself: programs, disk, keys, ports and clock."""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

import sqlalchemy as sa

from rekindle.doctor.patient import Fault, NotAskedError, Patient
from rekindle.doctor.servers import answering
from rekindle.engines import EngineError, default_cache
from rekindle.engines.fetch import VERSION
from rekindle.engines.folder import free_ports
from rekindle.engines.home import find_programs
from rekindle.engines.kafka import java
from shared.clock import utc_now
from shared.privacy.master import MasterKeyError, read_key

MEGABYTES_MIN = 1_000  # a day's events of a large list, and room to notice
SKEW_SECONDS_MAX = 5.0
PORTS = {
    "CONSOLE_PORT": "console_host",
    "WEBHOOKS_PORT": "webhooks_host",
    "MAIL_IN_PORT": "mail_in_host",
    "INTERNAL_PORT": "internal_host",
}


def programs(patient: Patient) -> Iterator[Fault]:
    """The embedded engines can be started."""
    if patient.named:
        raise NotAskedError("KAFKA_URL and DATABASE_URL name servers of their own")
    for find in (find_programs, java):
        try:
            find()
        except EngineError as error:
            chosen = find is find_programs and "REKINDLE_PG_BIN" in os.environ
            yield Fault(str(error), "unset REKINDLE_PG_BIN" if chosen else "make setup")
    if not (default_cache() / f"kafka-{VERSION}").is_dir():
        yield Fault("Kafka's jars are not fetched yet", "python -m rekindle.engines")


def disk(patient: Patient) -> Iterator[Fault]:
    """There is room where the data lie."""
    folder = patient.folder.absolute()
    there = next(one for one in (folder, *folder.parents) if one.exists())
    if (free := shutil.disk_usage(there).free // 2**20) < MEGABYTES_MIN:
        what = f"the disk of {there} has {free:,} MB left; {MEGABYTES_MIN:,} are needed"
        yield Fault(what, "rekindle up --data A_FOLDER_ON_ANOTHER_DISK")


def keys(patient: Patient) -> Iterator[Fault]:
    """There is a master key that only we can read."""
    file = patient.settings.master_key_file
    if not patient.named and not patient.folder.exists():
        raise NotAskedError(f"there are no data in {patient.folder}; `rekindle up` makes a key")
    try:
        read_key(file)
    except MasterKeyError as error:
        if not file.exists():
            yield Fault(str(error), f"(umask 077; openssl rand -hex 32 > {file})")
        elif file.stat().st_mode & 0o077:
            yield Fault(str(error), f"chmod 600 {file}")
        else:
            yield Fault(str(error), f"cp BACKUP {file} && chmod 600 {file}")


def ports(patient: Patient) -> Iterator[Fault]:
    """The services can listen where the settings say."""
    if patient.serving:
        raise NotAskedError("the services run, and have their ports")
    for name, host in PORTS.items():
        port = getattr(patient.settings, name.lower())
        if port and not _free(getattr(patient.settings, host), port):
            what = f"{name}: something else listens on port {port}"
            yield Fault(what, f"export {name}={free_ports(1)[0]}")


def _free(host: str, port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def clock(patient: Patient) -> Iterator[Fault]:
    """Time runs, and is the same for everybody."""
    settings = patient.settings
    if settings.clock != "wall":
        yield Fault(f"CLOCK={settings.clock} is a clock for trying things out", "unset CLOCK")
    patient.ask_engines()
    with answering(patient, "console") as tx:
        theirs: datetime = tx.scalar(sa.select(sa.func.clock_timestamp())) or utc_now()
    skew = abs((utc_now() - theirs).total_seconds())
    if skew > SKEW_SECONDS_MAX:
        what = f"this machine's clock and the database's differ by {skew:,.0f} s"
        yield Fault(what, "sudo timedatectl set-ntp true")
