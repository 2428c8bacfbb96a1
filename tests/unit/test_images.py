"""Each image holds its own code and its own packages, and that is enough to start."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from rekindle.catalogue import SERVICES
from tests.compose import DOCKERFILE, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def installed_with(extra: str) -> set[str]:
    """The distributions of this extra, with all that they need, by their plain names."""
    asked, seen = {("rekindle", ""), ("rekindle", extra)}, set()
    while asked:
        name, wanted = one = asked.pop()
        seen.add(one)
        for text in needs(name, wanted):
            its = Requirement(text)
            if its.marker is None or its.marker.evaluate({"extra": wanted}):
                asked |= {(plain(its.name), more) for more in {"", *its.extras}} - seen
    return {name for name, _ in seen}


def needs(name: str, extra: str) -> list[str]:
    if name != "rekindle":
        return distribution(name).requires or []
    return PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def foreign(extra: str) -> list[str]:
    """The packages of this machine that an image with this extra does not have."""
    there = installed_with(extra)
    return sorted(
        package
        for package, names in packages_distributions().items()
        if not any(plain(name) in there for name in names) and package not in {"rekindle", "tests"}
    )


BLOCKED = """
import os, sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in FOREIGN:
            raise ModuleNotFoundError(f"{name} is not in this image", name=name)
FOREIGN = set(sys.argv[2].split())
sys.meta_path.insert(0, Blocker())
others = [one for one in sys.path if not os.path.exists(os.path.join(one, "pyproject.toml"))]
sys.path[:] = [".", *others]
__import__(sys.argv[1])
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """`image(target, service)`: a folder with what the Dockerfile copies into the image."""

    def copied(target: str, service: str = "") -> Path:
        folder = tmp_path_factory.mktemp(service or target)
        stage = DOCKERFILE.split(f" AS {target}\n")[1].split("\nFROM ")[0]
        for line in re.findall(r"^COPY (?!--from)(.*)$", stage, re.MULTILINE):
            source, where = line.replace("${SERVICE}", service).split()
            place = folder / where
            if where.endswith("/"):
                place = place / Path(source).name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(ROOT / source)
        return folder

    return copied


def imported(module: str, extra: str, folder: Path) -> str:
    """What importing it says when it fails."""
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, module, " ".join(foreign(extra))],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_with_its_own_code_and_its_own_extra_alone(image, service) -> None:
    folder = image("service", service)
    assert {one.name for one in (folder / "services").iterdir()} == {"__init__.py", service}
    assert imported(f"services.{service}.app", service.replace("_", "-"), folder) == ""


@pytest.mark.parametrize(
    ("module", "target"), [("rekindle.__main__", "operator"), ("sandbox.__main__", "sandbox")]
)
def test_the_command_and_the_sandbox_start_with_their_own_extra_alone(
    image, module, target
) -> None:
    assert imported(module, target, image(target)) == ""


def test_an_extra_that_lacks_a_package_is_noticed(image) -> None:
    assert "phonenumbers is not in this image" in imported(
        "services.crm_sync.app", "triage", image("service", "crm_sync")
    )


def test_a_service_that_reaches_for_another_is_noticed(image) -> None:
    assert "No module named 'services.agent'" in imported(
        "services.agent.app", "agent", image("service", "triage")
    )
