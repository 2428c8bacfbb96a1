"""A collector for traces, small enough for a test: it keeps what it is sent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass
class Collector:
    """`url` takes OTLP over HTTP; `bodies` is what came, as it came."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)

    def spans(self) -> list[tuple[str, Span]]:
        """Every span with the name of its service."""
        requests = map(ExportTraceServiceRequest.FromString, self.bodies)
        return [
            (_service(its.resource.attributes), span)
            for request in requests
            for its in request.resource_spans
            for scope in its.scope_spans
            for span in scope.spans
        ]


@contextmanager
def collector() -> Iterator[Collector]:
    its = Collector()

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            its.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    its.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield its
    server.shutdown()
    thread.join()
    server.server_close()


def attributes(of) -> dict[str, str]:
    return {its.key: its.value.string_value for its in of}


def _service(of) -> str:
    return attributes(of)["service.name"]
