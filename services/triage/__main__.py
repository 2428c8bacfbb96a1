"""Starts triage in a process of its own."""

from services.triage.app import build
from shared.service import main

main(build)
