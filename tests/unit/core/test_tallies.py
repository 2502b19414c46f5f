"""The running tally of a campaign: what counts, when, and in which window."""

from collections import Counter

import pytest
from msgspec.structs import replace

from dialer.core.commands import Bridge, StartTimer
from dialer.core.events import AttemptLeftOpen, CallFound, CampaignDefined, RunStarted, TimerFired
from dialer.core.records import AttemptEnded
from dialer.core.rules.abandonment import PERIOD_S, Count, Tally, counts_as
from dialer.core.settings import AbandonWindow, PacingMode
from dialer.core.states import CallState, EndCause
from dialer.core.switch_events import LegEnded, LegsBridged
from dialer.core.workspace import Workspace
from dialer.simulation.behaviour import People
from dialer.simulation.floor import FloorSettings, simulate
from dialer.testing import CAMPAIGN, NOON_IN_NEW_YORK, TRUNK, Script, campaign, lead

DAY_S = 86_400.0
OTHER = replace(campaign(), campaign_id=2)
RATIO = {"mode": PacingMode.RATIO, "ratio": 3.0}


def tally(script):
    return script.engine.workspace.campaigns[CAMPAIGN].tally


def counts(script):
    return tally(script).abandoned, tally(script).connected


def answer(script, call, *, after_s=0.0):
    """Let a call be answered, and joined after a while if an agent is there for it."""
    for ordered in script.all(Bridge, script.answer(call)):
        script.at += after_s
        joined = LegsBridged(at=script.at, customer_leg=ordered.customer_leg, agent_leg=ordered.agent_leg)
        script.tell(joined)


def end(script, call, after_s=0.0):
    script.at += after_s
    script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.CLEARED))


def let_wait_too_long(script):
    timer = [each for each in script.all(StartTimer) if each.timer_id.startswith("connect:")][-1]
    script.tell(TimerFired(at=timer.due_at, timer_id=timer.timer_id, generation=timer.generation))


def test_whoever_is_joined_counts_at_once_and_only_once():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    answer(script, call)
    assert counts(script) == (0, 1)
    end(script, call, 60)
    assert counts(script) == (0, 1)


def test_an_agent_who_comes_too_late_counts_as_none():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    answer(script, call, after_s=2.5)
    assert counts(script) == (1, 0)


def test_who_is_left_to_the_message_counts_before_it_is_over():
    script = Script(campaign(**RATIO))
    script.log_in(1)
    first, second, _ = script.start([lead(1), lead(2), lead(3)])
    answer(script, first)
    answer(script, second)
    let_wait_too_long(script)
    assert counts(script) == (1, 1)
    end(script, second, 5)
    assert counts(script) == (1, 1)


@pytest.mark.parametrize(("waited_s", "abandoned"), [(1.0, 0), (3.0, 1)])
def test_who_hangs_up_waiting_counts_by_how_long(waited_s, abandoned):
    script = Script(campaign(connect_within_s=2.0, **RATIO))
    script.log_in(1)
    first, second, _ = script.start([lead(1), lead(2), lead(3)])
    answer(script, first)
    answer(script, second)
    end(script, second, waited_s)
    assert counts(script) == (abandoned, 1)


def test_calls_that_nobody_answers_count_on_neither_side():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    script.dial(call)
    script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.BUSY))
    assert counts(script) == (0, 0)


def test_a_start_goes_on_from_what_is_on_record():
    script = Script()
    kept = Tally(abandoned=2, connected=90, since_at=script.at - 3600, until_at=script.at + 3600)
    script.tell(CampaignDefined(at=script.at, campaign=OTHER, tally=kept))
    assert script.engine.workspace.campaigns[OTHER.campaign_id].tally == kept


def test_new_settings_leave_the_counts():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    answer(script, call)
    script.tell(CampaignDefined(at=script.at, campaign=campaign(abandon_limit=0.02), tally=Tally()))
    assert counts(script) == (0, 1)


def test_another_kind_of_window_counts_from_what_is_on_record_and_the_calls_that_are_not_over():
    script = Script()
    script.log_in(2)
    first, second = script.start([lead(1), lead(2)])
    answer(script, first)
    answer(script, second)
    end(script, first, 60)
    month = campaign(abandon_window=AbandonWindow.THIRTY_DAYS)
    since_at = script.at - 9 * DAY_S
    kept = Tally(abandoned=3, connected=41, since_at=since_at, until_at=since_at + PERIOD_S)
    script.tell(CampaignDefined(at=script.at, campaign=month, tally=kept))
    assert counts(script) == (3, 42)
    end(script, second, 60)
    assert counts(script) == (3, 42)


