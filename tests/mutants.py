"""Bugs that are planted on purpose: a check is only worth something if it notices when it must."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import dedent
from types import FunctionType


@contextmanager
def planted(function: FunctionType, old: str, new: str) -> Iterator[None]:
    """While this lasts, `old` reads `new` in the function, whoever holds it and by whatever name.

    `old` must stand in it exactly once.
    """
    source = dedent(inspect.getsource(function))
    assert source.count(old) == 1, "the line to alter is not there"
    made: dict[str, FunctionType] = {}
    exec(source.replace(old, new), function.__globals__, made)  # noqa: S102  the planted bug
    sound = function.__code__
    function.__code__ = made[function.__name__].__code__
    try:
        yield
    finally:
        function.__code__ = sound
