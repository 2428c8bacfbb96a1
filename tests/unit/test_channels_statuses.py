"""What a status says, and which of two outweighs the other."""

import pytest

from services.channels.statuses import LOST, MAIL, TWILIO
from shared.words import Delivery


@pytest.mark.parametrize("table", [TWILIO, MAIL])
def test_what_has_arrived_was_not_lost_and_what_was_read_has_arrived(table):
    words = ("sent", "relayed", "failed", "delivered", "read")
    ranks = [table[word].rank for word in words if word in table]
    assert ranks == sorted(set(ranks))


@pytest.mark.parametrize("table", [TWILIO, MAIL])
def test_only_what_was_lost_has_its_rank(table):
    lost = {status.delivery for status in table.values() if status.rank == LOST}
    assert lost == {Delivery.FAILED if table is TWILIO else Delivery.BOUNCED}


@pytest.mark.parametrize("word", ["queued", "accepted", "sending", "scheduled", "no such word", ""])
def test_what_has_yet_to_leave_is_no_news(word):
    assert word not in TWILIO
