"""What an engine needs before it starts: a folder it may use alone, and ports that are free."""

import fcntl
import os
import shutil
import socket
import time
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from shared.clock import elapsed_seconds

MEGABYTES_MIN = 200  # the first files of both engines take about 100
LOCK_SECONDS_MAX = 1.0  # `is_held` takes the lock for an instant
LOOPBACK = "127.0.0.1"


class EngineError(RuntimeError):
    """An engine cannot do what it was asked; the sentence says why and what to do."""


def make_folder(folder: Path) -> Path:
    """Make `folder` where it is missing and return its absolute path.

    Raises EngineError where it cannot be made or written, or its disk is nearly full: the engines
    themselves would fail obscurely.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        megabytes = shutil.disk_usage(folder).free // 2**20
    except OSError as error:
        reason = error.strerror or type(error).__name__
        sentence = f"The folder {folder} cannot be made: {reason}. Choose another with --data."
        raise EngineError(sentence) from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise EngineError(f"The folder {folder} may not be written: choose another with --data.")
    if megabytes < MEGABYTES_MIN:
        raise EngineError(
            f"The disk of {folder} is nearly full: {megabytes} MB are left, the engines need "
            f"{MEGABYTES_MIN}. Free some, or choose another folder with --data."
        )
    return folder.resolve()


def hold(folder: Path) -> BinaryIO:
    """Lock `folder` for this process while the returned file is open.

    The kernel drops the lock with the process, however it ends, so a lock is never stale. Raises
    EngineError with the holder's process id where another process has it.
    """
    with ExitStack() as opened:
        try:
            lock = opened.enter_context((folder / "lock").open("a+b", buffering=0))
            _wait_for(lock, folder)
            lock.truncate(0)
            lock.write(str(os.getpid()).encode())
        except OSError as error:
            sentence = f"The folder {folder} cannot be locked: {error.strerror}."
            raise EngineError(f"{sentence} Choose another with --data.") from error
        opened.pop_all()
    return lock


def _wait_for(lock: BinaryIO, folder: Path) -> None:
    end = elapsed_seconds() + LOCK_SECONDS_MAX
    while not _locked(lock):
        if elapsed_seconds() > end:
            lock.seek(0)
            raise EngineError(
                f"Process {lock.read().decode()} uses the engines in {folder}: stop it, or choose "
                "another folder with --data."
            )
        time.sleep(0.02)


def is_held(folder: Path) -> bool:
    """True while a living process holds `folder`."""
    try:
        with (folder / "lock").open("rb") as lock:
            return not _locked(lock)
    except OSError:
        return False


def _locked(lock: BinaryIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def free_ports(count: int) -> list[int]:
    """`count` different loopback ports that were free a moment ago."""
    with ExitStack() as probes:
        sockets = [probes.enter_context(socket.socket()) for _ in range(count)]
        for probe in sockets:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in sockets]


def ensure_port_free(port: int) -> None:
    """Raise EngineError where `port` cannot be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except (OSError, OverflowError) as error:
            sentence = f"Port {port} is taken: stop what listens there, or choose another port."
            raise EngineError(sentence) from error
