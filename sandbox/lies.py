"""How providers lie here: which calls, callbacks and answers go wrong, each by its share.

Whether one message is lied about is drawn from the seed, the lie and the message: the same world
lies in the same places, whatever the order of requests. A share of 1 lies every time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from types import MappingProxyType

# What an API may do with a message instead of saying that it has it.
CALLS: Mapping[str, str] = MappingProxyType(
    {
        "hang": "takes it and never answers",
        "vanish": "takes it, never answers and never speaks of it again",
        "close": "takes it and breaks the connection off",
        "drip": "takes it and answers one byte at a time",
        "garbage": "takes it and answers what nobody can read",
        "stranger": "takes it and answers about somebody else's message",
        "error_after": "takes it and answers 500",
        "error_before": "answers 500 and does not take it",
        "busy": "answers 429, come again in a second",
    }
)
NOT_TAKEN = frozenset({"error_before", "busy"})
MAILS: Mapping[str, str] = MappingProxyType(
    {
        "mail_hang": "takes it and never answers",
        "mail_close": "takes it and breaks the connection off",
    }
)
OTHERS: Mapping[str, str] = MappingProxyType(
    {
        "lost": "no status callback comes",
        "late": "status callbacks come three days later",
        "doubled": "the last status callback comes twice",
        "disordered": "the last status callback comes first",
        "early": "a status callback comes before the answer to the call",
        "contradicted": "the last status callback is followed by its opposite",
        "inbound_doubled": "a customer's message comes twice",
        "inbound_disordered": "what customers said comes in the wrong order",
    }
)
LIES = {**CALLS, **MAILS, **OTHERS}
USUAL: Mapping[str, float] = MappingProxyType({"doubled": 0.05, "disordered": 0.05})


@dataclass
class Lies:
    """Which share of everything is lied about. Without any other word, only what is usual."""

    seed: int
    shares: Mapping[str, float] = field(default_factory=lambda: USUAL)

    def agree(self, shares: Mapping[str, float]) -> None:
        """From now on these. Raises ValueError for a lie that nobody knows."""
        if unknown := sorted(shares.keys() - LIES.keys()):
            raise ValueError(f"{unknown[0]!r} is none of the lies: {', '.join(LIES)}")
        self.shares = {**USUAL, **shares}

    def tells(self, lie: str, about: str) -> bool:
        """Whether this lie is told about this message."""
        return chance(self.seed, "lie", lie, about) < self.shares.get(lie, 0.0)

    def first(self, lies: Mapping[str, str], about: str) -> str:
        """The first of these that is told; empty for the truth."""
        return next((lie for lie in lies if self.tells(lie, about)), "")


def chance(seed: int, *words: str) -> float:
    """The same for the same words: at least 0, below 1."""
    text = "|".join((str(seed), *words))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) / 2**64
