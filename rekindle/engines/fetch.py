"""Apache Kafka's jars, fetched once from the Maven registry into one folder.

`kafka.lock` names them, each with its hash; `make locks` writes it. So nothing has to be resolved
here, and what arrives is what was tested.
"""

import hashlib
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rekindle.engines.folder import EngineError

VERSION = "4.4.0"
LOCK = Path(__file__).with_name("kafka.lock")
HTTP_SECONDS_MAX = 60
AT_A_TIME = 8


def default_cache() -> Path:
    """A folder inside the virtual environment, so that both come and go together."""
    return Path(sys.prefix) / "kafka"


def jars(cache: Path) -> Path:
    """The folder of Kafka's jars, fetched on the first call; later calls need no network.

    The folder appears when it is complete and holds exactly what the lock names; a fetch that was
    interrupted leaves nothing that a later one would use. Raises EngineError.
    """
    lib = cache / f"kafka-{VERSION}"
    if lib.is_dir():
        return lib
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as half:
            fetched = Path(half) / "lib"
            fetched.mkdir()
            for jar, digest in download(Path(half) / "maven").items():
                ensure_known(jar, digest)
                shutil.copy(jar, fetched)
            if not lib.is_dir():  # another process may have been faster
                fetched.rename(lib)
    except OSError as error:
        sentence = f"Kafka's jars cannot be put into {cache}: {error.strerror or error}."
        raise EngineError(sentence) from error
    return lib


def locked() -> dict[str, str]:
    """The hash of each jar, by its Maven coordinates."""
    return dict(line.split() for line in LOCK.read_text("ascii").splitlines())


def download(repository: Path) -> dict[Path, str]:
    """The jars, downloaded to `repository`, each with its locked hash. Raises EngineError."""
    wanted = locked()
    try:
        from jgo.config import GlobalSettings  # noqa: PLC0415  needed for the first start only
        from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415  and so are these
        from jgo.maven import MavenContext  # noqa: PLC0415

        registries = GlobalSettings.load().repositories | {"central": MAVEN_CENTRAL_URL}
        maven = MavenContext(
            repo_cache=repository, remote_repos=registries, timeout=HTTP_SECONDS_MAX
        )
        found = [maven.create_dependency(name).artifact for name in wanted]
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            fetched = list(pool.map(lambda its: Path(its.resolve()), found))
    except Exception as error:  # jgo raises whatever its HTTP client raises
        raise EngineError(
            f"Kafka's jars were not fetched ({type(error).__name__}): connect this machine to the "
            "network and start again, or set KAFKA_URL to a running Kafka."
        ) from error
    return dict(zip(fetched, wanted.values(), strict=True))


def ensure_known(jar: Path, digest: str) -> None:
    """Raise EngineError unless `jar` is the very file that this version was tested with."""
    found = hashlib.sha256(jar.read_bytes()).hexdigest()
    if found != digest:
        raise EngineError(
            f"Kafka's {jar.name} is not the one this version was tested with (its hash is {found}):"
            " the download was damaged or changed. Start again."
        )
