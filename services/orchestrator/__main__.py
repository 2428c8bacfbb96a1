"""Starts orchestrator in a process of its own."""

from services.orchestrator.app import build
from shared.process import main

main(build)
