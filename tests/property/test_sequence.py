"""Whatever comes, in whatever order: the promises of a sequence hold."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.surroundings import Surroundings

NUMBERS = st.integers(0, 2**40)
STORIES = st.lists(NUMBERS, min_size=1, max_size=60)


@settings(max_examples=300, deadline=None)
@given(STORIES)
def test_whatever_happens_the_promises_hold(story) -> None:
    surroundings = Surroundings()
    for number in story:
        surroundings.happens(number)


def test_a_hundred_long_stories_hold_too() -> None:
    chance = Random(7)
    for _ in range(100):
        surroundings = Surroundings()
        for _ in range(200):
            surroundings.happens(chance.getrandbits(40))
