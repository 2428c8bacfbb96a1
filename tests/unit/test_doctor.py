"""Every fault that the doctor knows of this machine and of the world, provoked and mended."""

import json
import os
import shlex
import smtplib
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from datetime import timedelta

import dns.resolver
import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from typer.testing import CliRunner

from rekindle.__main__ import app
from rekindle.doctor import machine, outside
from rekindle.doctor.patient import Fault, NotAskedError, Patient
from rekindle.engines import EngineError
from shared.clock import utc_now
from shared.privacy.master import make_key
from shared.settings import Settings
from tests.compose import ROOT

STARTED_SECONDS_MAX = 60
IN_TMP = "/tmp/sandbox"  # noqa: S108  what the remedy says
LIVE = {
    "live_sends": True,
    "twilio_url": "",
    "webhooks_public_url": "https://hooks.studio.example",
    "mail_in_domain": "reply.studio.example",
    "mail_sender": "Studio <ai@studio.example>",
}


@pytest.fixture
def patient(tmp_path, monkeypatch):
    """`patient(setting=…)`, with a good key."""
    monkeypatch.chdir(tmp_path)
    make_key(tmp_path / "master.key")

    def make(*, named=True, serving=False, **settings):
        settings = {"master_key_file": tmp_path / "master.key", **settings}
        return Patient(Settings(**settings), tmp_path, named, awake=False, serving=serving)

    return make


def only(check, patient) -> Fault:
    [fault] = check(patient)
    return fault


def mend(remedy):
    """Run a remedy as a person would; what it exports is kept."""
    shown = subprocess.run(
        ["/bin/bash", "-ec", f"{remedy}; env -0"], check=True, capture_output=True, text=True
    ).stdout
    return dict(line.split("=", 1) for line in shown.split("\0") if "=" in line)


@contextmanager
def taken():
    with closing(socket.create_server(("127.0.0.1", 0))) as its:
        yield its.getsockname()[1]


def free():
    with taken() as port:
        return port


# -- this machine


def test_another_folder_of_programs_is_forgotten(patient, monkeypatch):
    monkeypatch.setenv("REKINDLE_PG_BIN", "/nowhere")
    fault = only(machine.programs, patient(named=False))
    assert "/nowhere" in fault.what
    assert "REKINDLE_PG_BIN" not in mend(fault.remedy)


def test_a_missing_java_and_missing_jars_are_installed_and_fetched(patient, monkeypatch, tmp_path):
    def no_java():
        raise EngineError("There is no Java.")

    monkeypatch.setattr(machine, "java", no_java)
    monkeypatch.setattr(machine, "default_cache", lambda: tmp_path)
    remedies = [fault.remedy for fault in machine.programs(patient(named=False))]
    assert remedies == ["make setup", "python -m rekindle.engines"]


def test_a_full_disk_is_told_in_megabytes(patient, monkeypatch):
    usage = type("Usage", (), {"free": 7 * 2**20})
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: usage)
    fault = only(machine.disk, patient())
    assert "7 MB left" in fault.what
    assert "--data" in fault.remedy


def spoil_nothing(file):
    file.unlink()


def spoil_mode(file):
    file.chmod(0o644)


def spoil_text(file):
    file.write_text("no key")


@pytest.mark.parametrize("spoil", [spoil_nothing, spoil_mode, spoil_text])
def test_a_master_key_that_cannot_be_used_is_mended(patient, spoil, tmp_path):
    assert list(machine.keys(patient())) == []
    make_key(tmp_path / "backup")
    spoil(tmp_path / "master.key")
    fault = only(machine.keys, patient())
    mend(fault.remedy.replace("BACKUP", "backup"))
    assert list(machine.keys(patient())) == []


def test_a_port_that_is_taken_gets_another(patient):
    with taken() as port:
        fault = only(machine.ports, patient(webhooks_port=port))
        assert fault.what.startswith("WEBHOOKS_PORT")
        another = int(mend(fault.remedy)["WEBHOOKS_PORT"])
        assert list(machine.ports(patient(webhooks_port=another))) == []
        with pytest.raises(NotAskedError):
            list(machine.ports(patient(webhooks_port=port, serving=True)))


