"""How the rows are read: closed sets of words, and figures that stand in sentences.

`data/reading/terms.toml` holds them, so that no code names a place, a state or a channel.
"""

from dataclasses import dataclass

from shared.rules.rows import Names

Words = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlaceTerms:
    """The codes with a meaning of their own."""

    everywhere: str
    elsewhere: str
    unknown_state: Words


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChannelTerms:
    """What channels have in common."""

    names: Names
    counted: Names
    with_call_kinds: Names
    on_a_number: Names
    on_request: Names
    also_counts_as: Words


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Values:
    """What a fact or a column can be."""

    call_kinds: Names
    parties: Names
    customer_states: Names
    line_types: Names
    purposes: Names
    offer_relations: Names
    template_categories: Names
    suppression_scopes: Names


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conduct:
    """Figures of the product's rules."""

    reply_hours: int
    callback_minutes: int
    ended_months: int
    emergency_places: Names
    emergency_lifted_by: Names


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Silence:
    """For how many months a person of a place may have been silent."""

    id: str
    jurisdiction: str
    months: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Terms:
    """All of it. `policies`: which policies a precondition answers."""

    places: PlaceTerms
    channels: ChannelTerms
    values: Values
    conduct: Conduct
    silences: tuple[Silence, ...]
    policies: dict[str, Names]
    counts_as: dict[str, Names]  # a channel whose touches count on others too

    def counted(self, channels: Names) -> frozenset[str]:
        """The channels whose touches count on these: they, and those that count as one of them."""
        also = (name for name, its in self.counts_as.items() if set(its) & set(channels))
        return frozenset((*channels, *also))

    def facets(self, channel: str, call_kind: str | None) -> tuple[tuple[str, str | None], ...]:
        """The channels, each with its kind of call, whose rows bind a touch on this channel."""
        if channel in self.channels.with_call_kinds:
            return ((channel, call_kind),)
        also = self.channels.also_counts_as.get(channel)
        if not also:
            return ((channel, None),)
        name, kind = also.split()
        return ((channel, None), (name, kind))