def test_a_day_is_over_at_midnight_and_its_late_calls_are_not_the_next_ones():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    before, script.at = tally(script), tally(script).until_at
    answer(script, call)
    assert tally(script) == Tally(since_at=before.until_at, until_at=before.until_at + DAY_S)


def test_days_begin_at_the_midnight_of_the_workspaces_zone():
    script = Script()
    script.tell(RunStarted(at=script.at, instance="test", zone="America/New_York"))
    script.tell(CampaignDefined(at=script.at, campaign=OTHER))
    assert script.engine.workspace.campaigns[OTHER.campaign_id].tally.since_at == script.at - DAY_S / 2


def test_thirty_days_follow_upon_thirty_days():
    script = Script(campaign(abandon_window=AbandonWindow.THIRTY_DAYS))
    since_at = tally(script).since_at
    script.at += 2.5 * PERIOD_S
    script.end_round()
    assert tally(script).since_at == since_at + 2 * PERIOD_S
    assert script.engine.workspace.tallies_end_at == since_at + 3 * PERIOD_S


def left_open(script, **facts):
    script.tell(
        AttemptLeftOpen(
            at=script.at,
            attempt_id="old-1",
            call_id="old-2",
            campaign_id=CAMPAIGN,
            lead=lead(1),
            **{"started_at": script.at - 60, **facts},
        )
    )


def test_whom_a_run_that_died_left_alone_counts():
    script = Script()
    left_open(script, answered_at=script.at - 50, waited_s=50.0)
    assert counts(script) == (1, 0)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({}, id="nobody answered"),
        pytest.param(
            {"answered_at": NOON_IN_NEW_YORK, "started_at": NOON_IN_NEW_YORK - DAY_S}, id="another day's"
        ),
    ],
)
def test_what_else_it_left_does_not(facts):
    script = Script()
    left_open(script, **facts)
    assert counts(script) == (0, 0)


def found(script, state, **facts):
    script.tell(
        CallFound(
            at=script.at,
            attempt_id="old-1",
            call_id="old-2",
            leg_id="old-3",
            campaign_id=CAMPAIGN,
            lead=lead(1),
            trunk=TRUNK,
            state=state,
            started_at=script.at - 60,
            answered_at=script.at - 50,
            **facts,
        )
    )


def test_a_talk_that_is_taken_over_counts_once():
    script = Script()
    found(script, CallState.TALKING, bridged_at=script.at - 49)
    assert counts(script) == (0, 1)
    script.tell(LegEnded(at=script.at + 9, leg_id="old-3", cause=EndCause.CLEARED))
    assert counts(script) == (0, 1)


def test_whoever_hears_the_message_at_a_takeover_counts_once():
    script = Script()
    found(script, CallState.MESSAGE, waited_s=2.0)
    assert counts(script) == (1, 0)
    script.tell(LegEnded(at=script.at + 9, leg_id="old-3", cause=EndCause.CLEARED))
    assert counts(script) == (1, 0)


def test_a_snapshot_keeps_the_tally():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    answer(script, call)
    workspace = script.engine.workspace
    assert Workspace.from_json(workspace.to_json()).campaigns[CAMPAIGN].tally == tally(script)


class Watcher:
    """Keeps the engine's tally of each round, as a log would keep the round."""

    def __init__(self):
        self.tally = Tally()

    def add(self, engine, events, commands):
        self.tally = engine.workspace.campaigns[CAMPAIGN].tally


def test_what_is_counted_while_calls_go_on_is_what_their_records_say_in_the_end():
    ended, watcher = [], Watcher()
    settings = FloorSettings(
        agents=2, leads=60, mode=PacingMode.RATIO, ratio=3.0, seed=3, people=People(human_share=0.6)
    )
    simulate(settings, log=watcher, on_record=ended.append)
    found = Counter(
        counts_as(record.outcome, record.wait_s, within_s=2.0)
        for record in ended
        if isinstance(record, AttemptEnded)
    )
    assert (watcher.tally.abandoned, watcher.tally.connected) == (
        found[Count.ABANDONED],
        found[Count.CONNECTED],
    )
    assert min(found[Count.ABANDONED], found[Count.CONNECTED]) > 5
