"""Every service as its own process, two of whatever may be two, behind one door for webhooks.

Processes that are killed every second have to start in less. So each is forked from a nursery that
has the services' modules in memory: it is a process of its own, and runs its service's own `main`.
"""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import time
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

from rekindle.catalogue import SERVICES
from rekindle.engines import Engines
from rekindle.engines.child import LIBC, PR_SET_PDEATHSIG
from rekindle.engines.folder import free_ports
from shared.clock import ScaledClock, utc_now
from shared.crash import Passed, read_points
from shared.process import main
from tests.crash.door import door
from tests.journey.processes import Processes, Role

SESSION_SECONDS, ANSWER_SECONDS = 3, 0.2
SET_UP = timedelta(seconds=25)  # of the wall, after which the scaled day begins
CUT = timedelta(seconds=31)  # of the wall, after which a touch that is still reserved is unknown
STARTING_SECONDS, LEAVE_SECONDS_MAX = 10.0, 30.0
NO_DOOR = {"WEBHOOKS_PORT": "0"}  # one that the system chooses, and nobody knows
TWICE = ("orchestrator",)
CHANNELS = ("sms", "whatsapp", "email")
NURSERY = multiprocessing.get_context("forkserver")
NURSERY.set_forkserver_preload([f"services.{name}.app" for name in SERVICES])


class Fleet(Processes):
    """The journey's processes, more of them. `points` is where each writes down how far it is."""

    def __init__(self, folder: Path, engines: Engines, start: datetime, factor: float) -> None:
        super().__init__(folder, engines, start, factor)
        self._set_clock(start, factor, self.began + SET_UP)
        self.sandbox.answer_seconds = ANSWER_SECONDS
        self.env["SESSION_SECONDS"] = str(SESSION_SECONDS)
        doors = len(CHANNELS) * 2
        self.webhook_ports, self.mail_ports = free_ports(doors), free_ports(2)
        self.roles = {name: Role(name) for name in SERVICES if name not in (*TWICE, "channels")}
        for service in TWICE:
            self.roles |= {f"{service}-{n}": Role(service) for n in (1, 2)}
        self.roles |= self._gateways()
        self._points: dict[str, Path] = {}
        self._begun_at: dict[str, float] = {}
        self._begun = 0
        self._leaving: list[Forked] = []

    def _gateways(self) -> dict[str, Role]:
        roles = {}
        for n, port in enumerate(self.webhook_ports):
            channel, second = CHANNELS[n // 2], n % 2
            env = {"CHANNELS": channel, "WEBHOOKS_PORT": str(port)}
            if channel == "email":
                env["MAIL_IN_PORT"] = str(self.mail_ports[second])
            roles[f"{channel}-{second + 1}"] = Role("channels", env)
        return roles

    async def open_doors(self, stack: AsyncExitStack) -> None:
        """Webhooks and mails find a gateway from here on, whichever is up."""
        doors: list[AbstractAsyncContextManager[None]] = [
            door(self.settings.webhooks_port, self.webhook_ports),
            door(self.settings.mail_in_port, self.mail_ports),
        ]
        for one in doors:
            await stack.enter_async_context(one)

    def begin(self, name: str) -> None:
        self._begun += 1
        self._points[name] = self.folder / "points" / f"{name}.{self._begun}"
        self._points[name].parent.mkdir(exist_ok=True)
        self._begun_at[name] = time.monotonic()
        super().begin(name)

    def spawn(self, role: Role, log: Path) -> "Forked":
        env = {**self.env, **role.env, "REKINDLE_POINTS_FILE": str(self._points[log.stem])}
        return Forked(role.service, env, log)

    def at_work(self, name: str) -> bool:
        """Whether it has done something yet, or has had the time to."""
        began = self._begun_at[name]
        return bool(self.passed(name).last) or time.monotonic() - began > STARTING_SECONDS

    def invite(self, host: str) -> str:
        """One more process like `host`, for a while; its name."""
        name = f"guest{self._begun}-{host}"
        self.roles[name] = Role(self.roles[host].service, self.roles[host].env | NO_DOOR)
        self.begin(name)
        return name

    def dismiss(self, name: str) -> None:
        """Ask it to leave, and go on; `stop` sees whether it did."""
        process = self.running.pop(name)
        process.terminate()
        self._leaving.append(process)
        del self.roles[name]

    async def leave(self) -> float:
        """Ask everybody to leave, and wait; how many seconds the last one took."""
        began = time.monotonic()
        for name in list(self.running):
            self._leaving.append(self.running.pop(name))
            self._leaving[-1].terminate()
        while self._leaving:
            await asyncio.to_thread(self._leaving.pop().wait, LEAVE_SECONDS_MAX)
        return time.monotonic() - began

    def passed(self, name: str) -> Passed:
        """How far the newest process of this name came."""
        return read_points(self._points[name])

    def last_words(self, name: str) -> str:
        lines = (self.folder / f"{name}.log").read_text(errors="replace").splitlines()
        return next((line.strip(" |+-") for line in reversed(lines) if line.strip(" |+-")), "")

    def slow_down(self) -> None:
        """From its next start on, everybody's clock goes on as the wall's does.

        It begins when the timers of calls that were cut, armed by the fast clock, have come due.
        """
        now = utc_now()
        self._set_clock(self.clock() + self.clock.factor * CUT, 1.0, now)

    def _set_clock(self, start: datetime, factor: float, began: datetime) -> None:
        """Of all that begins from here on: it shows `start` at the wall's moment `began`."""
        self.clock = ScaledClock(start, factor, began)
        self.env["CLOCK"] = f"scaled:{start.isoformat()}@{factor}@{began.isoformat()}"


class Forked:
    """A process from the nursery, with the words of `subprocess.Popen`."""

    def __init__(self, service: str, env: dict[str, str], log: Path) -> None:
        self._process = NURSERY.Process(target=_live, args=(service, env, log), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        pid = self._process.pid
        assert pid is not None
        return pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, sign: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sign)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, seconds: float | None = None) -> None:
        self._process.join(seconds)
        if self.poll() is None:
            raise subprocess.TimeoutExpired(str(self.pid), seconds or 0)


def _live(service: str, env: dict[str, str], log: Path) -> None:
    """The whole life of a process: it ends with the nursery, and that with us."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.environ.update(env)
    with log.open("ab", buffering=0) as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    main(import_module(f"services.{service}.app").build)
