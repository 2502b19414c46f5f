"""A run that was recorded replays to the same commands, also over several files."""

import json

import pytest

from dialer.core.settings import PacingMode
from dialer.errors import ConfigError
from dialer.live.log_files import LogFiles
from dialer.replay import replay
from dialer.simulation.floor import FloorSettings, simulate


def record(folder, **settings):
    log = LogFiles(folder, "run", keep=50, file_bytes=settings.pop("file_bytes", 1 << 30))
    simulate(FloorSettings(**settings), log=log)
    log.close()
    return sorted(folder.glob("*.jsonl"))


def test_a_recorded_run_replays_to_the_same_commands(tmp_path):
    (path,) = record(tmp_path, agents=3, leads=60, mode=PacingMode.RATIO, ratio=2.0)
    found = replay(path)
    assert found.difference is None
    assert found.same_code
    assert found.rounds > 100


def test_each_file_of_a_rotated_log_replays_by_itself(tmp_path):
    paths = record(tmp_path, agents=3, leads=100, file_bytes=50_000)
    assert len(paths) > 2
    assert [replay(path).difference for path in paths] == [None] * len(paths)


def test_another_decision_is_found_with_its_place(tmp_path):
    (path,) = record(tmp_path, agents=1, leads=3)
    lines = path.read_bytes().splitlines(keepends=True)
    number = next(n for n, line in enumerate(lines) if n > 3 and b"Originate" in line)
    changed = json.loads(lines[number])
    changed["commands"] = changed["commands"][1:]
    lines[number] = json.dumps(changed).encode() + b"\n"
    path.write_bytes(b"".join(lines))
    assert replay(path).difference.round == number


def test_a_last_line_cut_by_a_kill_is_left_out(tmp_path):
    (path,) = record(tmp_path, agents=1, leads=3)
    path.write_bytes(path.read_bytes()[:-20])
    assert replay(path).difference is None


@pytest.mark.parametrize("content", [b"", b"{}\n", b"nonsense"])
def test_what_is_no_log_is_refused(tmp_path, content):
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"x\.jsonl"):
        replay(path)
