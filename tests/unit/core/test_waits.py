"""How long callers may have to wait, and how many agents pacing leaves to those who have not called yet."""

import pytest

from dialer.core.pacing import inbound_work
from dialer.core.requests import StartCampaign
from dialer.core.work import waits
from dialer.testing import CAMPAIGN, lead
from tests.unit.core.test_queue_calls import end, floor, take


@pytest.mark.parametrize(("rank", "place"), [(5.0, 1), (6.0, 2), (9.0, 3)])
def test_a_place_counts_those_before_it_and_itself(rank, place):
    assert waits.place([7.0, 5.0, 9.0], rank) == place


def test_the_wait_to_expect_is_the_place_times_the_handle_time_over_the_agents():
    assert waits.expected_wait_s(3, handle_s=200.0, agents=4) == 150.0


def test_where_nobody_serves_no_wait_can_be_told():
    assert waits.expected_wait_s(1, handle_s=200.0, agents=0) is None


def test_the_handle_time_follows_what_talks_take():
    handle_s = 100.0
    for _ in range(60):
        handle_s = waits.learned(handle_s, 40.0)
    assert handle_s == pytest.approx(40.0, abs=0.2)


def test_only_the_last_minutes_count():
    arrivals = [0.0, 500.0, 900.0]
    assert inbound_work.recent(arrivals, at=1000.0) == [500.0, 900.0]


def test_callers_are_expected_at_the_rate_of_the_last_minutes():
    arrivals = [float(at) for at in range(0, 600, 30)]
    expected = inbound_work.expected_calls(arrivals, at=600.0, since=0.0)
    assert expected == pytest.approx(20 / 600 * inbound_work.HORIZON_S)


def test_a_rate_is_told_by_the_time_that_was_watched():
    assert inbound_work.expected_calls([50.0, 80.0], at=100.0, since=40.0) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("expected", "to_be_free", "kept"),
    [
        pytest.param(0.0, 0.0, 0, id="nobody-calls"),
        pytest.param(0.05, 2.0, 0, id="others-become-free-in-time"),
        pytest.param(0.4, 0.0, 1, id="nobody-becomes-free"),
        pytest.param(2.0, 1.7, 2, id="some-do-and-some-do-not"),
        pytest.param(3.0, 0.5, 4, id="too-few-do"),
    ],
)
def test_as_many_agents_are_kept_as_will_not_become_free_in_time(expected, to_be_free, kept):
    assert inbound_work.agents_to_keep(expected, to_be_free=to_be_free) == kept


def test_busy_agents_become_free_at_the_pace_of_the_talks():
    assert inbound_work.becoming_free(24, handle_s=180.0) == pytest.approx(2.0)
    assert inbound_work.becoming_free(3, handle_s=1.0) == 3


def calls_placed(script, callers):
    """How many calls are started for two free agents after so many callers came and went."""
    for number in range(callers):
        end(script, take(script, number))
        script.at += 5
    for agent in script.engine.workspace.agents.values():
        timer = f"wrap-up:{agent.agent_id}"
        assert timer not in script.engine.workspace.timers
    script.ask(StartCampaign(campaign_id=CAMPAIGN))
    script.end_round()
    return len(script.load([lead(number) for number in range(5)]))


@pytest.mark.parametrize(("callers", "placed"), [(0, 2), (4, 0)])
def test_campaigns_leave_agents_to_callers_who_are_to_be_expected(callers, placed):
    script = floor()
    script.log_in(2)
    assert calls_placed(script, callers) == placed
