"""Work on a long list, spread over the cores, with what comes of it in the order of the list."""

import gc
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
PIECE = 500  # items that go to a core at once
AHEAD = 2  # pieces that wait for each core


def spread(work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """What `work` makes of each item. It, what it takes and what it returns travel as pickles."""
    cores, rest, waiting = os.cpu_count() or 1, iter(items), deque[Future[list[R]]]()
    with ProcessPoolExecutor(cores, get_context(_way()), _begin) as pool:
        while piece := list(islice(rest, PIECE)):
            waiting.append(pool.submit(_each, work, piece))
            if len(waiting) > AHEAD * cores:
                yield from waiting.popleft().result()
        for done in waiting:
            yield from done.result()


def _way() -> str:
    """How processes are begun: as copies of this one where that is safe, since it has all loaded.

    A thread that holds a lock is not copied, and its lock would stay locked.
    """
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


def _begin() -> None:
    """An interrupt is for the process that asked."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # nothing outlives its piece


def _each(work: Callable[[T], R], piece: Sequence[T]) -> list[R]:
    return list(map(work, piece))


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Meanwhile nobody looks for cycles among all the objects that there are.

    The rows of a list have none, and looking through them again and again takes a sixth of the time
    that reading and judging them does.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
