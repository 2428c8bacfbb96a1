"""One limit per sender, exact in every sliding window, whenever and however much is sent."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.channels.pacing import Limit, kept, send_times

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
MOMENTS = st.integers(0, 5000).map(lambda ms: START + timedelta(milliseconds=ms))
BURSTS = st.lists(st.tuples(MOMENTS, st.integers(0, 12)), max_size=12).map(sorted)


def all_times(bursts, limit):
    """Every send time given, as a sender gives them: remembering only what it keeps."""
    past, times = [], []
    for now, wanted in bursts:
        given_now = send_times(past, now, limit, wanted)
        past = kept([*past, *given_now], limit)
        times += given_now
    return times


@given(BURSTS, st.integers(1, 5))
def test_no_window_of_any_start_holds_more_than_the_limit(bursts, count):
    limit = Limit(count)
    times = all_times(bursts, limit)
    for start in times:
        assert sum(start <= time < start + limit.window for time in times) <= count


@given(BURSTS, st.integers(1, 5))
def test_send_times_are_in_order_and_never_in_the_past(bursts, count):
    times = all_times(bursts, Limit(count))
    assert times == sorted(times)
    asked = [now for now, wanted in bursts for _ in range(wanted)]
    assert all(time >= now for time, now in zip(times, asked, strict=True))


@given(BURSTS, st.integers(1, 5))
def test_nobody_waits_longer_than_the_limit_asks(bursts, count):
    """A time is later than asked only where a full window, or an earlier time, holds it up."""
    limit = Limit(count)
    times = all_times(bursts, limit)
    asked = [now for now, wanted in bursts for _ in range(wanted)]
    for n, (time, now) in enumerate(zip(times, asked, strict=True)):
        held_up = [now]
        if n:
            held_up.append(times[n - 1])
        if n >= count:
            held_up.append(times[n - count] + limit.window)
        assert time == max(held_up)
