"""The words of one touch: the signed line, filled for this person, as this channel takes them."""

from collections.abc import Mapping
from uuid import UUID

from services.channels.adapters.base import Outgoing
from services.channels.rendering import Filling, check_length, fill, variables
from services.channels.reserving import Go
from services.channels.view import View
from shared.events import Person


def compose(
    view: View,
    go: Go,
    *,
    touch_id: UUID,
    to: str,
    person: Person,
    brief: Mapping[str, str],
    follows: UUID | None,
) -> Outgoing:
    """The message, ready to leave.

    Raises UnfilledError when the line asks for what nobody gave, TooLongError when the channel
    does not carry the text.
    """
    request, line = view.request, go.line
    filling = Filling(
        language=request.language,
        person=person,
        brief=brief,
        fields=request.fields,
        slots=request.slots,
        zones=view.contact.zones if view.contact else (),
    )
    words = filling.words()
    text = fill(line.text, words)
    check_length(request.channel, text)
    return Outgoing(
        touch_id=touch_id,
        channel=request.channel,
        to=to,
        text=text,
        subject=fill(line.subject, words),
        template=go.template,
        variables=variables(line.text, words) if go.template else {},
        follows=follows,
    )
