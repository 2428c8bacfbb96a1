"""What lies outside: providers, the way their webhooks take to us, and the mail domain's DNS."""

import smtplib
from collections.abc import Iterator
from urllib.parse import urlsplit

import dns.exception
import dns.resolver
import httpx

from rekindle.doctor.patient import Fault, NotAskedError, Patient
from services.channels.app import INSTALLED, SANDBOX, check_destinations, installed
from shared.settings import Settings
from shared.words import Channel

ANSWER_SECONDS_MAX = 10
TWILIO = "https://api.twilio.com"


def providers(patient: Patient) -> Iterator[Fault]:
    """They answer, and know us."""
    settings = patient.settings
    try:
        channels = installed(settings)
    except ValueError as error:
        yield Fault(str(error), f"export CHANNELS='{' '.join(sorted(INSTALLED))}'")
        return
    try:
        check_destinations(settings, channels)
    except ValueError as error:
        yield Fault(str(error), "export LIVE_SENDS=on")
    if set(channels) != {Channel.EMAIL}:
        yield from _twilio(settings)
    if Channel.EMAIL in channels:
        yield from _smtp(settings)


def _twilio(settings: Settings) -> Iterator[Fault]:
    base = settings.twilio_url or TWILIO
    url = f"{base}/2010-04-01/Accounts/{settings.twilio_account}/Messages.json"
    its = (settings.twilio_account, settings.twilio_token)
    nothing = {"To": settings.sms_sender, "From": settings.sms_sender, "PageSize": "1"}
    try:
        answer = httpx.get(url, params=nothing, auth=its, timeout=ANSWER_SECONDS_MAX)
    except httpx.HTTPError as error:
        what = f"{base} does not answer ({type(error).__name__})"
        yield Fault(what, f"curl --verbose {base}" if settings.live_sends else _sandbox(settings))
        return
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        what = f"{base} does not know TWILIO_ACCOUNT with this TWILIO_TOKEN"
        yield Fault(what, "export TWILIO_ACCOUNT=AC… TWILIO_TOKEN=…")
    elif answer.is_error:
        yield Fault(f"{base} answers {answer.status_code}", f"curl --verbose {base}")


def _smtp(settings: Settings) -> Iterator[Fault]:
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    kind = smtplib.SMTP_SSL if settings.smtp_tls == "tls" else smtplib.SMTP
    try:
        with kind(settings.smtp_host, settings.smtp_port, timeout=ANSWER_SECONDS_MAX) as server:
            if settings.smtp_tls == "starttls":
                server.starttls()
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
    except smtplib.SMTPAuthenticationError:
        what = f"{where} does not know SMTP_USER with this SMTP_PASSWORD"
        yield Fault(what, "export SMTP_USER=… SMTP_PASSWORD=…")
    except smtplib.SMTPNotSupportedError:
        yield Fault(
            f"{where} offers no STARTTLS or no sign-in", "export SMTP_TLS=tls SMTP_PORT=465"
        )
    except (smtplib.SMTPException, OSError) as error:
        what = f"{where} does not answer as a mail server ({type(error).__name__})"
        remedy = f"nc -v {settings.smtp_host} {settings.smtp_port}"
        yield Fault(what, remedy if settings.live_sends else _sandbox(settings))


def _sandbox(settings: Settings) -> str:
    """What starts the sandbox that the settings mean: a container, or a process beside us."""
    place = urlsplit(settings.twilio_url)
    if place.hostname == SANDBOX:
        return "docker compose --profile sandbox up --detach sandbox"
    return (
        f"python -m sandbox --seed 0 --clock {settings.clock} --folder /tmp/sandbox "
        f"--token {settings.twilio_token} --port {place.port} --smtp-port {settings.smtp_port} "
        f"--webhooks {settings.webhooks_public_url} --mail-port {settings.mail_in_port}"
    )


def webhooks(patient: Patient) -> Iterator[Fault]:
    """Providers reach us at the public address."""
    settings, url = patient.settings, patient.settings.webhooks_public_url
    if settings.live_sends and urlsplit(url).scheme != "https":
        what = f"WEBHOOKS_PUBLIC_URL={url}: providers and customers need https"
        yield Fault(what, "export WEBHOOKS_PUBLIC_URL=https://…")
        return
    if not patient.serving:
        raise NotAskedError("the services do not run")
    try:
        answer = httpx.get(f"{url}/healthz", timeout=ANSWER_SECONDS_MAX)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        what = f"{url} is not reached from here ({type(error).__name__})"
        yield Fault(what, f"export WEBHOOKS_PUBLIC_URL=http://127.0.0.1:{settings.webhooks_port}")
        return
    if answer.is_error:
        what = f"{url} leads elsewhere: /healthz answers {answer.status_code}"
        yield Fault(what, f"curl --verbose {url}/healthz")


def mail_domain(patient: Patient) -> Iterator[Fault]:
    """Replies find us, and mailboxes believe that we are who we say."""
    settings = patient.settings
    if not settings.live_sends:
        raise NotAskedError("no mail leaves this machine (LIVE_SENDS is off)")
    host = urlsplit(settings.webhooks_public_url).hostname
    replies = settings.mail_in_domain
    if not records(replies, "MX"):
        what = f"{replies} has no MX record: replies and bounces do not arrive"
        yield Fault(what, _added(f"{replies} 3600 MX 10 {host}."))
    sender = settings.mail_sender.rpartition("@")[2].rstrip(">")
    if not records(sender, "TXT", "v=spf1"):
        what = f"{sender} has no SPF record: mailboxes take our mail for forged"
        yield Fault(what, _added(f'{sender} 3600 TXT "v=spf1 mx -all"'))
    if not records(f"_dmarc.{sender}", "TXT", "v=DMARC1"):
        what = f"{sender} has no DMARC record: large mailboxes refuse our mail"
        yield Fault(what, _added(f'_dmarc.{sender} 3600 TXT "v=DMARC1; p=quarantine"'))


def _added(record: str) -> str:
    """The command for a name server that takes updates; elsewhere the record goes in by hand."""
    return f"printf 'update add {record}\\nsend\\n' | nsupdate -k KEY"


def records(name: str, kind: str, start: str = "") -> bool:
    """Whether the name has a record that starts so.

    Raises NotAskedError where no name server answers.
    """
    try:
        found = dns.resolver.resolve(name, kind, lifetime=ANSWER_SECONDS_MAX)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return False
    except dns.exception.DNSException as error:
        raise NotAskedError(f"no name server answers ({type(error).__name__})") from error
    return any(str(record).strip('"').startswith(start) for record in found)
