"""The gateways' edge: providers knock at any gateway that lives, and knock again until answered."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from services.channels.delivering import Callback
from services.channels.inbound import Heard
from tests.simulation.database import Group
from tests.simulation.hearing import receive, tell_status
from tests.simulation.process import Loop, Process
from tests.simulation.world import World

ANSWER_SECONDS_MAX = 15


class Edge:
    """The address of all gateway processes."""

    def __init__(self, world: World, knowledge: Group, processes: Sequence[Process]) -> None:
        self.world, self.knowledge, self.processes = world, knowledge, processes

    def bring_words(self, heard: Heard) -> None:
        """What a customer wrote is brought until it is answered, and then perhaps once more."""
        database, fate = self.knowledge.database, self.world.fate
        for _ in range(2 if fate.happens(fate.repeats) else 1):
            self._knock(lambda: receive(database, heard, self.world.now), insist=True)

    def bring_status(self, callback: Callback) -> None:
        """A callback is brought once; whether it is answered is all the same to the provider."""
        self._knock(lambda: tell_status(self.knowledge, callback, self.world.now), insist=False)

    def _knock(self, take: Callable[[], None], *, insist: bool) -> None:
        fate = self.world.fate
        answered: list[bool] = []
        if alive := [process for process in self.processes if process.alive]:
            fate.one_of(alive).run(_webhook(take, lambda: answered.append(True)))
        if insist:
            later = timedelta(seconds=ANSWER_SECONDS_MAX)
            self.world.after(later, lambda: answered or self._knock(take, insist=True))


def _webhook(take: Callable[[], None], answer: Callable[[], None]) -> Loop:
    """Committed first, answered then."""
    yield "webhook heard"
    take()
    yield "webhook committed"
    answer()
