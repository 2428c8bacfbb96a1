"""Starts agent in a process of its own."""

from services.agent.app import build
from shared.service import main

main(build)
