"""Rounds of a live world: what leaves at once, what waits for its record, and how old the news are."""

import pytest

from dialer.core.commands import Bridge, CallAgent, HangUp, Originate, StartTimer
from dialer.core.records import JournalEntry
from dialer.core.switch_events import LegAnswered, LegsOpen, OriginateRefused
from dialer.errors import ThreadDiedError
from dialer.live.clock import Clock
from dialer.live.rounds import NotRecorded, Recorded
from dialer.live.world import FRESH_S, MAX_WAITING_RECORDS, ROUND_EVENTS, LiveWorld


class Switch:
    """Keeps what it is asked."""

    def __init__(self):
        self.asked = []

    def place(self, command, address):
        self.asked.append((command, address))

    def execute(self, command):
        self.asked.append(command)


class Writer:
    """Keeps rounds and never records them by itself."""

    def __init__(self):
        self.rounds = []
        self.waiting = 0
        self.oldest_unrecorded_at = None

    def submit(self, round_):
        self.rounds.append(round_)


class Live:
    def __init__(self):
        self.clock = Clock()
        self.world = LiveWorld(self.clock)
        self.switch, self.writer = Switch(), Writer()
        self.world.connect(self.writer, self.switch)

    def round(self, *commands):
        """Run one round that leads to these commands."""
        self.world.post(LegAnswered(at=self.clock.now(), leg_id="x-0"))
        self.world.next_round()
        ended = self.world.end_round()
        self.world.execute(commands)
        return ended


CALL = Originate(leg_id="x-1", call_id="x-2", attempt_id="x-3", lead_id=1, trunk="main")
NOTE = JournalEntry(at=0.0, kind="note")


@pytest.fixture
def live():
    return Live()


def refusals(events):
    return [(event.leg_id, event.reason) for event in events if isinstance(event, OriginateRefused)]


def test_a_bridge_leaves_at_once(live):
    bridge = Bridge(call_id="c", customer_leg="x-1", agent_leg="x-9")
    live.round(NOTE, bridge)
    assert live.switch.asked == [bridge]


def test_what_a_run_begins_with_is_forgotten_elsewhere_only_once_it_is_on_record(live):
    told = []
    live.world.begin_with([LegAnswered(at=0.0, leg_id="x-0")], on_record=lambda: told.append("it is"))
    live.world.next_round()
    live.world.end_round()
    live.world.execute([NOTE])
    live.world.post(NotRecorded(rounds=(1,)))
    live.round(NOTE)
    assert told == []
    for number in (1, 2):
        live.world.post(Recorded(round=number, addresses={}, refused={}))
        live.round()
    assert told == ["it is"]


def test_a_dead_thread_ends_the_run_with_an_error_that_names_it(live):
    live.world.fail("writer", ValueError("a bug"))
    with pytest.raises(
        ThreadDiedError, match=r"the writer thread died .*ValueError: a bug.*start the run again"
    ):
        live.world.next_round()


def test_a_call_leaves_once_its_round_is_recorded_with_its_address(live):
    live.round(NOTE, CALL)
    assert live.switch.asked == []
    live.world.post(Recorded(round=1, addresses={"x-1": "+12125550100"}, refused={}))
    live.world.post(LegAnswered(at=0.0, leg_id="x-0"))
    live.world.next_round()
    assert live.switch.asked == [(CALL, "+12125550100")]


def test_a_call_of_a_later_round_waits_on(live):
    live.round(NOTE)
    live.round(NOTE, CALL)
    live.world.post(Recorded(round=1, addresses={}, refused={}))
    live.world.post(LegAnswered(at=0.0, leg_id="x-0"))
    live.world.next_round()
    assert live.switch.asked == []


def test_a_call_that_storage_refuses_comes_back_as_an_event(live):
    live.round(NOTE, CALL)
    live.world.post(Recorded(round=1, addresses={}, refused={"x-1": "do_not_call"}))
    assert refusals(live.world.next_round()) == [("x-1", "do_not_call")]
    assert live.switch.asked == []


def test_a_failed_commit_cancels_the_calls_that_waited_for_it(live):
    live.round(NOTE, CALL)
    live.world.post(NotRecorded(rounds=(1,)))
    assert refusals(live.world.next_round()) == [("x-1", "not_recorded")]
    live.world.post(Recorded(round=1, addresses={"x-1": "+12125550100"}, refused={}))
    live.world.post(LegAnswered(at=0.0, leg_id="x-0"))
    live.world.next_round()
    assert live.switch.asked == []


def test_a_call_hung_up_before_it_left_never_leaves(live):
    live.round(NOTE, CALL)
    live.round(HangUp(leg_id="x-1"))
    assert refusals(live.world.next_round()) == [("x-1", "withdrawn")]
    assert live.switch.asked == []


def test_an_agents_phone_waits_for_its_record_too(live):
    live.round(NOTE, CallAgent(leg_id="x-4", agent_id=1))
    assert live.switch.asked == []


def test_a_timer_wakes_the_world(live):
    live.round(StartTimer(timer_id="pace", generation=3, due_at=live.clock.now() + 0.01))
    (fired,) = live.world.next_round()
    assert (fired.timer_id, fired.generation) == ("pace", 3)


def test_time_never_decreases(live):
    now = live.clock.now()
    live.world.post(LegAnswered(at=now + 1, leg_id="a"))
    live.world.post(LegAnswered(at=now, leg_id="b"))
    assert [event.at for event in live.world.next_round()] == [now + 1, now + 1]


def test_a_round_takes_a_bounded_number_of_events(live):
    for _ in range(ROUND_EVENTS + 10):
        live.world.post(LegAnswered(at=live.clock.now(), leg_id="a"))
    assert len(live.world.next_round()) == ROUND_EVENTS
    assert len(live.world.next_round()) == 10


def test_the_lag_is_the_age_of_the_oldest_round_that_is_not_recorded(live):
    live.writer.oldest_unrecorded_at = live.clock.now() - 5
    assert live.round().lag_s == pytest.approx(5, abs=1)


def test_too_many_waiting_records_stop_new_work(live):
    live.writer.waiting = MAX_WAITING_RECORDS + 1
    assert live.world.busy
    assert live.round().lag_s > 1e6


def test_legs_that_wait_for_their_record_are_open_too(live):
    live.round(NOTE, CALL)
    live.world.post(LegsOpen(at=live.clock.now(), legs=("x-7",)))
    (news,) = live.world.next_round()
    assert news.legs == ("x-7", "x-1")


def test_an_old_list_of_open_legs_is_not_believed(live):
    live.world.post(LegsOpen(at=live.clock.now() - 2 * FRESH_S, legs=()))
    live.world.post(LegAnswered(at=live.clock.now(), leg_id="x-0"))
    assert [type(event) for event in live.world.next_round()] == [LegAnswered]
