"""Clients that ask a process nearby, all at once or so many times a second."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from rekindle.engines.folder import free_ports


@dataclass(frozen=True)
class Answered:
    """What a client saw: how long it all took, and each answer."""

    seconds: float
    waits: Sequence[float]

    @property
    def per_second(self) -> float:
        return len(self.waits) / self.seconds

    def percentile_ms(self, share: float) -> float:
        return 1000 * sorted(self.waits)[int(share * len(self.waits))]


async def all_at(do: Callable[[int], Awaitable[None]], count: int, at_a_time: int) -> Answered:
    waits: list[float] = []
    numbers = iter(range(count))

    async def work() -> None:
        for n in numbers:
            began = time.monotonic()
            await do(n)
            waits.append(time.monotonic() - began)

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(at_a_time):
            group.create_task(work())
    return Answered(time.monotonic() - began, waits)


async def steadily(
    do: Callable[[int], Awaitable[None]], numbers: range, per_second: int
) -> Answered:
    """Each at its own time, whether or not the ones before were answered."""
    waits: list[float] = []
    began = time.monotonic()

    async def one(n: int) -> None:
        due = began + (n - numbers[0]) / per_second
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        await do(n)
        waits.append(time.monotonic() - due)

    async with asyncio.TaskGroup() as group:
        for n in numbers:
            group.create_task(one(n))
    return Answered(time.monotonic() - began, waits)


@contextmanager
def process(module: str, *words: str) -> Iterator[int]:
    """It listens on a port of its own."""
    [port] = free_ports(1)
    child = subprocess.Popen([sys.executable, "-m", module, *words, str(port)])
    try:
        until_it_listens(port)
        yield port
    finally:
        child.terminate()
        child.wait()


def until_it_listens(port: int) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=1)
        except httpx.HTTPError:
            assert time.monotonic() < end, f"nobody listens on {port}"
            time.sleep(0.1)
        else:
            return
