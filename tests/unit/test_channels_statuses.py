"""What a status says, and which of two outweighs the other."""

import pytest

from services.channels.statuses import LOST, TWILIO, rank_of
from shared.words import Delivery


def test_what_has_arrived_was_not_lost_and_what_was_read_has_arrived():
    ranks = [rank_of(word) for word in ("queued", "sent", "failed", "delivered", "read")]
    assert ranks == sorted(set(ranks))


def test_only_what_was_lost_has_its_rank():
    lost = {word for word in TWILIO if rank_of(word) == LOST}
    assert {TWILIO[word].delivery for word in lost} == {Delivery.FAILED}
    assert lost == {"failed", "undelivered"}


@pytest.mark.parametrize("word", ["queued", "accepted", "sending", "scheduled", "no such word", ""])
def test_what_has_yet_to_leave_is_no_news(word):
    assert rank_of(word) == 0