def until_asked(check, patient):
    """The faults up to where it is not asked any further."""
    found = []
    with pytest.raises(NotAskedError):
        found.extend(iter_into(check(patient), found))
    return found


def iter_into(faults, found):
    for fault in faults:
        found.append(fault)
    return []


def test_a_clock_for_trying_out_is_told(patient, monkeypatch):
    monkeypatch.setenv("CLOCK", "scaled:2026-01-01@9@2026-01-01")
    [clock] = until_asked(machine.clock, patient(clock=os.environ["CLOCK"]))
    assert "CLOCK" not in mend(clock.remedy)
    assert until_asked(machine.clock, patient(clock="wall")) == []


def test_a_clock_that_is_wrong_is_told(patient, monkeypatch):
    @contextmanager
    def answering(*_):
        yield type("Tx", (), {"scalar": lambda *_: utc_now() + timedelta(minutes=1)})()

    monkeypatch.setattr(machine, "answering", answering)
    monkeypatch.setattr(Patient, "ask_engines", lambda _: None)
    fault = only(machine.clock, patient())
    assert "differ by 60 s" in fault.what
    assert fault.remedy == "sudo timedatectl set-ntp true"


# -- the world outside


def answers(monkeypatch, status):
    """Every address answers so."""
    asked = []

    def get(url, **_):
        asked.append(url)
        return httpx.Response(status)

    monkeypatch.setattr(outside.httpx, "get", get)
    return asked


def test_a_channel_that_there_is_not_is_told(patient):
    fault = only(outside.providers, patient(channels="fax"))
    assert mend(fault.remedy)["CHANNELS"] == "email sms whatsapp"


def test_a_provider_elsewhere_needs_a_word_that_messages_may_leave(patient, monkeypatch):
    answers(monkeypatch, 200)
    its = {"channels": "sms", "twilio_url": ""}
    fault = only(outside.providers, patient(**its))
    assert "would really send, to api.twilio.com" in fault.what
    its["live_sends"] = mend(fault.remedy)["LIVE_SENDS"]
    assert list(outside.providers(patient(**its))) == []


@pytest.mark.parametrize(
    ("status", "words"), [(401, "does not know TWILIO_ACCOUNT"), (500, "answers 500")]
)
def test_a_provider_that_refuses_us_is_told(patient, monkeypatch, status, words):
    answers(monkeypatch, status)
    assert words in only(outside.providers, patient(channels="sms")).what


@pytest.mark.parametrize(
    ("host", "live", "remedy"),
    [
        ("127.0.0.1", True, "curl --verbose"),
        ("sandbox", False, "docker compose --profile sandbox up"),
    ],
)
def test_a_provider_that_is_not_there_is_told(patient, host, live, remedy):
    its = patient(channels="sms", twilio_url=f"http://{host}:{free()}", live_sends=live)
    fault = only(outside.providers, its)
    assert fault.what.endswith("does not answer (ConnectError)")
    assert fault.remedy.startswith(remedy)


def test_a_sandbox_that_does_not_run_is_started_by_the_remedy(patient, tmp_path):
    api, smtp = free(), free()
    its = patient(twilio_url=f"http://127.0.0.1:{api}", smtp_port=smtp)
    twilio, mail = outside.providers(its)
    assert twilio.remedy == mail.remedy
    words = shlex.split(twilio.remedy.replace(IN_TMP, str(tmp_path)))
    assert words[0] == "python"
    sandbox = subprocess.Popen([sys.executable, *words[1:]], cwd=ROOT)
    try:
        end = time.monotonic() + STARTED_SECONDS_MAX
        while faults := list(outside.providers(its)):
            assert time.monotonic() < end, faults
    finally:
        sandbox.terminate()
        sandbox.wait(STARTED_SECONDS_MAX)


class Mail(Controller):
    """A mail server that knows nobody and speaks no TLS."""

    def __init__(self):
        super().__init__(
            object(), "127.0.0.1", port=free(), auth_require_tls=False,
            authenticator=lambda *_: AuthResult(success=False, handled=False),
        )  # fmt: skip


@pytest.fixture
def mail():
    server = Mail()
    server.start()
    yield {"channels": "email", "smtp_port": server.port}
    server.stop()


def test_a_mail_server_that_answers_is_well(patient, mail):
    assert list(outside.providers(patient(**mail))) == []


