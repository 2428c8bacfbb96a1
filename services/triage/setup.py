"""What the sender has set up, of what the contact rules ask for before a channel may be used."""

from services.triage.permission import BALANCED
from shared.rules.loading import Rules
from shared.settings import Settings

IN_EACH_MAIL = ("email_unsubscribe",)  # a link, and the headers of one click
WITH_AN_ADDRESS = ("email_postal_address", "casl_identity_and_unsubscribe")


def set_up(settings: Settings, rules: Rules) -> tuple[str, ...]:
    """The preconditions that are met, sorted.

    A sender that talks to this machine only meets them all: there is nobody to register with.
    Raises ValueError for a name that is no precondition.
    """
    named = settings.set_up.split()
    known = (*rules.preconditions, BALANCED)
    if unknown := sorted(set(named) - set(known)):
        sentence = f"SET_UP names {', '.join(unknown)}. There are: {', '.join(sorted(known))}."
        raise ValueError(sentence)
    if not settings.live_sends:
        return tuple(sorted({*named, *rules.preconditions}))
    addressed = WITH_AN_ADDRESS if settings.postal_address else ()
    return tuple(sorted({*named, *IN_EACH_MAIL, *addressed}))
