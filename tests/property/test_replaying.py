"""Whatever happened to a contact, its decisions come out again from what they name."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events import Woke
from tests.property.happenings import Anything
from tests.property.surroundings import CALENDAR
from tests.taped import Tape, told_otherwise

STORIES = st.lists(st.integers(0, 2**40), min_size=1, max_size=60)


class Taped(Anything):
    """Anything happens, and all is recorded. Of the promises others judge."""

    def begin(self, choice) -> None:
        self.tapes = [*getattr(self, "tapes", ()), Tape(CALENDAR)]
        super().begin(choice)

    def hear(self, fact) -> None:
        tape = self.tapes[-1]
        looks_again = isinstance(fact, Woke) and fact.plan == 0
        if looks_again or tape.campaign is None or tape.campaign.state != self.campaign.state:
            self.campaign = tape.becomes(self.campaign, self.now - self.late)
        self.remember(tape.hear(fact, self.now, self.late))
        self.sequence = tape.sequence

    def judge(self) -> None:
        pass


def told_again(story) -> None:
    taped = Taped()
    for number in story:
        taped.happens(number)
    for tape in taped.tapes:
        assert told_otherwise(tape.recorded) == []


@settings(max_examples=200)
@given(STORIES)
def test_whatever_happens_every_decision_comes_out_again(story) -> None:
    told_again(story)


def test_long_stories_come_out_again_too() -> None:
    for seed in range(60):
        chance = Random(seed)
        told_again(chance.getrandbits(40) for _ in range(150))
