"""Spans on their way to a collector, by OpenTelemetry's own exporter (OTLP over HTTP).

Its packages are looked for only where an address is set, so that nobody else pays for them. Export
never holds up work: what does not fit into its queue, or does not leave in time, is lost.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING

from shared.quiet import quieten
from shared.settings import Settings, SettingsError
from shared.telemetry.spans import Link, Span, Take, record, stop

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

SEND_SECONDS_MAX, GOODBYE_SECONDS_MAX = 2.0, 2.0
EVERY_MS = 1000
QUEUE_MAX, BATCH_MAX = 8192, 512  # spans


@contextmanager
def traced(settings: Settings) -> Iterator[None]:
    """Inside, spans go to the collector of the settings, if they name one.

    Raises SettingsError where its packages are missing.
    """
    url = settings.otel_exporter_otlp_endpoint
    if not url:
        yield
        return
    try:
        import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    except ModuleNotFoundError as error:
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed: install the "
            "extra `telemetry`, or leave it empty."
        ) from error
    processor = _processor(url)
    quieten("opentelemetry")
    record(settings.trace_share, _export_by(processor))
    try:
        yield
    finally:
        stop()
        # It tries every batch once more before it ends, however long nobody answers.
        goodbye = Thread(target=processor.shutdown, daemon=True)
        goodbye.start()
        goodbye.join(GOODBYE_SECONDS_MAX)


def _processor(url: str) -> "BatchSpanProcessor":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  see above
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  see above

    exporter = OTLPSpanExporter(f"{url.rstrip('/')}/v1/traces", timeout=SEND_SECONDS_MAX)
    return BatchSpanProcessor(
        exporter,
        max_queue_size=QUEUE_MAX,
        schedule_delay_millis=EVERY_MS,
        max_export_batch_size=BATCH_MAX,
    )


def _export_by(processor: "BatchSpanProcessor") -> Take:
    """Spans in OpenTelemetry's form."""
    from opentelemetry import trace  # noqa: PLC0415  see above
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  see above
    from opentelemetry.sdk.trace import ReadableSpan  # noqa: PLC0415  see above

    taken = trace.TraceFlags(trace.TraceFlags.SAMPLED)

    def context(trace_id: int, span_id: int) -> trace.SpanContext:
        return trace.SpanContext(trace_id, span_id, is_remote=False, trace_flags=taken)

    def link(its: Link) -> trace.Link:
        return trace.Link(context(its.trace, its.span))

    @cache
    def of_service(name: str) -> Resource:
        return Resource({"service.name": name, "service.namespace": "rekindle"})

    def take(span: Span, ended: int) -> None:
        processor.on_end(
            ReadableSpan(
                name=span.name,
                context=context(span.trace, span.id),
                parent=context(span.trace, span.parent) if span.parent else None,
                resource=of_service(span.service),
                attributes=span.attributes,
                links=[link(its) for its in span.links],
                kind=trace.SpanKind[span.kind.upper()],
                start_time=span.began,
                end_time=ended,
            )
        )

    return take
