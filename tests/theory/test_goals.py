"""Predictive pacing on whole days that nothing was tuned on: how busy it keeps agents, and that it keeps within its limit.

All of it takes about six hours of one core. `MEASURED_DAYS=docs/measured-days.jsonl make soak` takes up what was begun: days that the file
has are not simulated again but for one of each kind, which must come to the same, and others are added to it.
"""

import os
import sys
from pathlib import Path
from random import SystemRandom

import msgspec
import pytest

from dialer.simulation.experiment import Order, cores, simulate_days
from dialer.simulation.figures import figures
from dialer.simulation.presets import find_scenario
from dialer.simulation.scenario import Mode
from tests.theory.goals import GOALS, HARD, HARD_DAYS, OVER_AT_MOST, SHARED, WITHOUT_GOAL, seeds_of
from tests.theory.recorded_days import RecordedDays

LIMIT = 0.03
OTHERS = ("progressive", "ratio:2", "adaptive")
RATIOS = ("ratio:1.25", "ratio:1.5", "ratio:1.75", "ratio:2", "ratio:2.5", "ratio:2.75", "ratio:3")
"""Among them the one that would have been best for `stationary-20`, had its days been known."""
CHANGED = ("tripled-20", "no-detection-20")
"""The same days, but for one thing that a ratio knows nothing of."""
PREDICTIVE = "predictive"
SHORT = {"hours": 1.0, "warm_up_min": 15.0}

RECORDED = RecordedDays(Path(os.environ["MEASURED_DAYS"]) if "MEASURED_DAYS" in os.environ else None)


def days_of(scenario, modes, days, **changes):
    """Return the figures of each mode on the same days."""
    found = msgspec.structs.replace(find_scenario(scenario), **changes)
    recorded = RecordedDays(None) if changes else RECORDED
    seeds = seeds_of(scenario, days)
    known = {mode: recorded.of(scenario, mode) for mode in modes}
    again = {mode: SystemRandom().choice([*there]) for mode in modes if (there := known[mode].keys() & seeds)}
    orders = [
        Order(scenario=found, mode=Mode.parse(mode), seed=seed)
        for seed in seeds
        for mode in modes
        if seed not in known[mode] or seed == again.get(mode)
    ]
    for day in simulate_days(orders, jobs=cores()):
        mode, result = str(day.order.mode), day.result
        if result.seed in known[mode]:
            assert recorded.kept(result) == known[mode][result.seed], (
                "other code recorded the days: begin a new file"
            )
        else:
            recorded.add(scenario, mode, result)
    return {mode: figures(mode, [recorded.of(scenario, mode)[seed] for seed in seeds]) for mode in modes}


def told(scenario, found):
    """Print a line of the table in docs/pacing.md."""
    over, worst = found.days_over_limit, found.worst_30min
    sys.stdout.write(
        f"\n| {scenario} | {found.mode} | {over.days} | {found.utilisation.mean:.1%} ({found.utilisation.low:.1%} to {found.utilisation.high:.1%})"
        f" | {found.wait_s.mean:.1f} s | {found.abandonment_rate.mean:.2%} | {over.mean:.1%} | {worst.mean:.1%}, {worst.highest:.1%} |"
    )
    return found


@pytest.mark.soak
@pytest.mark.timeout(6 * 3600)
@pytest.mark.parametrize("goal", GOALS, ids=[goal.scenario for goal in GOALS])
def test_agents_are_as_busy_as_was_set_out_and_the_limit_holds(goal):
    found = told(goal.scenario, days_of(goal.scenario, [PREDICTIVE], goal.days)[PREDICTIVE])
    # Of busyness and wait the 95 % interval has to reach the goal; the worst half hour has to be within it whole.
    assert found.utilisation.high >= goal.utilisation
    assert goal.rounded(found.wait_s.low) <= goal.wait_s
    assert found.worst_30min.high <= goal.worst_30min
    assert found.abandonment_rate.mean <= LIMIT
    assert found.days_over_limit.at_least <= OVER_AT_MOST


@pytest.mark.soak
@pytest.mark.timeout(6 * 3600)
@pytest.mark.parametrize(("scenario", "days"), [*WITHOUT_GOAL, *((scenario, HARD_DAYS) for scenario in HARD)])
def test_the_limit_holds(scenario, days):
    found = told(scenario, days_of(scenario, [PREDICTIVE], days)[PREDICTIVE])
    assert found.abandonment_rate.mean <= LIMIT
    assert found.days_over_limit.at_least <= OVER_AT_MOST


@pytest.mark.soak
@pytest.mark.timeout(6 * 3600)
def test_the_limit_holds_for_each_of_three_campaigns_that_share_agents():
    found = told(SHARED, days_of(SHARED, [PREDICTIVE], HARD_DAYS)[PREDICTIVE])
    assert len(found.campaigns) == 3
    for campaign in found.campaigns.values():
        assert campaign.abandonment_rate.mean <= LIMIT
        assert campaign.days_over_limit.at_least <= OVER_AT_MOST


@pytest.mark.parametrize(
    ("days", "changes"),
    [
        pytest.param(2, SHORT, id="two-hours"),
        pytest.param(20, {}, id="days", marks=[pytest.mark.soak, pytest.mark.timeout(6 * 3600)]),
    ],
)
def test_agents_wait_a_quarter_less_than_under_any_other_mode_within_the_limit(days, changes):
    others = OTHERS if not changes else OTHERS[:1]
    found = days_of("stationary-20", [PREDICTIVE, *others], days, **changes)
    for each in found.values():
        told("stationary-20", each)
    within = [found[mode].wait_s.mean for mode in others if found[mode].abandonment_rate.mean <= LIMIT]
    assert found[PREDICTIVE].wait_s.mean <= 0.75 * min(within)


@pytest.mark.soak
@pytest.mark.timeout(6 * 3600)
def test_a_ratio_under_which_agents_wait_hardly_longer_breaks_the_limit_once_days_change():
    found = days_of("stationary-20", [PREDICTIVE, *RATIOS], HARD_DAYS)
    close = [mode for mode in RATIOS if found[PREDICTIVE].wait_s.mean > 0.75 * found[mode].wait_s.mean]
    assert close
    for scenario in CHANGED:
        changed = days_of(scenario, [PREDICTIVE, *close], HARD_DAYS)
        for each in changed.values():
            told(scenario, each)
        assert changed[PREDICTIVE].abandonment_rate.mean <= LIMIT
        assert all(changed[mode].days_over_limit.at_least > OVER_AT_MOST for mode in close)
