"""Whatever is told of a touch, in any order, however often: in the end the same is known."""

from hypothesis import given
from hypothesis import strategies as st

from services.channels.adapters.base import Accepted, NotMade, Refused, Unknown
from services.channels.statuses import TWILIO
from services.channels.touching import ORDER, Late, Standing, State, Told, learn

NAMES = ("SM1", "SM2")
WORDS = ("queued", "sending", "sent", "delivered", "undelivered", "failed", "read", "no such word")

told = st.builds(Told, st.sampled_from(NAMES), st.sampled_from(WORDS).map(TWILIO.get))
answers = st.one_of(
    st.builds(Accepted, st.sampled_from(NAMES)),  # its call, a look-up, or a person
    st.just(Unknown("no answer in time")),  # its call, or its timer
    st.just(Refused("21211")),
    st.just(NotMade("too many requests")),
    st.just(Late()),
)
facts = st.lists(st.one_of(told, answers), max_size=8)


@st.composite
def twice_told(draw):
    """The same facts in two orders, some of them repeated."""
    one = draw(facts)
    more = draw(st.lists(st.sampled_from(one), max_size=6)) if one else []
    return one, draw(st.permutations([*one, *more]))


def known_after(story):
    known = Standing()
    for fact in story:
        known = learn(known, fact)
    return known


@given(twice_told())
def test_the_order_of_what_is_told_and_repetitions_do_not_matter(stories):
    one, other = stories
    assert known_after(one) == known_after(other)


@given(facts, st.one_of(told, answers))
def test_what_is_known_never_shrinks(story, fact):
    before = known_after(story)
    after = learn(before, fact)
    assert ORDER.index(after.state) >= ORDER.index(before.state)
    assert after.status_rank >= before.status_rank
    assert bool(after.provider_id) >= bool(before.provider_id)


@given(facts, st.one_of(told, st.builds(Accepted, st.sampled_from(NAMES))))
def test_what_a_provider_has_is_accepted_whatever_else_is_told(story, proof):
    """So it counts as sent, and stays in the way of the next."""
    assert known_after([*story, proof]).state is State.ACCEPTED


@given(facts)
def test_a_touch_is_accepted_only_when_somebody_said_so(story):
    said = any(isinstance(fact, Told | Accepted) for fact in story)
    assert (known_after(story).state is State.ACCEPTED) == said
