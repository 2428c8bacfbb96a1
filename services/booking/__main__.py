"""Starts booking in a process of its own."""

from services.booking.app import build
from shared.process import main

main(build)
