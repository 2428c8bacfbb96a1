"""What a deployment may set, with its default and its unit. Names are environment variables."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url

from shared.clock import Clock, clock_from
from shared.privacy.master import MasterKey, read_key
from shared.privacy.vault import Vault


class SettingsError(ValueError):
    """A variable of the environment has a value that it cannot have; the sentence names it."""


def _sentence(place: tuple[int | str, ...], why: str) -> str:
    why = why.removeprefix("Value error, ")
    return f"{str(place[0]).upper()} cannot be: {why}." if place else f"{why}."


def _postgres(text: str) -> str:
    """Empty, or the URL of a PostgreSQL."""
    try:
        known = not text or make_url(text).get_backend_name() == "postgresql"
    except sa.exc.ArgumentError:
        known = False
    if not known:
        raise ValueError("it must look like postgresql+psycopg://ROLE:PASSWORD@HOST/DATABASE")
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("it is no time zone such as Europe/Vilnius") from error
    return name


def _address(text: str) -> str:
    """Empty, or the address of a server."""
    if text and not text.startswith(("http://", "https://")):
        raise ValueError("it must look like http://HOST:PORT")
    return text


Address = Annotated[str, AfterValidator(_address)]
Port = Annotated[int, Field(ge=0, le=65535)]
DatabaseUrl = Annotated[str, AfterValidator(_postgres)]


class Settings(BaseSettings):
    """One process's settings; every service reads the same ones."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    kafka_url: str = "127.0.0.1:9092"
    database_url: DatabaseUrl = "postgresql+psycopg://postgres:@127.0.0.1/postgres"
    vault_url: DatabaseUrl = ""  # default: the same server, the role `vault`
    crm_sync_database_url: DatabaseUrl = ""  # default, here and below: the same server, an own role
    triage_database_url: DatabaseUrl = ""
    orchestrator_database_url: DatabaseUrl = ""
    channels_database_url: DatabaseUrl = ""
    agent_database_url: DatabaseUrl = ""
    booking_database_url: DatabaseUrl = ""
    console_database_url: DatabaseUrl = ""
    master_key_file: Path = Path("master.key")
    internal_token: str = ""  # shared by services; default: follows from the master key
    internal_host: str = "127.0.0.1"  # where a process is asked about its health, and for repairs
    internal_port: Port = 0  # 0: the system chooses, and the log says which
    internal_urls: str = ""  # where `rekindle` finds these; `{service}` stands for each service
    clock: str = "wall"
    otel_exporter_otlp_endpoint: Address = ""  # a collector for traces (OTLP/HTTP); empty: none
    trace_share: float = Field(default=0.01, ge=0, le=1)  # of all contacts, from row to message
    session_seconds: float = Field(default=10.0, gt=0)  # until a dead member's lanes move on
    console_host: str = "127.0.0.1"
    console_port: Port = 8700
    calendar_zone: Annotated[str, AfterValidator(_zone)] = "Europe/Vilnius"  # the founder's
    calendar_opens_hour: int = Field(default=9, ge=0, le=23)
    calendar_closes_hour: int = Field(default=17, ge=1, le=24)
    call_minutes: int = Field(default=30, gt=0)

    channels: str = "whatsapp sms email"  # what this process of channels sends and hears
    live_sends: bool = False  # without it gateways talk to this machine only
    set_up: str = ""  # preconditions of the contact rules that the sender meets, by id
    postal_address: str = ""  # the sender's, at the foot of each mail
    webhooks_host: str = "127.0.0.1"
    webhooks_port: Port = 8710
    webhooks_public_url: str = "http://127.0.0.1:8710"  # as providers and readers reach it
    twilio_url: str = "http://127.0.0.1:8720"  # a sandbox; empty for Twilio itself
    twilio_account: str = "AC" + "0" * 32
    twilio_token: str = Field(default="sandbox", repr=False)
    sms_sender: str = "+15005550006"
    whatsapp_sender: str = "+15005550010"
    smtp_host: str = "127.0.0.1"
    smtp_port: Port = 8725
    smtp_tls: Literal["off", "starttls", "tls"] = "off"
    smtp_user: str = ""
    smtp_password: str = Field(default="", repr=False)
    mail_sender: str = "AI assistant <assistant@rekindle.example>"
    mail_in_host: str = "127.0.0.1"
    mail_in_port: Port = 8726
    mail_in_domain: str = "reply.rekindle.example"  # of reply and unsubscribe addresses
    sms_per_second: int = Field(default=10, gt=0)  # what a sender may send
    whatsapp_per_second: int = Field(default=40, gt=0)
    email_per_second: int = Field(default=20, gt=0)

    def __init__(self, **given: Any) -> None:  # noqa: ANN401  pydantic checks each
        """Raises SettingsError; values are not repeated, for they may be secrets."""
        try:
            super().__init__(**given)
        except ValidationError as error:
            faults = error.errors(include_input=False, include_url=False, include_context=False)
            told = [_sentence(one["loc"], one["msg"]) for one in faults]
            told.append("`.env.example` lists all settings with their units.")
            raise SettingsError(" ".join(told)) from None

    @model_validator(mode="after")
    def _some_hours_are_left(self) -> Self:
        if self.calendar_opens_hour >= self.calendar_closes_hour:
            raise ValueError("CALENDAR_OPENS_HOUR must be before CALENDAR_CLOSES_HOUR")
        return self

    def database_of(self, service: str) -> str:
        """The URL of one service's database, or the vault's, as that service's own role."""
        name = "vault_url" if service == "vault" else f"{service}_database_url"
        if given := str(getattr(self, name)):
            return given
        url = make_url(self.database_url).set(username=service)
        return url.render_as_string(hide_password=False)

    def master_key(self) -> MasterKey:
        """Raises MasterKeyError with the remedy when there is none."""
        return read_key(self.master_key_file)

    def make_vault(self) -> Vault:
        """The vault of contact keys. Its caller owns the engine, and disposes of it."""
        engine = sa.create_engine(self.database_of("vault"), pool_size=2)
        return Vault(engine, self.master_key())

    def token(self) -> str:
        """What services show one another, and `rekindle` shows console."""
        return self.internal_token or self.master_key().token("internal")

    def make_clock(self) -> Clock:
        """Raises ValueError with a sentence when the setting names no clock."""
        return clock_from(self.clock)
