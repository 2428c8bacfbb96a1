"""docker-compose.yml as Docker reads it, and its services as processes of this machine."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
SHOWN = re.compile(r"# ([A-Z][A-Z0-9_]*)=(.*)")
SET = re.compile(r"([A-Z][A-Z0-9_]*)=(.*)")
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::?[-?]([^}]*))?\}")


@dataclass(frozen=True, slots=True)
class EnvFile:
    """What .env.example shows as defaults, and what it sets."""

    shown: Mapping[str, str]
    given: Mapping[str, str]
    above: Mapping[str, str]  # the comment above each


def env_file(text: str) -> EnvFile:
    shown, given, above, comment = {}, {}, {}, ""
    for line in text.splitlines():
        if match := SHOWN.fullmatch(line) or SET.fullmatch(line):
            name, value = match.groups()
            (shown if line.startswith("#") else given)[name] = value
            above.setdefault(name, comment)
        else:
            comment = line.removeprefix("#").strip()
    return EnvFile(shown, given, above)


EXAMPLE = env_file((ROOT / ".env.example").read_text())
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()


@dataclass(frozen=True, slots=True)
class Container:
    """One service of the file: its image's entry, its words and its environment."""

    name: str
    spec: Mapping[str, Any]
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def service(self) -> str:
        """Which service's image it runs; empty for another image."""
        return str(self.spec.get("build", {}).get("args", {}).get("SERVICE", ""))

    @property
    def target(self) -> str:
        """The stage of the Dockerfile that is built; empty for an image of others."""
        if "build" not in self.spec:
            return ""
        return str(self.spec["build"].get("target", "service"))

    @property
    def entry(self) -> list[str]:
        """What the image runs."""
        stage = DOCKERFILE.split(f" AS {self.target}\n")[1].split("\nFROM ")[0]
        [line] = re.findall(r"^(?:CMD|ENTRYPOINT) (.*)$", stage, re.MULTILINE)
        return [word.replace("${SERVICE}", self.service) for word in yaml.safe_load(line)]

    @property
    def words(self) -> list[str]:
        """What the file adds to it."""
        given = self.spec.get("command", [])
        return shlex.split(given) if isinstance(given, str) else list(given)

    @property
    def probe(self) -> list[str]:
        """Its health check."""
        kind, *words = self.spec["healthcheck"]["test"]
        assert kind == "CMD"
        return list(words)


def compose(env: Mapping[str, str]) -> dict[str, Container]:
    """The services of docker-compose.yml with this .env."""
    text = (ROOT / "docker-compose.yml").read_text()
    file = yaml.safe_load(
        VARIABLE.sub(lambda its: env.get(its[1]) or (its[2] or "").partition(":")[0], text)
    )
    return {name: Container(name, spec, _env(spec, env)) for name, spec in file["services"].items()}


def variables() -> set[str]:
    """What docker-compose.yml itself takes from .env."""
    return {its[1] for its in VARIABLE.finditer((ROOT / "docker-compose.yml").read_text())}


def _env(spec: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, str]:
    from_file = dict(env) if spec.get("env_file") == ".env" else {}
    return from_file | {name: str(value) for name, value in spec.get("environment", {}).items()}