def test_a_mail_server_that_knows_us_not_is_told(patient, mail):
    fault = only(outside.providers, patient(**mail, smtp_user="ann", smtp_password="wrong"))
    assert "does not know SMTP_USER" in fault.what
    assert mend(fault.remedy)["SMTP_USER"]


def test_a_mail_server_without_starttls_is_told(patient, mail):
    fault = only(outside.providers, patient(**mail, smtp_tls="starttls"))
    assert "offers no STARTTLS" in fault.what
    assert mend(fault.remedy)["SMTP_TLS"] == "tls"


def test_a_mail_server_that_is_not_there_is_told(patient):
    fault = only(outside.providers, patient(channels="email", smtp_port=free()))
    assert "does not answer as a mail server" in fault.what


def test_a_mail_server_that_breaks_off_is_told(patient, monkeypatch):
    def break_off(*_, **__):
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(smtplib, "SMTP", break_off)
    fault = only(outside.providers, patient(channels="email"))
    assert "SMTPServerDisconnected" in fault.what


def test_a_public_address_without_https_is_told_once_messages_leave(patient):
    fault = only(outside.webhooks, patient(**LIVE | {"webhooks_public_url": "http://a.example"}))
    assert "need https" in fault.what
    assert mend(fault.remedy)["WEBHOOKS_PUBLIC_URL"].startswith("https://")


def test_a_public_address_that_leads_nowhere_or_elsewhere_is_told(patient, monkeypatch):
    its = patient(webhooks_public_url=f"http://127.0.0.1:{free()}", serving=True)
    assert "is not reached from here" in only(outside.webhooks, its).what
    asked = answers(monkeypatch, 404)
    assert "leads elsewhere" in only(outside.webhooks, its).what
    assert asked == [f"{its.settings.webhooks_public_url}/healthz"]
    answers(monkeypatch, 200)
    assert list(outside.webhooks(its)) == []


RECORDS = {
    ("reply.studio.example", "MX"): ["10 hooks.studio.example."],
    ("studio.example", "TXT"): ['"v=spf1 mx -all"'],
    ("_dmarc.studio.example", "TXT"): ['"v=DMARC1; p=quarantine"'],
}


def names(monkeypatch, known):
    def resolve(name, kind, **_):
        if (name, kind) not in known:
            raise dns.resolver.NXDOMAIN
        return known[name, kind]

    monkeypatch.setattr(dns.resolver, "resolve", resolve)


@pytest.mark.parametrize("missing", RECORDS, ids=str)
def test_a_missing_record_of_the_mail_domain_is_told_with_the_record(patient, monkeypatch, missing):
    names(monkeypatch, RECORDS)
    assert list(outside.mail_domain(patient(**LIVE))) == []
    names(monkeypatch, {key: value for key, value in RECORDS.items() if key != missing})
    fault = only(outside.mail_domain, patient(**LIVE))
    assert fault.what.startswith(missing[0].removeprefix("_dmarc."))
    name, kind = missing
    assert f"update add {name} 3600 {kind}" in fault.remedy


def test_without_a_name_server_nothing_is_said_of_names(patient, monkeypatch):
    def nobody(*_, **__):
        raise dns.resolver.LifetimeTimeout(timeout=1, errors=[])

    monkeypatch.setattr(dns.resolver, "resolve", nobody)
    with pytest.raises(NotAskedError, match="no name server answers"):
        list(outside.mail_domain(patient(**LIVE)))


# -- the command


@pytest.mark.parametrize("faults", [0, 1])
def test_the_command_says_what_is_wrong_and_how_to_mend_it(monkeypatch, faults, tmp_path):
    def ports(_):
        yield from [Fault("port 1 is taken", "export A=2")] * faults

    def names(_):
        raise NotAskedError("nothing leaves")
        yield

    monkeypatch.setattr("rekindle.doctor.examining.CHECKS", {"ports": ports, "names": names})
    words = ["doctor", "--data", str(tmp_path)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == faults
    assert ("→ export A=2" in done.stdout) == bool(faults)
    assert "not asked (nothing leaves)" in done.stdout
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == faults
    assert [one["state"] for one in json.loads(done.stdout)["checks"]] == [
        "ill" if faults else "well",
        "not asked",
    ]
