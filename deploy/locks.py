"""Compiles the lock files from pyproject.toml: `make locks`.

Universal, with hashes, and without the address of any registry. The demo's lock is held to the
versions of the whole one, so that a person and a test run the same code. Kafka's jars, which come
from the Maven registry, have a lock of their own.
"""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext

from rekindle.engines.fetch import LOCK, VERSION

ROOT = Path(__file__).parent.parent
COMMON = (
    "--universal", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links",
    "--no-header", "--no-annotate", "--python-version", "3.11", "-q",
)  # fmt: skip
KAFKA = f"org.apache.kafka:kafka_2.13:{VERSION}"
LOGGER = "org.slf4j:slf4j-simple:1.7.36"  # Kafka brings slf4j without a backend, and would be mute


def compiled(lock: str, *words: str) -> None:
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "compile", *COMMON, *words, "-o", lock]
    subprocess.run(command, check=True, cwd=ROOT)


def jars() -> Iterator[str]:
    """The coordinates and the hash of Kafka, its logger and all they need, a line each."""
    with TemporaryDirectory() as folder:
        maven = MavenContext(
            repo_cache=Path(folder), remote_repos={"central": MAVEN_CENTRAL_URL}, timeout=60
        )
        roots = [maven.create_dependency(name) for name in (KAFKA, LOGGER)]
        _, further = maven.resolver.resolve(roots)
        needed = [found for found in further if found.scope in ("compile", "runtime")]
        for its in (found.artifact for found in (*roots, *needed)):
            digest = hashlib.sha256(Path(its.resolve()).read_bytes()).hexdigest()
            yield f"{its.groupId}:{its.artifactId}:{its.version} {digest}\n"


if __name__ == "__main__":
    compiled("requirements.lock", "pyproject.toml", "--all-extras")
    demo = ("--extra", "demo", "-c", "requirements.lock")
    compiled("requirements-demo.lock", "pyproject.toml", *demo)
    LOCK.write_text("".join(sorted(jars())), "ascii")
