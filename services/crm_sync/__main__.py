"""Starts crm_sync in a process of its own."""

from services.crm_sync.app import build
from shared.process import main

main(build)
