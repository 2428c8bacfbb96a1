"""The command as people type it, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def rekindle(*words: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`rekindle words…`, when it has ended."""
    return subprocess.run(
        command(*words),
        cwd=cwd, capture_output=True, text=True, check=False, env=environment(**env),
    )  # fmt: skip


def started(*words: object, cwd: Path, **env: str) -> subprocess.Popen[Any]:
    """`rekindle words…`, under way; what it says lies in `out` of its folder."""
    with (cwd / "out").open("ab") as out:
        return subprocess.Popen(
            command(*words), cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            env=environment(**env),
        )  # fmt: skip


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "rekindle", *map(str, words)]


def environment(**env: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | env
