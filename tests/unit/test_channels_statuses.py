"""A message's status never goes down, in whatever order it is told."""

from itertools import permutations

import pytest

from services.channels.statuses import news
from shared.words import Delivery


def heard(words):
    """What is told after each of these statuses, in order."""
    rank, told = 0, []
    for word in words:
        if status := news(word, rank):
            rank = status.rank
            told.append(status.delivery)
    return told


@pytest.mark.parametrize("words", list(permutations(["sent", "delivered", "read"])))
def test_the_highest_status_stands_whatever_the_order(words):
    told = heard(words)
    assert told[-1] is Delivery.READ
    assert told == sorted(told, key=[Delivery.SENT, Delivery.DELIVERED, Delivery.READ].index)


def test_a_repeated_status_is_no_news():
    assert heard(["delivered", "delivered", "sent"]) == [Delivery.DELIVERED]


def test_of_two_statuses_that_exclude_one_another_the_first_stands():
    assert heard(["delivered", "undelivered"]) == [Delivery.DELIVERED]
    assert heard(["failed", "delivered"]) == [Delivery.FAILED]


@pytest.mark.parametrize("word", ["queued", "accepted", "sending", "scheduled", "no such word"])
def test_what_has_yet_to_leave_is_no_news(word):
    assert heard([word]) == []
