"""Compiles the lock files from pyproject.toml: `make locks`.

Universal, with hashes, and without the address of any registry. The demo's lock is held to the
versions of the whole one, so that a person and a test run the same code.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMMON = (
    "--universal", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links",
    "--no-header", "--no-annotate", "--python-version", "3.11", "-q",
)  # fmt: skip


def compiled(lock: str, *words: str) -> None:
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "compile", *COMMON, *words, "-o", lock]
    subprocess.run(command, check=True, cwd=ROOT)


if __name__ == "__main__":
    compiled("requirements.lock", "pyproject.toml", "--all-extras")
    demo = ("--extra", "demo", "-c", "requirements.lock")
    compiled("requirements-demo.lock", "pyproject.toml", *demo)
