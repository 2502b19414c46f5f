"""Decisions of pacing on record: the numbers they were made of, and how often."""

import pytest

from dialer.core.commands import Originate
from dialer.core.pacing.deciding import IDLE_EVERY_S, SAY_EVERY_S
from dialer.core.pacing.decision import PacingDecided
from dialer.core.requests import StartCampaign
from dialer.core.rules.abandonment import Tally
from dialer.core.settings import PacingMode, TrunkSettings
from dialer.testing import CAMPAIGN, TRUNK, Script, campaign, lead


def leads(count):
    return [lead(number) for number in range(1, count + 1)]


def running(settings=None, *, agents, **told):
    """Return a floor whose campaign waits for leads."""
    script = Script(settings, **told)
    script.log_in(agents)
    script.ask(StartCampaign(campaign_id=CAMPAIGN))
    script.end_round()
    script.load([], remaining=True)
    script.at += SAY_EVERY_S
    return script


def decided(script, **told):
    script.engine.workspace.pacing_due = True
    return script.all(PacingDecided, script.end_round(**told))


def test_a_decision_tells_who_is_free_what_is_in_flight_and_what_was_started():
    script = running(campaign(mode=PacingMode.RATIO, ratio=2.0), agents=3)
    script.load(leads(20))
    started = script.all(Originate)
    first = script.all(PacingDecided)[-1]
    assert (first.mode, first.free, first.in_flight, first.placed) == (PacingMode.RATIO, 3, 0, 6)
    assert len(started) == 6
    assert first.reason == "as many as free agents allow: 6"
    assert (first.limit, first.budget_left, first.abandonment, first.price) == (0.03, 0.0, None, None)
    (idle,) = decided(script, after_s=IDLE_EVERY_S)
    assert (idle.free, idle.in_flight, idle.expected_answers, idle.placed) == (3, 6, 3.0, 0)


def test_decisions_that_start_nothing_are_told_seldom():
    script = Script()
    script.log_in(1)
    script.start(leads(1))
    before = len(script.all(PacingDecided))
    seconds = 60
    for _ in range(4 * seconds):
        decided(script)
    assert len(script.all(PacingDecided)) - before == seconds // IDLE_EVERY_S


def test_a_decision_that_starts_calls_is_told_sooner():
    script = running(agents=1)
    script.load(leads(1))
    assert [one.placed for one in script.all(PacingDecided)] == [0, 1]


@pytest.mark.parametrize(
    ("trunk", "there", "reason"),
    [
        pytest.param({}, 1, "free agents allow 3: no lead is at hand", id="no lead"),
        pytest.param(
            {"lines": 1},
            20,
            "free agents allow 3: no line is free, or no call may start in this second",
            id="no line",
        ),
        pytest.param({}, 20, "as many as free agents allow: 3", id="enough"),
    ],
)
def test_the_reason_says_what_kept_agents_waiting(trunk, there, reason):
    settings = TrunkSettings(**{"name": TRUNK, "lines": 50, "calls_per_second": 1000} | trunk)
    script = running(agents=3, trunk=settings)
    script.load(leads(there), remaining=True)
    assert script.all(PacingDecided)[-1].reason == reason


def test_the_window_so_far_is_told():
    script = running(agents=1)
    there = script.engine.workspace.campaigns[CAMPAIGN]
    there.tally = Tally(abandoned=1, connected=99, until_at=there.tally.until_at)
    (told,) = decided(script, after_s=IDLE_EVERY_S)
    assert told.abandonment == 0.01
    assert told.budget_left == pytest.approx(2 / 0.97)


@pytest.mark.parametrize(
    ("abandoned", "connected", "left"),
    [
        (0, 0, 0.0),
        (0, 97, 3.0),  # 3 of 100
        (3, 97, 0.0),
        (1, 99, 2 / 0.97),
        (6, 94, -3 / 0.97),
    ],
)
def test_a_budget_counts_the_calls_that_would_be_abandoned_among_the_answered(abandoned, connected, left):
    assert Tally(abandoned=abandoned, connected=connected).left(0.03) == pytest.approx(left)
