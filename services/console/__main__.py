"""Starts console in a process of its own."""

from services.console.app import build
from shared.process import main

main(build)
