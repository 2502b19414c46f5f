"""`dialer pacing serve`, driven by a simulator that knows nothing of the dialer."""

import json
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.judge.model import Floor, Model

HELLO = {"hello": 1, "tick": 0.5, "day_start": 0, "day_end": 3600, "trunk": 0, "target": 0.03}


class Served:
    """The command, asked line by line."""

    def __init__(self, process):
        self.process = process

    def ask(self, line):
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def dial(self, t, agents, calls, events):
        asked = {"t": t, "agents": [list(one) for one in agents], "calls": calls, "events": events}
        return self.ask(asked)["dial"]


@contextmanager
def serving(*, expected=0):
    command = [sys.executable, "-m", "cli", "pacing", "serve"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield Served(process)
        process.stdin.close()
        assert process.wait(timeout=60) == expected, process.stderr.read()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def test_it_keeps_agents_busier_than_one_call_each_and_abandons_few():
    model = Model(agents=10, p=0.25, warm_up_s=1800, day_s=3600)
    with serving() as served:
        assert served.ask(HELLO | {"agents": 10, "day_start": 1800, "day_end": 5400}) == {"ok": 1}
        day = Floor(model, seed=11).run(served)
    # One call for each free agent reaches 71 %, by the renewal formula; 3 % of some 200 answers are 6 +- 5.
    assert day.utilisation > 0.78
    assert day.rate < 0.055


def test_without_an_agent_nothing_is_dialed():
    with serving() as served:
        served.ask(HELLO | {"agents": 3})
        for second in range(5):
            assert served.dial(second, [(0, 10), (4, 5), (0, 1)], [], []) == 0


def test_lines_that_are_taken_are_not_dialed_on():
    with serving() as served:
        served.ask(HELLO | {"agents": 4, "trunk": 3})
        assert served.dial(0, [(1, 0)] * 4, [], [[0, 15, 0, 0, 0]]) == 3
        calls = [[1, 0, 1.0, 1.0], [2, 0, 1.0, 1.0]]
        assert served.dial(1, [(1, 1)] * 4, calls, []) == 1


@pytest.mark.parametrize(
    ("lines", "cause"),
    [
        (['{"hello":1}'], "line 1: Object missing required field `agents`"),
        (['{"hello":1,"agents":1,"tick":1,"day_start":5,"day_end":5}'], "line 1: day_end has to be after"),
        (
            [
                '{"hello":1,"agents":1,"tick":1,"day_start":0,"day_end":5}',
                '{"t":0,"agents":[[1,-1]],"calls":[]}',
            ],
            "line 2: Expected `float` >= 0",
        ),
        ([], "line 1:"),
    ],
)
def test_a_line_that_is_not_understood_ends_it_with_its_number(lines, cause):
    done = subprocess.run(
        [sys.executable, "-m", "cli", "pacing", "serve"],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert cause in done.stderr
