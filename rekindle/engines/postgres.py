"""PostgreSQL 18 as a child process on a Unix socket.

A wheel brings the programs. Its Python layer is left alone: that opens folders up to the root of
the disk, and leaves the server running when its parent is killed.
"""

import os
import shutil
import signal
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self
from urllib.parse import quote

from rekindle.engines.child import Child, end_leftovers, run, spawn
from rekindle.engines.engine import Engine
from rekindle.engines.home import Home, find_home

START_SECONDS_MAX = 120.0  # recovery after a crash takes its time
STOP_SECONDS_MAX = 60.0
PORT = 5432  # the name of the socket; nothing listens on the network
# The builtin locale sorts alike on every platform.
INITDB = (
    *("-U", "postgres", "--auth=trust", "--encoding=UTF8"),
    *("--locale-provider=builtin", "--locale=C.UTF-8", "--no-sync", "--no-instructions"),
)
SETTINGS = (
    "listen_addresses=",
    "max_connections=100",
    "shared_buffers=64MB",
    "max_worker_processes=0",
    "max_logical_replication_workers=0",
    "io_method=sync",
    "wal_level=minimal",
    "max_wal_senders=0",
    "timezone=UTC",
)
STOP_SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}
SOCKET_FOLDER_BYTES_MAX = 88  # a socket's path has 103 bytes on macOS, 107 on Linux
SEPARATORS = set(',"')  # between folders, for the server and for its clients


@dataclass
class Postgres(Engine):
    """A server on the data in `data`, made at the first start.

    Only who may enter the folder of its socket (mode 0700) can connect, without a password, as the
    superuser `postgres`. Roles and schemas are the caller's.
    """

    name: ClassVar[str] = "PostgreSQL"
    _home: Home | None = field(default=None, init=False, repr=False)
    _socket: Path | None = field(default=None, init=False, repr=False)

    @property
    def url(self) -> str:
        """For SQLAlchemy with psycopg 3, while the server runs."""
        return (
            f"postgresql+psycopg://postgres:@/postgres?host={quote(str(self._socket))}&port={PORT}"
        )

    def start(self) -> Self:
        """Return when clients can connect. Raises EngineError and leaves nothing running."""
        self._take()
        with self._starting():
            self._home = find_home(self.data)
            if not self._home.cluster.is_dir():
                self._init(self._home)
            self._spawn(self._home)
        return self

    def stop(self, mode: str = "fast") -> None:
        """`fast` disconnects the clients; after `immediate` the next start recovers."""
        if self._child:
            self._child.end(STOP_SIGNALS[mode], STOP_SECONDS_MAX)
        self._release()

    def _init(self, home: Home) -> None:
        """Make the cluster; it gets its name when it is complete."""
        half = home.cluster.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        home.make(half)
        run([home.programs / "initdb", "-D", half, *INITDB], half, self.data / "out", home.owner)
        half.rename(home.cluster)

    def _spawn(self, home: Home) -> None:
        end_leftovers(home.cluster, "postgres", signal.SIGQUIT)
        # Its process id may be anybody's by now; that nobody works here is known.
        (home.cluster / "postmaster.pid").unlink(missing_ok=True)
        self._socket = socket_folder(home)
        settings = [word for setting in SETTINGS for word in ("-c", setting)]
        self._child = child = spawn(
            [home.programs / "postgres", "-D", home.cluster, "-k", self._socket, *settings],
            home.cluster,
            self.data / "out",
            last_signal=signal.SIGINT,
            owner=home.owner,
        )
        child.wait_until(lambda: says_ready(home.cluster, child), START_SECONDS_MAX)

    def _release(self) -> None:
        if self._socket and self._home and self._socket != self._home.cluster:
            shutil.rmtree(self._socket, ignore_errors=True)
        self._socket = None
        super()._release()


def says_ready(cluster: Path, child: Child) -> bool:
    """Whether the server's own file says so, of our child and not of an earlier one."""
    try:
        lines = (cluster / "postmaster.pid").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return False
    return bool(lines) and lines[0] == str(child.process.pid) and lines[-1].strip() == "ready"


def socket_folder(home: Home) -> Path:
    """The cluster's own folder, or a temporary one where a socket's path cannot name that."""
    path = str(home.cluster)
    if len(os.fsencode(path)) <= SOCKET_FOLDER_BYTES_MAX and not SEPARATORS & set(path):
        return home.cluster
    folder = Path(tempfile.mkdtemp(prefix="rekindle-", dir="/tmp"))  # short, mode 0700
    home.make(folder)
    return folder
