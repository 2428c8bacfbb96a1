"""Starts channels in a process of its own."""

from services.channels.app import build
from shared.process import main

main(build)
