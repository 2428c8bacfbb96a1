"""`make demo` where nothing is: a bare folder, an ordinary user, no home, no cache, no UTF-8.

One folder goes through it all: set-up and demo are cut off by Ctrl-C at each stage and started
again; at last the demo is played without a network, without IPv6, and beside programs that have the
ports which Rekindle would have by default.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from rekindle.engines.home import nobody
from sandbox.exports import Export, as_csv
from tests.compose import ROOT

PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
PEOPLE = 40
STAGE_SECONDS_MAX, GONE_SECONDS_MAX = 240, 30
# Of the set-up and of the demo, as they say it.
STAGES = ("Making the", "Installing", "Fetching", "Starting PostgreSQL", "They run", "is live")
REGISTRY = ("PIP_", "UV_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE")
TAKEN = (5432, 8700, 8701, 8710, 8720, 8725, 8726, 9092)
CUT_OFF_FROM_THE_WORLD = f"""
import os, socket, subprocess, sys
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
with open("/proc/sys/net/ipv6/conf/all/disable_ipv6", "w") as setting:
    setting.write("1")
held = [socket.create_server(("127.0.0.1", port)) for port in {TAKEN}]
ordinary = dict(user=int(sys.argv[1]), group=int(sys.argv[1]), extra_groups=[])
sys.exit(subprocess.run(sys.argv[2:], **ordinary).returncode)
"""


def lacking() -> str:
    """What this machine has not, that the test needs; empty when it can be run."""
    if os.geteuid() != 0:
        return "only root can become nobody and cut off the network"
    if missing := [name for name in ("unshare", "ip", "git") if not shutil.which(name)]:
        return f"there is no {missing[0]}"
    suits = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
    its = ["python3", "-c", suits]  # whichever comes first for an ordinary user
    suited = subprocess.run(its, env={"PATH": PATH}, check=False)
    return "nobody has a Python 3.11 with ensurepip" if suited.returncode else ""


pytestmark = pytest.mark.skipif(bool(lacking()), reason=lacking())


@pytest.fixture(autouse=True)
def _ctrl_c_is_heard():
    """As from a terminal; tests that run in the background would hand on that it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def folder():
    """What git knows of this project, in a folder of nobody's, with spaces in its path."""
    above = Path(tempfile.mkdtemp(prefix="rekindle-from-nothing-", dir="/var/tmp"))
    above.chmod(0o755)
    folder = above / "a folder of nobody's"
    known = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(known, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    (folder / "few.csv").write_bytes(as_csv(Export(11).make()[:PEOPLE]))
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody(), nobody())
    yield folder
    shutil.rmtree(above)


class Run:
    """`make demo`, in a process group of its own as from a terminal."""

    def __init__(self, folder: Path, *, alone: bool = False) -> None:
        words = ["make", "demo", "CSV=few.csv", "ARGS=--days 1"]
        wrapped = ["unshare", "-n", "python3", "-c", CUT_OFF_FROM_THE_WORLD, str(nobody())]
        its = None if alone else nobody()
        self.out = folder.parent / "out"
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [*wrapped, *words] if alone else words,
                cwd=folder, env=bare_environment(), start_new_session=True,
                user=its, group=its, extra_groups=None if alone else [],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip

    def said(self) -> str:
        return self.out.read_text()

    def until(self, words: str) -> None:
        end = time.monotonic() + STAGE_SECONDS_MAX
        while words not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)

    def interrupt(self) -> int:
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(STAGE_SECONDS_MAX)


def bare_environment() -> dict[str, str]:
    """What a login without a home has, and where the package registry is."""
    registry = {key: value for key, value in os.environ.items() if key.startswith(REGISTRY)}
    return {"PATH": PATH, "LC_ALL": "C", **registry}


def at_work(folder: Path) -> list[str]:
    """The processes that work somewhere in `folder`."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(folder):
                found.append(process.name())
        except psutil.Error:
            continue
    return found


@pytest.mark.timeout(900)
def test_a_demo_comes_from_nothing_however_often_it_is_cut_off(folder) -> None:
    for stage in STAGES:
        run = Run(folder)
        run.until(stage)
        assert run.interrupt() != 0, f"{stage}: {run.said()}"
        assert "Interrupted" in run.said(), stage
        assert "Traceback" not in run.said(), run.said()
        end = time.monotonic() + GONE_SECONDS_MAX
        while left := at_work(folder):
            assert time.monotonic() < end, f"after {stage!r} there is still {left}"
            time.sleep(0.05)
    last = Run(folder, alone=True)
    assert last.process.wait(STAGE_SECONDS_MAX) == 0, last.said()
    assert "Installing" not in last.said()
    assert "0 broken" in last.said()
    assert (folder / ".rekindle" / "demo" / "report.html").exists()
