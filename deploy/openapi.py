"""Writes the HTTP edges as OpenAPI 3.1: `make schemas`.

Console describes itself; of the internal endpoint and the webhooks the table below says what each
route takes, and a test holds it against the routes that there are.
"""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from rekindle.catalogue import SERVICES
from services.channels.operating import Settle
from services.console.api import make_app
from shared.internal import Drop, Retry

FOLDER = Path(__file__).parent.parent / "docs" / "openapi"
SCHEMAS = "#/components/schemas/"
Json = dict[str, Any]


class Operation(NamedTuple):
    """One route: what it does, what it takes, and what it answers, by status."""

    summary: str
    answers: Mapping[int, str]
    body: type[BaseModel] | None = None
    form: tuple[str, ...] = ()  # fields of a form that must be there
    guarded: bool = False  # asks for the internal token


REPAIRED = {200: "done", 401: "the token is missing or wrong", 422: "no request of ours"}
LATER = {503: "not now; ask again"}
OF_A_SERVICE = REPAIRED | LATER | {404: "this process runs no such service"}
TAKEN = {200: "taken in", 403: "the signature is wrong", 400: "a field is missing", **LATER}
OPENED = {200: "a page", 404: "no link of ours"}
EDGES: Mapping[str, Mapping[tuple[str, str], Operation]] = {
    "internal": {
        ("GET", "/healthz"): Operation("Whether the process lives", {200: "its services"}),
        ("GET", "/readyz"): Operation(
            "Whether it can work; to the token's holder also figures and complaints",
            {200: "ready", 503: "not ready"},
        ),
        ("GET", "/metrics"): Operation(
            "Figures, as Prometheus reads them",
            {200: "the page", 401: "the token is missing or wrong"},
            guarded=True,
        ),
        ("GET", "/{service}/parked"): Operation(
            "What is parked, in order", OF_A_SERVICE, guarded=True
        ),
        ("POST", "/{service}/parked/retry"): Operation(
            "Apply what is parked again", OF_A_SERVICE, Retry, guarded=True
        ),
        ("POST", "/{service}/parked/drop"): Operation(
            "Give one parked event up", OF_A_SERVICE, Drop, guarded=True
        ),
        ("GET", "/channels/unknown"): Operation(
            "Touches whose result nobody knows", REPAIRED | LATER, guarded=True
        ),
        ("POST", "/channels/unknown/settle"): Operation(
            "Settle one of them on a person's word",
            REPAIRED | LATER | {409: "it is not unknown"},
            Settle,
            guarded=True,
        ),
    },
    "webhooks": {
        ("POST", "/twilio/inbound"): Operation(
            "A customer's message, signed by Twilio",
            TAKEN | {413: "too long"},
            form=("MessageSid", "From", "Body"),
        ),
        ("POST", "/twilio/status"): Operation(
            "What became of a message, signed by Twilio",
            TAKEN | {413: "too long"},
            form=("MessageSid", "MessageStatus"),
        ),
        ("GET", "/u/{token}"): Operation("A page with a button; it changes nothing", OPENED),
        ("POST", "/u/{token}"): Operation("Unsubscribe with one click (RFC 8058)", OPENED | LATER),
        ("GET", "/healthz"): Operation("Up", {204: "up"}),
    },
}
TITLES = {
    "console": "Campaigns, for whoever holds the internal token",
    "internal": "Health and repairs of a process",
    "webhooks": "What providers and customers reach",
}
ANY: Json = {"type": "string"}
NAMED: Json = {"service": {"type": "string", "enum": list(SERVICES)}}
TOKEN = {"token": {"type": "http", "scheme": "bearer"}}


def documents() -> dict[str, Json]:
    """One document per edge, by its name."""
    return {"console": _console(), **{name: _edge(name) for name in EDGES}}


def _console() -> Json:
    described = make_app(None).openapi()  # type: ignore[arg-type]  # nothing is asked of it
    components = described["components"] | {"securitySchemes": TOKEN}
    return _head("console") | {
        "paths": described["paths"],
        "components": components,
        "security": [{"token": []}],
    }


def _edge(name: str) -> Json:
    paths: Json = {}
    for (method, path), its in EDGES[name].items():
        paths.setdefault(path, {})[method.lower()] = _operation(path, its)
    bodies = [its.body for its in EDGES[name].values() if its.body]
    _, found = models_json_schema(
        [(one, "validation") for one in bodies], ref_template=SCHEMAS + "{model}"
    )
    components = {"schemas": found.get("$defs", {}), "securitySchemes": TOKEN}
    return _head(name) | {"paths": paths, "components": components}


def _head(name: str) -> Json:
    about = {"title": f"Rekindle: {name}", "version": version("rekindle")}
    return {"openapi": "3.1.0", "info": {**about, "description": f"{TITLES[name]}."}}


def _operation(path: str, its: Operation) -> Json:
    told: Json = {"summary": its.summary}
    if names := [part[1:-1] for part in path.split("/") if part.startswith("{")]:
        told["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": NAMED.get(name, ANY)}
            for name in names
        ]
    if its.body:
        told["requestBody"] = _taking("application/json", {"$ref": SCHEMAS + its.body.__name__})
    if its.form:
        fields = {name: {"type": "string"} for name in its.form}
        form = {"type": "object", "required": list(its.form), "properties": fields}
        told["requestBody"] = _taking("application/x-www-form-urlencoded", form)
    told["responses"] = {str(code): {"description": words} for code, words in its.answers.items()}
    if its.guarded:
        told["security"] = [{"token": []}]
    return told


def _taking(kind: str, schema: Json) -> Json:
    return {"required": True, "content": {kind: {"schema": schema}}}


def as_yaml(whole: Json) -> str:
    """The document as it is kept."""
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=100)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, whole in documents().items():
        (FOLDER / f"{name}.yaml").write_text(as_yaml(whole))
