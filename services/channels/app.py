"""The composition root of channels: one process for every channel, or for some of them."""

from collections.abc import Iterable
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from services.channels.adapters.base import Adapter
from services.channels.adapters.smtp import Envelope, MailServer, SmtpAdapter
from services.channels.adapters.twilio import TwilioAdapter
from services.channels.ailing import BEHIND, ailing, queues
from services.channels.edges import Edge
from services.channels.handlers import KNOWLEDGE, requests_on
from services.channels.mail_in import MailListener
from services.channels.operating import ByHand
from services.channels.pacing import Limit
from services.channels.reconciling import Reconciler
from services.channels.sender import Sender
from services.channels.store import GROUP, METADATA, TABLES
from services.channels.taking import Taking
from services.channels.templates import Templates
from services.channels.webhooks import Webhooks
from shared.bus import Handler, Lanes, Member, make_engine
from shared.clock import Clock
from shared.privacy.vault import Vault
from shared.service import Loop, Service
from shared.settings import Settings
from shared.web import HttpServer
from shared.words import Channel

BY_TWILIO = frozenset({Channel.WHATSAPP, Channel.SMS})
SANDBOX = "sandbox"  # a name without a dot is nobody's on the Internet
INSTALLED = BY_TWILIO | {Channel.EMAIL}


def build(settings: Settings, clock: Clock) -> Service:
    """The service, ready to start.

    Raises ValueError with the remedy when a setting names no channel, or when a provider is not on
    this machine and nobody has said that messages may really leave.
    """
    channels = installed(settings)
    check_destinations(settings, channels)
    engine = make_engine(settings.database_of("channels"))
    vault_engine = make_engine(settings.database_of("vault"))
    master = settings.master_key()
    edge = Edge(engine, clock, Vault(vault_engine, master), master)
    senders = [_sender(settings, edge, channel) for channel in channels]

    def lanes(group: str, handler: Handler) -> Lanes:
        return Lanes(group, TABLES, handler, clock, source="channels")

    groups = [lanes(GROUP, KNOWLEDGE)]
    groups += [lanes(*requests_on(one.taking.channel, one.expect)) for one in senders]
    others = [channel for channel in Channel if channel in INSTALLED.difference(channels)]
    elsewhere = [lanes(*requests_on(channel, _nobody)) for channel in others]

    loops: list[Loop] = [*senders, _web_server(settings, edge)]
    if listed := BY_TWILIO & {*channels}:
        loops.append(Reconciler(edge, listed, _twilio(settings)))
    if Channel.WHATSAPP in channels:
        loops.append(Templates(edge, _twilio(settings)))
    if Channel.EMAIL in channels:
        loops.append(_mail_listener(settings, edge))
    members = [
        Member(group, engine, settings.kafka_url, settings.session_seconds) for group in groups
    ]
    return Service(
        "channels",
        METADATA,
        members,
        loops,
        [engine, vault_engine],
        behind=BEHIND,
        ailing=ailing,
        queues=queues,
        elsewhere=elsewhere,
        routes=ByHand(edge).routes(),
    )


def installed(settings: Settings) -> list[Channel]:
    """The channels of this process, in their usual order."""
    words = settings.channels.replace(",", " ").split()
    if unknown := [word for word in words if word not in INSTALLED]:
        known = ", ".join(sorted(INSTALLED))
        raise ValueError(f"CHANNELS names {unknown[0]!r}, which is none of: {known}.")
    if not words:
        raise ValueError("CHANNELS is empty: name at least one of whatsapp, sms, email.")
    return [channel for channel in Channel if channel in words]


def check_destinations(settings: Settings, channels: Iterable[Channel]) -> None:
    """Nothing leaves this machine by mistake."""
    if settings.live_sends:
        return
    twilio = urlsplit(settings.twilio_url or "https://api.twilio.com").hostname or ""
    for channel in channels:
        host = twilio if channel in BY_TWILIO else settings.smtp_host
        if not _is_ours(host):
            raise ValueError(
                f"{channel} would really send, to {host}: set LIVE_SENDS=on if it shall, or name a "
                "provider on this machine."
            )


def _is_ours(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in {"localhost", SANDBOX}


def _nobody() -> None:
    """The sender of a channel of other processes finds its requests by itself."""


def _sender(settings: Settings, edge: Edge, channel: Channel) -> Sender:
    per_second = {
        Channel.WHATSAPP: settings.whatsapp_per_second,
        Channel.SMS: settings.sms_per_second,
        Channel.EMAIL: settings.email_per_second,
    }[channel]
    adapter: Adapter = _twilio(settings) if channel in BY_TWILIO else _smtp(settings, edge)
    limit = Limit(per_second, timedelta(seconds=1))
    return Sender(edge, Taking(edge, channel, limit), adapter)


def _twilio(settings: Settings) -> TwilioAdapter:
    senders = {Channel.SMS: settings.sms_sender, Channel.WHATSAPP: settings.whatsapp_sender}
    return TwilioAdapter(
        settings.twilio_account,
        settings.twilio_token,
        senders,
        settings.webhooks_public_url,
        settings.twilio_url,
    )


def _smtp(settings: Settings, edge: Edge) -> SmtpAdapter:
    server = MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_tls,
        settings.smtp_user,
        settings.smtp_password,
    )
    envelope = Envelope(
        settings.mail_sender,
        settings.mail_in_domain,
        settings.webhooks_public_url,
        edge.tokens,
        settings.postal_address,
    )
    return SmtpAdapter(server, envelope)


def _web_server(settings: Settings, edge: Edge) -> HttpServer:
    webhooks = Webhooks(edge, settings.twilio_token, settings.webhooks_public_url)
    return HttpServer(webhooks.app(), settings.webhooks_host, settings.webhooks_port, "webhooks")


def _mail_listener(settings: Settings, edge: Edge) -> MailListener:
    return MailListener(
        edge,
        settings.mail_in_host,
        settings.mail_in_port,
        settings.mail_in_domain,
        ours=[settings.mail_sender.rpartition("<")[2].rstrip(">")],
    )
