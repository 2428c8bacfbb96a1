"""Child processes that end with their parent, and are looked for when that failed."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.clock import elapsed_seconds

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH")  # no secret reaches a process of another user
LEFTOVER_SECONDS_MAX = 15.0
KNOWN_FAILURES = {
    r"No space left on device": "The disk is full: free some space and start again.",
    r"OutOfMemoryError|Could not reserve enough space|Cannot allocate memory": (
        "The memory is used up: close other programs and start again."
    ),
    r"Address already in use": "Its port was taken meanwhile: start again.",
    r"wrong ownership": (
        "The data belong to another user: start as that user, or choose another folder with --data."
    ),
    r"Permission denied": (
        "Its files may not be read or written by this user: choose another folder with --data."
    ),
    r"incompatible with server|not compatible with this version": (
        "The data are of another PostgreSQL version: choose another folder with --data."
    ),
}


class ChildError(RuntimeError):
    """A process could not start or did not do its work; the sentence says why and what to do."""


@dataclass
class Child:
    """A process of ours and the file that holds what it says."""

    process: subprocess.Popen[bytes]
    out: Path

    def alive(self) -> bool:
        return self.process.poll() is None

    def said(self) -> str:
        return self.out.read_text(encoding="utf-8", errors="replace")

    def wait_until(self, ready: Callable[[], bool], seconds_max: float) -> None:
        """Return once `ready`; raise ChildError with the reason when it ends or stays silent."""
        end = elapsed_seconds() + seconds_max
        while not ready():
            if not self.alive():
                raise ChildError(diagnose(self.said()))
            if elapsed_seconds() > end:
                raise ChildError(
                    f"It did not answer within {seconds_max:.0f} seconds: start again."
                )
            time.sleep(0.02)

    def end(self, sign: int, seconds_max: float) -> None:
        """Ask it to end by `sign`, kill it where it does not, and reap it."""
        if self.alive():
            self.process.send_signal(sign)
        try:
            self.process.wait(seconds_max)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """What `kill -9` does; reaped, so that no zombie looks like a living engine."""
        self.process.kill()
        self.process.wait()


def spawn(
    words: Sequence[str | Path],
    folder: Path,
    out: Path,
    *,
    last_signal: int,
    owner: int | None = None,
) -> Child:
    """Start `words` in `folder`, writing to `out`, as user id `owner` (None: ours).

    When the parent ends, in whatever way, Linux sends the child `last_signal`. Elsewhere the next
    start ends what was left behind. The kernel watches the thread that starts a child, hence the
    main thread. Raises ChildError where the program cannot be run.
    """
    if threading.current_thread() is not threading.main_thread():
        raise ChildError("Engines end with the thread that starts them: use the main thread.")
    with out.open("wb") as said, warnings.catch_warnings():
        # From Python 3.12 on a fork beside threads warns; the child makes two system calls only.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            process = subprocess.Popen(
                words,
                cwd=folder,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                user=owner,
                group=owner,
                extra_groups=None if owner is None else [],
                preexec_fn=_tie(os.getpid(), last_signal),  # noqa: PLW1509  see above
                start_new_session=True,  # Ctrl-C reaches the parent alone, which stops us in order
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise ChildError(f"{words[0]} cannot be run here: {error}.") from error
    return Child(process, out)


def run(words: Sequence[str | Path], folder: Path, out: Path, owner: int | None = None) -> None:
    """Like `spawn`, until the process has done its work; raises ChildError with the reason."""
    child = spawn(words, folder, out, last_signal=signal.SIGKILL, owner=owner)
    try:
        code = child.process.wait()
    except BaseException:  # Ctrl-C too: leave nothing behind
        child.kill()
        raise
    if code:
        raise ChildError(diagnose(child.said()))


def environment() -> dict[str, str]:
    """Few variables: settings that users have for their own PostgreSQL or Java stay out."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return kept | {"LC_ALL": "C.UTF-8"}


def _tie(parent: int, last_signal: int) -> Callable[[], None]:
    """What runs in the child before its program does, as the child's user."""

    def tie() -> None:
        if LIBC:
            LIBC.prctl(PR_SET_PDEATHSIG, last_signal)
        if os.getppid() != parent:  # it ended before the line above
            os._exit(1)

    return tie


def end_leftovers(folder: Path, program: str, sign: int) -> None:
    """End each `program` that works in `folder`: its parent was killed and it was not, yet.

    Only for a folder whose lock is ours. A zombie works nowhere any more, so it counts as gone.
    """
    import psutil  # noqa: PLC0415  only machines with embedded engines have it

    def works_here(process: psutil.Process) -> bool:
        try:
            return process.name() == program and process.cwd() == str(folder)
        except psutil.Error:
            return False

    left = [process for process in psutil.process_iter() if works_here(process)]
    for how in (sign, signal.SIGKILL):
        for process in left:
            try:
                process.send_signal(how)
            except psutil.NoSuchProcess:
                continue
        _, left = psutil.wait_procs(left, timeout=LEFTOVER_SECONDS_MAX)


def diagnose(said: str) -> str:
    """One sentence for the failures that people meet, else the last line that says something."""
    for sign, sentence in KNOWN_FAILURES.items():
        if re.search(sign, said):
            return sentence
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"FATAL|error|Exception", line)] or lines
    return f"It said: {telling[-1]}" if telling else "It ended without a word: start again."
