"""Apache Kafka's jars, fetched once from the Maven registry into one folder."""

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

from rekindle.engines.folder import EngineError

VERSION = "4.4.0"
KAFKA = f"org.apache.kafka:kafka_2.13:{VERSION}"
LOGGER = "org.slf4j:slf4j-simple:1.7.36"  # Kafka brings slf4j without a backend, and would be mute
DIGEST = "2dc289ad803b1278e1a75602559263b7b1c23da25af19f57cde1bc70e1b460d2"
HTTP_SECONDS_MAX = 60


def default_cache() -> Path:
    """A folder inside the virtual environment, so that both come and go together."""
    return Path(sys.prefix) / "kafka"


def jars(cache: Path) -> Path:
    """The folder of Kafka's jars, fetched on the first call; later calls need no network.

    The folder appears when it is complete and what it holds is exactly what `DIGEST` names; a
    fetch that was interrupted leaves nothing that a later one would use. Raises EngineError.
    """
    lib = cache / f"kafka-{VERSION}"
    if lib.is_dir():
        return lib
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as half:
            fetched = Path(half) / "lib"
            fetched.mkdir()
            for jar in download(Path(half) / "maven"):
                shutil.copy(jar, fetched)
            ensure_known(fetched)
            if not lib.is_dir():  # another process may have been faster
                fetched.rename(lib)
    except OSError as error:
        sentence = f"Kafka's jars cannot be put into {cache}: {error.strerror or error}."
        raise EngineError(sentence) from error
    return lib


def download(repository: Path) -> list[Path]:
    """Kafka, its logger and all they need, downloaded to `repository`. Raises EngineError."""
    try:
        from jgo.config import GlobalSettings  # noqa: PLC0415  needed for the first start only
        from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415  and so are these
        from jgo.maven import MavenContext  # noqa: PLC0415

        registries = GlobalSettings.load().repositories | {"central": MAVEN_CENTRAL_URL}
        maven = MavenContext(
            repo_cache=repository, remote_repos=registries, timeout=HTTP_SECONDS_MAX
        )
        roots = [maven.create_dependency(name) for name in (KAFKA, LOGGER)]
        _, further = maven.resolver.resolve(roots)
        needed = [found for found in further if found.scope in ("compile", "runtime")]
        return [found.artifact.resolve() for found in (*roots, *needed)]
    except Exception as error:  # jgo raises whatever its HTTP client raises
        raise EngineError(
            f"Kafka's jars were not fetched ({type(error).__name__}): connect this machine to the "
            "network and start again, or set KAFKA_URL to a running Kafka."
        ) from error


def ensure_known(folder: Path) -> None:
    """Raise EngineError unless `folder` holds the very files that this version was tested with."""
    digest = hashlib.sha256()
    for jar in sorted(folder.iterdir()):
        digest.update(f"{jar.name} {hashlib.sha256(jar.read_bytes()).hexdigest()}\n".encode())
    if digest.hexdigest() != DIGEST:
        raise EngineError(
            "Kafka's jars are not the ones this version was tested with (digest "
            f"{digest.hexdigest()}): the download was damaged or changed. Start again."
        )
