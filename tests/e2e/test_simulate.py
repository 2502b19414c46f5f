"""`dialer simulate` as it is installed: processes, files, an interrupt, and a campaign's history."""

import os
import signal

import pytest

from tests.stores import wait_until

SMALL = "agents = 4\nhours = 0.25\nwarm_up_min = 1\n"


def test_a_scenario_is_simulated_by_two_processes(dialer):
    file = dialer.write("small.toml", SMALL)
    modes = ("--seeds", "2", "--compare", "progressive,ratio:2")
    files = ("--plot", "days.svg", "--calls", "c.csv")
    said = dialer("simulate", file, "--jobs", "2", "--json", *modes, *files, within_s=270)
    assert said.code == 0, said
    assert [mode["days_over_limit"]["days"] for mode in said.json["modes"]] == [2, 2]
    assert (dialer.directory / "days.svg").stat().st_size > 10_000
    assert (dialer.directory / "c.csv").read_text().startswith("mode,seed,campaign,lead,dialed_at,")


@pytest.fixture
def interrupts():
    """Let commands hear of an interrupt, even where these tests were started to ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interrupts")
def test_an_interrupt_keeps_the_days_that_are_done(dialer):
    folder = dialer.directory / "temporary"
    folder.mkdir()
    dialer.environment["TMPDIR"] = str(folder)
    file = dialer.write("small.toml", SMALL)
    started = dialer.start("simulate", file, "--jobs", "2", "--seeds", "100000", "--calls", "c.csv")
    # Each day has a file of its own meanwhile, and two are worked on: the ninth is begun once the seventh is done.
    wait_until(lambda: len(list(folder.glob("*/0-*.csv"))) > 8, within_s=150)
    os.kill(started.pid, signal.SIGINT)
    out, err = started.communicate(timeout=120)
    assert (started.returncode, err) == (1, "")
    assert "of 100000 days are done" in out
    assert "utilisation %" in out
    assert (dialer.directory / "c.csv").read_text().count("\n") > 10
    assert list(folder.iterdir()) == []
