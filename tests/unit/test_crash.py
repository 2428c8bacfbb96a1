"""A process counts what it passes, ends where it is told to, and leaves its counts behind."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import crash
from shared.crash import POINTS, point, read_points


@pytest.fixture(autouse=True)
def unwatched():
    """Each test watches for itself; afterwards nobody does."""
    yield
    crash.watch({})


def ran(script: str, **environ: str) -> subprocess.CompletedProcess:
    head = "import os\nfrom shared.crash import point, watch\nwatch(os.environ)\n"
    words = [sys.executable, "-c", head + script]
    return subprocess.run(words, env={**os.environ, **environ}, capture_output=True, text=True)  # noqa: PLW1510  the code is what is looked at


def test_a_process_ends_at_the_point_it_is_told_to_and_nothing_after_it_happens():
    script = "import atexit\natexit.register(print, 'bye')\npoint('reserve.before')\nprint('in')\n"
    script += "try:\n    point('reserve.after')\nfinally:\n    print('out')"
    done = ran(script, REKINDLE_CRASH_AT="reserve.after", PYTHONUNBUFFERED="1")
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "in\n")


def test_a_thread_ends_the_whole_process():
    script = "from threading import Thread\nt = Thread(target=point, args=['call.after'])\n"
    script += "t.start()\nt.join()\nprint('alive')"
    done = ran(script, REKINDLE_CRASH_AT="call.after")
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "")


def test_a_process_that_is_told_nothing_passes_every_point():
    assert ran("\n".join(f"point({name!r})" for name in POINTS)).returncode == 0


def test_a_point_that_does_not_exist_is_refused_with_the_names_of_all():
    with pytest.raises(ValueError, match="'resrve' names no point; there are: ") as refusal:
        crash.watch({"REKINDLE_CRASH_AT": "resrve"})
    assert str(refusal.value).endswith(f"{', '.join(POINTS)}.")


def test_a_service_refuses_a_point_that_does_not_exist():
    words = [sys.executable, "-m", "services.booking"]
    its = {**os.environ, "REKINDLE_CRASH_AT": "resrve"}
    done = subprocess.run(words, env=its, capture_output=True, text=True)  # noqa: PLW1510  the code is what is looked at
    assert done.returncode == 1
    assert done.stderr.startswith("REKINDLE_CRASH_AT='resrve' names no point; there are: ")


def test_what_a_process_passed_can_be_read_after_it_was_killed(tmp_path):
    file = tmp_path / "points"
    script = "point('reserve.after', 3)\npoint('settle.after', 1)\npoint('call.before')"
    done = ran(script, REKINDLE_CRASH_AT="call.before", REKINDLE_POINTS_FILE=str(file))
    assert done.returncode == -signal.SIGKILL
    passed = read_points(file)
    assert passed.last == "call.before"
    assert {name: n for name, n in passed.counts.items() if n} == {
        "reserve.after": 3, "settle.after": 1, "call.before": 1,
    }  # fmt: skip
    assert passed.open_touches == 2


def test_a_process_that_begins_anew_counts_anew(tmp_path):
    file = tmp_path / "points"
    for times in (3, 1):
        ran(f"point('publish.before', {times})", REKINDLE_POINTS_FILE=str(file))
        assert read_points(file).counts["publish.before"] == times


def test_nothing_was_passed_where_nothing_was_written(tmp_path):
    passed = read_points(tmp_path / "points")
    assert (passed.last, set(passed.counts.values()), passed.open_touches) == ("", {0}, 0)


def test_where_nothing_is_in_hand_no_boundary_is_passed(tmp_path):
    crash.watch({"REKINDLE_POINTS_FILE": str(tmp_path / "points")})
    point("settle.after", 0)
    assert read_points(tmp_path / "points").last == ""


def test_threads_count_without_losing_one(tmp_path):
    crash.watch({"REKINDLE_POINTS_FILE": str(tmp_path / "points")})
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: point("offset.after"), range(5000)))
    assert read_points(tmp_path / "points").counts["offset.after"] == 5000
