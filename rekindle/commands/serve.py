"""`rekindle serve SERVICE`."""

from typing import Annotated

import typer

from rekindle.catalogue import SERVICES
from rekindle.catalogue import build as build_service
from rekindle.engines import EngineError
from shared.clock import Clock
from shared.process import main
from shared.service import Service
from shared.settings import Settings


def serve(
    service: Annotated[str, typer.Argument(help=f"One of: {', '.join(SERVICES)}.")],
) -> None:
    """Run one service in this process; its settings come from the environment."""
    if service not in SERVICES:
        sentence = f"There is no service {service!r}: choose one of {', '.join(SERVICES)}."
        raise EngineError(sentence)

    def build(settings: Settings, clock: Clock) -> Service:
        return build_service(service, settings, clock)

    main(build)
