"""What both engines are: a process of ours on a data folder that nobody else uses."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, ClassVar

from rekindle.engines.child import Child, ChildError
from rekindle.engines.folder import EngineError, hold, make_folder


@dataclass
class Engine:
    """The data folder, its lock and the process, while it runs."""

    name: ClassVar[str]
    data: Path
    _lock: BinaryIO | None = field(default=None, init=False, repr=False)
    _child: Child | None = field(default=None, init=False, repr=False)

    @property
    def pid(self) -> int | None:
        return self._child.process.pid if self._child else None

    def kill(self) -> None:
        """What `kill -9` does: what was acknowledged or committed survives."""
        if self._child:
            self._child.kill()
        self._release()

    def _take(self) -> None:
        self.data = make_folder(self.data)
        self._lock = hold(self.data)

    def _release(self) -> None:
        self._child = None
        if self._lock:
            self._lock.close()
            self._lock = None

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """Whatever fails inside leaves nothing running and is told as an EngineError."""
        try:
            yield
        except (ChildError, OSError) as error:
            self.kill()
            sentence = f"{self.name} did not start in {self.data}. {error}"
            raise EngineError(sentence) from error
        except BaseException:  # Ctrl-C too
            self.kill()
            raise
