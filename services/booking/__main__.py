"""Starts booking in a process of its own."""

from services.booking.app import build
from shared.service import main

main(build)
