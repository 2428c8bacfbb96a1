#!/usr/bin/env python3
"""Sets up .venv of this folder: `deploy/install.py demo` or `deploy/install.py all`.

Runs on any Python 3.11+ before anything is installed. uv is taken when it can be had, because it
is three times as quick; it does not read pip's settings, so they are handed to it. Where uv fails,
pip installs the same files with the same hashes.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCKS = {"demo": "requirements-demo.lock", "all": "requirements.lock"}
PYTHON_MIN = (3, 11)


def main(what: str) -> int:
    began = time.monotonic()
    if sys.version_info < PYTHON_MIN:
        return fail(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}.")
    lock = ROOT / LOCKS[what]
    try:
        say("Making the virtual environment .venv")
        run(sys.executable, "-m", "venv", str(VENV))
        say(f"Installing {count(lock)} packages with checked hashes (about 100 MB, once)")
        if not (install_uv() and uv_installs(lock)):
            say("Going on with pip, which takes a little longer")
            pip("--require-hashes", "-r", str(lock))
        pip("--no-deps", "--no-build-isolation", "-e", str(ROOT))
        say("Fetching Apache Kafka (42 MB, once)")
        run(str(VENV / "bin" / "python"), "-m", "rekindle.engines")
    except subprocess.CalledProcessError as error:
        lines = (error.stderr or error.stdout or b"").decode(errors="replace").strip().splitlines()
        return fail(
            "The set-up did not complete; is the package registry reachable? Run it again: "
            f"what is there is kept. The last words were: {lines[-1] if lines else error}"
        )
    say(f"Ready after {time.monotonic() - began:.0f} s")
    return 0


def install_uv() -> bool:
    try:
        pip("--require-hashes", "-r", str(ROOT / "requirements-uv.lock"))
    except subprocess.CalledProcessError:
        return False
    return True


def uv_installs(lock: Path) -> bool:
    words = ["pip", "install", "-q", "--compile-bytecode", "--require-hashes", "-r", str(lock)]
    python = str(VENV / "bin" / "python")
    try:
        run(str(VENV / "bin" / "uv"), *words, "--python", python, env=pip_settings_for_uv())
    except subprocess.CalledProcessError:
        return False
    return True


def pip_settings_for_uv() -> dict[str, str]:
    """The names that uv has for what pip is told about the registry."""
    names = {"global.index-url": "UV_DEFAULT_INDEX", "global.cert": "SSL_CERT_FILE"}
    given = {"UV_HTTP_RETRIES": "1", "UV_NO_PROGRESS": "1"}
    for setting, name in names.items():
        variable = "PIP_" + setting.partition(".")[2].replace("-", "_").upper()
        value = os.environ.get(variable) or pip_config(setting)
        if value:
            given.setdefault(name, value)
    return {**given, **os.environ}


def pip_config(setting: str) -> str:
    words = [str(VENV / "bin" / "python"), "-m", "pip", "config", "get", setting]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def pip(*words: str) -> None:
    run(str(VENV / "bin" / "python"), "-m", "pip", "install", "-q", *words)


def run(*words: str, env: dict[str, str] | None = None) -> None:
    subprocess.run(words, check=True, capture_output=True, cwd=ROOT, env=env)


def count(lock: Path) -> int:
    return sum("==" in line for line in lock.read_text().splitlines())


def say(sentence: str) -> None:
    sys.stderr.write(f"{sentence} ...\n")
    sys.stderr.flush()


def fail(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
