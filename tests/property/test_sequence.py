"""Whatever comes, in whatever order: the promises of a sequence hold."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.happenings import play, play_seeded

STORIES = st.lists(st.integers(0, 2**40), min_size=1, max_size=60)


@settings(max_examples=300)
@given(STORIES)
def test_whatever_happens_the_promises_hold(story) -> None:
    play(story)


def test_long_stories_hold_too() -> None:
    play_seeded(stories=200, length=150)
