"""Decisions, made again from what was recorded, by the services' own pure cores.

What comes out must be what was said, byte for byte. Nothing here can open a sealed field, reach a
database or write to a topic: it gets events and gives findings.
"""
