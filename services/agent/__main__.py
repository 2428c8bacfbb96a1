"""Starts agent in a process of its own."""

from services.agent.app import build
from shared.process import main

main(build)
