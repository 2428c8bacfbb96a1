"""What channels hears, by consumer group.

channels            what all gateways know: contacts, campaigns, wishes, and their own words
channels.<channel>  what is to be said there
"""

from collections.abc import Callable

from services.channels.campaigns import Campaigns
from services.channels.contacts import Contacts
from services.channels.heeding import Outcomes, Readings
from services.channels.rebuilding import OwnList, OwnReplies, OwnTouches
from services.channels.requests import Requests
from services.channels.store import GROUP
from services.channels.touches import Deadlines
from shared.bus import Handler, Several
from shared.words import Channel

KNOWLEDGE: Handler = Several(
    Contacts(),
    Campaigns(),
    Readings(),
    Outcomes(),
    OwnTouches(),
    OwnReplies(),
    OwnList(),
    Deadlines(),
)


def requests_on(channel: Channel, expect: Callable[[], None]) -> tuple[str, Handler]:
    """The group of a channel, and its handler."""
    return f"{GROUP}.{channel}", Requests(channel, expect)
