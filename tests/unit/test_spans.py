"""Which contacts are recorded, and how their spans are named; without a collector none costs."""

import re
import socket
import subprocess
import sys
import time

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Wire

from shared.ids import named
from shared.settings import Settings, SettingsError
from shared.telemetry import spans
from shared.telemetry.exporting import BATCH_MAX, QUEUE_MAX, SEND_SECONDS_MAX, traced
from shared.telemetry.spans import Link, Span, emit, samples, span_of, traceparent, work_on
from tests.collector import collector

# As long as it takes to wait for every batch of a full queue.
WAITING_SECONDS = QUEUE_MAX / BATCH_MAX * SEND_SECONDS_MAX
PEOPLE = [named("contact", n) for n in range(4000)]


@pytest.fixture
def recorded():
    """`recorded(share)` begins; what is given back grows."""
    taken = []

    def begin(share):
        spans.record(share, lambda span, ended: taken.append((span, ended)))
        return taken

    yield begin
    spans.stop()


def test_nobody_is_recorded_unless_somebody_takes_spans() -> None:
    assert not any(map(samples, PEOPLE))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_the_share_of_contacts_is_recorded(recorded, share) -> None:
    recorded(share)
    assert sum(map(samples, PEOPLE)) / len(PEOPLE) == pytest.approx(share, abs=0.03)


def test_a_smaller_share_is_part_of_a_larger_one(recorded) -> None:
    recorded(0.1)
    few = set(filter(samples, PEOPLE))
    recorded(0.5)
    assert few < set(filter(samples, PEOPLE))


def test_an_event_travels_with_its_subjects_trace_and_its_own_span() -> None:
    contact, event = named("contact", 1), named("event", 1)
    header = traceparent(contact, event)
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", header)
    assert header.split("-")[1:3] == [contact.hex, f"{span_of(event):016x}"]


def test_groups_that_work_on_one_event_have_spans_of_their_own() -> None:
    groups = ("triage", "orchestrator", "channels", "channels.sms", "agent", "booking", "crm_sync")
    works = {work_on(group, event) for group in groups for event in PEOPLE}
    assert len(works) == len(groups) * len(PEOPLE)
    assert not works & set(map(span_of, PEOPLE))
    assert all(0 < its < 2**64 for its in works)


def test_a_span_ends_when_it_is_told(recorded) -> None:
    taken = recorded(1.0)
    emit(Span("triage", "work", "internal", 1, 2, 0, 5, {}))
    [(span, ended)] = taken
    assert (span.name, ended > span.began) == ("work", True)


def test_a_collector_without_the_packages_is_refused_with_the_remedy(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    settings = Settings(otel_exporter_otlp_endpoint="http://127.0.0.1:1")
    with pytest.raises(SettingsError, match="install the extra `telemetry`"), traced(settings):
        pass


@pytest.mark.parametrize("wrong", ["collector:4317", "grpc://collector"])
def test_an_address_that_is_none_is_refused(wrong) -> None:
    with pytest.raises(SettingsError, match="OTEL_EXPORTER_OTLP_ENDPOINT cannot be"):
        Settings(otel_exporter_otlp_endpoint=wrong)


def test_without_a_collector_a_process_does_not_even_load_opentelemetry() -> None:
    code = (
        "import sys\n"
        "from services.channels.app import build\n"
        "from shared.settings import Settings\n"
        "from shared.telemetry.exporting import traced\n"
        "with traced(Settings()): print([name for name in sys.modules if 'telemetry.sdk' in name])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("listens", [True, False])
def test_a_collector_that_does_not_answer_holds_nobody_up(listens, caplog) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1] if listens else 1}"
        began = time.monotonic()
        with traced(Settings(otel_exporter_otlp_endpoint=url, trace_share=1)):
            for n in range(2 * QUEUE_MAX):
                emit(Span("triage", "work", "internal", n + 1, 2, 0, 5, {}))
            told = time.monotonic()
        left = time.monotonic()
    assert told - began < WAITING_SECONDS / 2
    assert left - told < WAITING_SECONDS / 2
    lines = [its.msg for its in caplog.records if its.name.startswith("opentelemetry")]
    assert len(lines) == len(set(lines))  # each kind of line once per while


def test_spans_arrive_as_they_were_told() -> None:
    with collector() as told:
        with traced(Settings(otel_exporter_otlp_endpoint=told.url, trace_share=1)):
            its = Span("triage", "work", "client", 11, 12, 13, 5, {"n": 1}, [Link(21, 22)])
            emit(its)
            emit(its._replace(id=14, parent=0))
        [(service, span), (_, root)] = told.spans()
    numbers = (span.trace_id, span.span_id, span.parent_span_id)
    assert [int.from_bytes(number) for number in numbers] == [11, 12, 13]
    assert (service, span.name, span.kind) == ("triage", "work", Wire.SPAN_KIND_CLIENT)
    assert (root.parent_span_id, span.start_time_unix_nano) == (b"", 5)
    assert int.from_bytes(span.links[0].trace_id) == 21
