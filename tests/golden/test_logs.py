"""A recorded log still gives the recorded commands."""

from pathlib import Path

import pytest

from dialer.log import read
from dialer.replay import replay

LOGS = sorted((Path(__file__).parents[2] / "fixtures" / "logs").glob("*.jsonl"))


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_a_recorded_log_gives_the_recorded_commands(path):
    found = replay(path)
    assert found.difference is None
    assert found.commands > 100


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_every_kind_of_event_and_command_was_read_back_as_it_was_written(path):
    _, rounds = read(path)
    assert all(logged.events for logged in rounds)


def test_there_are_logs():
    assert LOGS
