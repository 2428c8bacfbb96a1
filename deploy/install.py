#!/usr/bin/env python3
"""Sets up .venv of this folder: `deploy/install.py demo` or `deploy/install.py all`.

Runs on any Python 3.11+ before anything is installed. uv is taken when it can be had, because it
is three times as quick; where it fails, pip installs the same files with the same hashes. Neither
uv nor what fetches Kafka reads pip's settings, so they are handed to them. An environment whose
installation was cut off is made anew: what a package manager left half done looks whole to it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
HALF = VENV / "half"  # there while packages are being installed
LOCKS = {"demo": "requirements-demo.lock", "all": "requirements.lock"}
PYTHON_MIN = (3, 11)
FAILED, INTERRUPTED = 1, 130
# By what names others call what pip is told about the registry.
THEIR_NAMES = {
    "global.index-url": ["UV_DEFAULT_INDEX"],
    "global.cert": ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"],
}


def main(what: str) -> int:
    began = time.monotonic()
    if sys.version_info < PYTHON_MIN:
        return fail(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}.", FAILED)
    try:
        install(ROOT / LOCKS[what])
    except subprocess.CalledProcessError as error:
        lines = (error.stderr or error.stdout or b"").decode(errors="replace").strip().splitlines()
        return fail(
            "The set-up did not complete; is the package registry reachable? Run it again. "
            f"The last words were: {lines[-1] if lines else error}",
            FAILED,
        )
    except KeyboardInterrupt:
        return fail("Interrupted; run it again, and it begins where it has to.", INTERRUPTED)
    sys.stderr.write(f"Ready after {time.monotonic() - began:.0f} s\n")
    return 0


def install(lock: Path) -> None:
    with stage("Making the virtual environment .venv"):
        run(sys.executable, "-m", "venv", *(["--clear"] if HALF.exists() else []), str(VENV))
        HALF.touch()
    settings = pip_settings()
    with stage(f"Installing {count(lock)} packages with checked hashes (about 100 MB, once)"):
        by_uv = uv_installs(lock, settings)
    if not by_uv:
        with stage("Going on with pip, which takes a little longer"):
            pip("--require-hashes", "-r", str(lock))
    with stage("Adding Rekindle itself"):
        pip("--no-deps", "--no-build-isolation", "-e", str(ROOT))
        HALF.unlink()
    with stage("Fetching Apache Kafka (42 MB, once)"):
        run(PYTHON, "-m", "rekindle.engines", env=settings)


def uv_installs(lock: Path, settings: dict[str, str]) -> bool:
    words = ["pip", "install", "-q", "--compile-bytecode", "--require-hashes", "-r", str(lock)]
    limits = {"UV_HTTP_RETRIES": "1", "UV_NO_PROGRESS": "1"}
    if not os.access(Path("~").expanduser(), os.W_OK):
        limits["UV_NO_CACHE"] = "1"
    try:
        pip("--require-hashes", "-r", str(ROOT / "requirements-uv.lock"))
        run(str(VENV / "bin" / "uv"), *words, "--python", PYTHON, env={**limits, **settings})
    except subprocess.CalledProcessError:
        return False
    return True


def pip_settings() -> dict[str, str]:
    """What pip is told about the registry, as the others want to hear it."""
    given: dict[str, str] = {}
    for setting, names in THEIR_NAMES.items():
        variable = "PIP_" + setting.partition(".")[2].replace("-", "_").upper()
        if value := os.environ.get(variable) or pip_config(setting):
            given |= dict.fromkeys(names, value)
    return {**given, **os.environ}


def pip_config(setting: str) -> str:
    words = [PYTHON, "-m", "pip", "config", "get", setting]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def pip(*words: str) -> None:
    run(PYTHON, "-m", "pip", "install", "-q", *words)


def run(*words: str, env: dict[str, str] | None = None) -> None:
    subprocess.run(words, check=True, capture_output=True, cwd=ROOT, env=env)


def count(lock: Path) -> int:
    return sum("==" in line for line in lock.read_text().splitlines())


@contextmanager
def stage(sentence: str) -> Iterator[None]:
    """Says what is being done, and then how long it took."""
    began = time.monotonic()
    sys.stderr.write(f"{sentence} ...")
    sys.stderr.flush()
    try:
        yield
    finally:
        sys.stderr.write(f" {time.monotonic() - began:.0f} s\n")


def fail(sentence: str, code: int) -> int:
    sys.stderr.write(f"{sentence}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
