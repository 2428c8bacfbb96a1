"""Measurements beside a ceiling: `make bench`."""
