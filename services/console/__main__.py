"""Starts console in a process of its own."""

from services.console.app import build
from shared.service import main

main(build)
