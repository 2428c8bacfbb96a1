"""Starts channels in a process of its own."""

from services.channels.app import build
from shared.service import main

main(build)
