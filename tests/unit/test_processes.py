import os
import subprocess
import sys

import pytest

from tests.processes import Holding, growth, holdings


def held(memory_kb=20_000, threads=4, files=20, pid=1):
    return Holding(pid=pid, role="worker", memory_kb=memory_kb, threads=threads, files=files)


def over_time(**changes):
    """Thirty samples; each change is the value at a sample's place."""
    return [[held(**{name: value(place) for name, value in changes.items()})] for place in range(30)]


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(over_time(), id="nothing changes"),
        pytest.param(over_time(files=lambda place: 20 + place % 7), id="files come and go with calls"),
        pytest.param(
            over_time(memory_kb=lambda place: 20_000 + 3_000 * min(place, 9)), id="it grew at first"
        ),
        pytest.param(over_time(memory_kb=lambda place: 20_000 + 100 * place), id="a little noise"),
        pytest.param(over_time()[:25] + [[held(pid=2, files=90)]] * 5, id="it died and was replaced"),
    ],
)
def test_processes_that_do_not_grow(samples):
    assert growth(samples) == []


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        pytest.param(
            over_time(files=lambda place: 20 + place // 3 + place % 3), "files grew from 24 to 27", id="files"
        ),
        pytest.param(
            over_time(threads=lambda place: 4 + place // 20), "threads grew from 4 to 5", id="threads"
        ),
        pytest.param(
            over_time(memory_kb=lambda place: 20_000 + 300 * place),
            "memory grew from 24350 to 27350 kB",
            id="memory",
        ),
    ],
)
def test_processes_that_hold_ever_more(samples, said):
    assert growth(samples) == [f"worker 1: {said}"]


def test_what_a_process_holds_is_seen():
    words = "print('here', flush=True); input()"
    child = subprocess.Popen(
        [sys.executable, "-c", words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "here\n"
    (seen,) = [one for one in holdings(os.getpid()) if one.pid == child.pid]
    child.communicate("\n")
    assert seen.threads == 1
    assert seen.files >= 3
    assert seen.memory_kb > 100
    assert child.pid not in {one.pid for one in holdings(os.getpid())}
