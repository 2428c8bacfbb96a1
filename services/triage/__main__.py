"""Starts triage in a process of its own."""

from services.triage.app import build
from shared.process import main

main(build)
