"""Starts orchestrator in a process of its own."""

from services.orchestrator.app import build
from shared.service import main

main(build)
