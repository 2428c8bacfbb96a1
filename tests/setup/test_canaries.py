"""A demo with customers whose names cannot be met by chance: they are met where they may be only.

The same demo tells a collector its spans: one trace leads from a row to the provider's id.
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from rekindle.engines import Engines, clear
from sandbox.exports import TODAY, Export, as_csv
from services.crm_sync.records import open_source
from shared.ids import NOBODY
from shared.privacy.master import read_key
from tests.collector import Collector, attributes, collector

SEED, DAYS, PEOPLE = 7, 2, 60
NAME, SURNAME, DOMAIN = "Vexolotl", "Quorvaxil", "ulmbrigg-mail.example"
SECRET = "canary-of-a-token-51d0"
# As `python -m rekindle`, but with the log of a service: lines of JSON, from the level of news on.
PLAY = "from shared import logs; logs.as_json('demo'); from rekindle.__main__ import main; main()"
pytestmark = pytest.mark.timeout(400)
# The world's own files, the bundle, the key itself, PostgreSQL's programs where they are copied.
OPEN_TO_US = ("sandbox", "demo", "master.key", "programs")


@dataclass(frozen=True)
class Played:
    """A demo that was played: what it left, what it said, what it told the collector."""

    folder: Path
    csv: Path
    said: str
    told: Collector
    canaries: Mapping[str, str]  # what it is → what to look for

    def sung(self, body: bytes) -> set[str]:
        """Which kinds of canary stand in these bytes, whatever the case."""
        folded = body.lower()
        return {what for what, word in self.canaries.items() if word.lower().encode() in folded}


@pytest.fixture(scope="module")
def played(tmp_path_factory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("canaries")
    csv, data = folder / "list.csv", folder / "data"
    csv.write_bytes(as_csv([renamed(row) for row in Export(11).make()[:PEOPLE]]))
    words = ["demo", str(csv), "--days", str(DAYS), "--seed", str(SEED), "--data", str(data)]
    with collector() as told:
        env = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": told.url,
            "TRACE_SHARE": "1",
            "INTERNAL_TOKEN": SECRET,
        }
        done = subprocess.run(
            [sys.executable, "-c", PLAY, *words],
            env=os.environ | env, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    yield Played(data, csv, done.stdout + done.stderr, told, canaries(csv, data))
    clear(data)


def renamed(row: dict[str, str]) -> dict[str, str]:
    local = row["Email"].partition("@")[0]
    email = f"{local}@{DOMAIN}" if local else ""
    named = {"First Name": NAME, "Last Name": SURNAME, "Company name": f"{SURNAME} Studio"}
    return row | named | {"Email": email}


def canaries(csv: Path, data: Path) -> dict[str, str]:
    key = read_key(data / "master.key")
    rows = open_source(csv, region="US", hasher=key.hasher(NOBODY), today=TODAY)
    numbers = {record.number.e164 for record in rows if record.number}
    return {
        "name": NAME,
        "surname": SURNAME,
        "mailbox": DOMAIN,
        "token": SECRET,
        "provider's token": key.token("sandbox")[:32],
        "master key": (data / "master.key").read_text().strip(),
        **{f"number {number}": number[2:] for number in numbers},
    }


def files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file())


def homes(data: Path) -> list[Path]:
    """The folder of the data, and that of PostgreSQL where it lies elsewhere."""
    elsewhere = data / "postgres" / "home"
    return [data, Path(elsewhere.read_text())] if elsewhere.exists() else [data]


def dumped(url: str) -> Iterator[tuple[str, bytes]]:
    """Every value of every table in the database, as text; with the table's name."""
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as tx:
        inspector = sa.inspect(tx)
        for schema in set(inspector.get_schema_names()) - {"information_schema"}:
            for table in inspector.get_table_names(schema):
                for row in tx.execute(sa.text(f'select * from "{schema}"."{table}"')):
                    values = [v if isinstance(v, bytes) else str(v).encode() for v in row]
                    yield f"{schema}.{table}", b" ".join(values)


def test_the_canaries_sing_where_they_may(played) -> None:
    """So those who look for them elsewhere would find them."""
    transcripts = b"".join(its.read_bytes() for its in files(played.folder / "demo"))
    assert {"name", "surname"} <= played.sung(transcripts)
    assert any(what.startswith("number") for what in played.sung(transcripts))
    assert {"mailbox", "name", "surname"} <= played.sung(played.csv.read_bytes())
    assert (played.folder / "demo").stat().st_mode & 0o777 == 0o700
    assert (played.folder / "master.key").stat().st_mode & 0o777 == 0o600


def test_no_file_of_the_data_holds_a_customer_or_a_secret(played) -> None:
    """The topics' files, the database's with its log of changes, and what the engines logged."""
    looked, found = set(), {}
    for home in homes(played.folder):
        for file in files(home):
            if file.relative_to(home).parts[0] in OPEN_TO_US:
                continue
            looked |= {file.name, file.suffix}
            if sung := played.sung(file.read_bytes()):
                found[str(file.relative_to(home))] = sung
    assert {".log", "PG_VERSION"} <= looked  # what Kafka calls a topic's file; the database's own
    assert found == {}


def test_no_row_of_the_database_holds_a_customer_or_a_secret(played) -> None:
    with Engines(played.folder) as engines:
        rows = list(dumped(engines.database_url))
    assert {"channels.touch", "crm_sync.source_record", "agent.inbox"} <= {name for name, _ in rows}
    assert {name: sung for name, row in rows if (sung := played.sung(row))} == {}


def test_no_log_line_and_no_span_holds_a_customer_or_a_secret(played) -> None:
    assert played.sung(played.said.encode()) == set()
    assert len(played.told.spans()) > PEOPLE
    assert played.sung(b"".join(played.told.bodies)) == set()


def test_the_log_is_lines_of_json(played) -> None:
    logged = [line for line in played.said.splitlines() if line.startswith("{")]
    assert {json.loads(line)["level"] for line in logged} <= {"info", "warning"}
    assert any(json.loads(line)["logger"] == "shared.web" for line in logged)


def test_one_trace_leads_from_the_row_to_the_providers_id(played) -> None:
    traces = defaultdict(dict)
    for service, span in played.told.spans():
        traces[span.trace_id.hex()][span.span_id] = service, span
    calls = [
        (trace, span)
        for trace in traces.values()
        for _, span in trace.values()
        if "rekindle.provider_id" in attributes(span.attributes)
    ]
    assert calls
    for trace, span in calls:
        way = [span]
        while way[-1].parent_span_id:
            way.append(trace[way[-1].parent_span_id][1])
        assert way[-1].name == "import row"
    services = {service for trace, _ in calls for service, _ in trace.values()}
    assert services >= {"crm_sync", "triage", "orchestrator", "channels", "agent", "booking"}


def test_no_span_of_a_contact_hangs_in_the_air(played) -> None:
    spans = [span for _, span in played.told.spans()]
    known = {(span.trace_id, span.span_id) for span in spans}
    lost = [
        s.name for s in spans if s.parent_span_id and (s.trace_id, s.parent_span_id) not in known
    ]
    assert lost == []
