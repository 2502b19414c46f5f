"""A thread of the run that dies of a bug ends the run: nothing dials on without a record."""

import threading

from dialer.core.states import AgentState
from dialer.core.switch_events import LegAnswered
from telephony.sip.emulator.log import open_legs
from tests.floor import real_floor, wait_until
from tests.integration.sip_site import until

TALKERS = """
[default]
kind = "person"
ring_s = 0.2
talk_s = 3
"""


def test_a_run_whose_writer_dies_hangs_everything_up_and_says_so(tmp_path):
    with real_floor(tmp_path, leads=2, agent_count=1, behaviour=TALKERS) as floor:
        floor.start_run("tests.slow_run")
        floor.log_everybody_in()
        floor.start_campaign()
        wait_until(lambda: AgentState.TALKING in floor.states(), 60, "a talk")
        (tmp_path / "commit-bug").touch()
        floor.run.wait(30)
        assert floor.run.returncode == 1
        assert "the writer thread died" in floor.said()
        wait_until(lambda: not open_legs(floor.carrier_log()), 30, "the end of every leg")


def test_an_adapter_whose_thread_dies_says_so_and_hangs_up_every_leg(site):
    died = threading.Event()
    adapter = site.adapter(died=lambda name, error: died.set())
    adapter.start()
    site.wait_for(LegAnswered, site.call(adapter))
    adapter._exchange.serve_waiting = None
    assert died.wait(30)
    until(lambda: not open_legs(site.carrier.events()))
