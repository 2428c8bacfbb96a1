"""The commands, one module each. `rekindle/__main__.py` lists them."""
