"""What a list may be worth: the usual arithmetic of reactivation on a founder's own numbers. Pure.

The rates are published ones, named beside each figure; none of them is a promise. A worked example
of the trade has 24 to 60 booked conversations from 5,000 paid customers. A sales representative
costs 7,000 to 12,000 US dollars a month and books 30 to 60 conversations. Broadcast e-mails are
answered by 1 to 3 percent.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rekindle.fitting import paid_customers
from rekindle.listings import Listing, Ref
from rekindle.offline import Judged
from shared.words import Channel, Openness, Verdict

BOOKED = (24 / 5_000, 60 / 5_000)  # conversations a paid customer
DESK_COST = (7_000 / 60, 12_000 / 30)  # US dollars a conversation that a representative books
MAIL_REPLIES = (0.01, 0.03)  # of those who are written to


class Range(NamedTuple):
    """From the cautious to the hopeful figure."""

    low: float
    high: float

    def times(self, low: float, high: float | None = None) -> "Range":
        return Range(self.low * low, self.high * (low if high is None else high))


class Terms(NamedTuple):
    """What the founder says: worth of one expansion a year, how many calls end in one, the fee."""

    value: float
    close_percent: float
    fee: float


class Scenario(NamedTuple):
    """One group of customers, and what may come of writing to them."""

    name: str
    people: Listing
    booked: Range
    worth: Range  # a year
    desk_cost: Range  # of the same conversations, booked by a representative, in US dollars
    fee_each: Range | None  # of each booked conversation; None where there is no fee

    def as_json(self) -> Mapping[str, object]:
        """With the rows that were counted."""
        rows = [int(ref.label) for ref in self.people.refs]
        figures = {name: value for name, value in self._asdict().items() if name != "people"}
        return {**figures, "people": len(rows), "rows": rows}


def scenarios(
    judged: Sequence[Judged], refreshed: Sequence[Judged], terms: Terms
) -> list[Scenario]:
    """Everybody who paid, who may be contacted today, and who could be with a proven consent."""
    paid = {row.row for row, _ in paid_customers(judged)}
    today = {row.row for row, its in judged if its.verdict is Verdict.ADMITTED} & paid
    agreed = {row.row for row, its in refreshed if its.verdict is Verdict.ADMITTED} & paid
    groups = {
        "all paid customers": paid,
        "may be contacted today": today,
        "with a proven consent": today | agreed,
    }
    return [_scenario(n, name, rows, terms) for n, (name, rows) in enumerate(groups.items())]


class Return(NamedTuple):
    """What a campaign may bring, beside what a broadcast e-mail would."""

    terms: Terms
    scenarios: Sequence[Scenario]
    mailed: Listing
    mail_replies: Range

    @property
    def listings(self) -> list[Listing]:
        every = (*(its.people for its in self.scenarios), self.mailed)
        return [listing for listing in every if listing.refs]

    def as_json(self) -> Mapping[str, object]:
        return {
            "terms": self.terms._asdict(),
            "scenarios": [its.as_json() for its in self.scenarios],
            "mailed": self.mailed.count,
            "mail_replies": self.mail_replies,
        }


def return_of(judged: Sequence[Judged], refreshed: Sequence[Judged], terms: Terms) -> Return:
    """The whole calculation."""
    return Return(terms, scenarios(judged, refreshed, terms), *mail_replies(judged))


def mail_replies(judged: Sequence[Judged]) -> tuple[Listing, Range]:
    """Who may be sent an e-mail today, and how many answer a broadcast."""
    rows = {
        row.row
        for row, its in judged
        if its.verdict is Verdict.ADMITTED
        and its.channels[Channel.EMAIL].openness is not Openness.CLOSED
    }
    reached = _listing("mailed", "May be sent an e-mail", rows)
    return reached, Range(reached.count, reached.count).times(*MAIL_REPLIES)


def _scenario(n: int, name: str, rows: set[int], terms: Terms) -> Scenario:
    booked = Range(len(rows), len(rows)).times(*BOOKED)
    fee_each = (
        Range(terms.fee / booked.high, terms.fee / booked.low) if rows and terms.fee else None
    )
    return Scenario(
        name=name,
        people=_listing(f"people-{n}", name.capitalize(), rows),
        booked=booked,
        worth=booked.times(terms.close_percent / 100 * terms.value),
        desk_cost=booked.times(*DESK_COST),
        fee_each=fee_each,
    )


def _listing(id_: str, title: str, rows: set[int]) -> Listing:
    return Listing(id_, title, [Ref(str(row)) for row in sorted(rows)])
