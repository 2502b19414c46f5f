import pytest

from cli.doctor.clock import ClockFacts, gather_kept_in_time, judge
from cli.doctor.findings import Health

NOW = 1_800_000_000.0
DAY_S = 86_400.0


def facts(**changes):
    return ClockFacts(**{"now": NOW, "kept_in_time": True, "newest": {"journal": NOW - 60}} | changes)


def test_a_clock_that_is_kept_in_time_and_later_than_all_records_is_right():
    (found,) = judge(facts())
    assert found.health is Health.OK


@pytest.mark.parametrize(
    ("changes", "health", "words"),
    [
        pytest.param(
            {"newest": {"attempt": NOW + 3 * DAY_S}}, "failure", "attempt", id="a-record-of-the-future"
        ),
        pytest.param({"run_says": NOW + 600}, "failure", "10 minutes ahead of", id="the-run-is-ahead"),
        pytest.param({"run_says": NOW - 7200}, "failure", "2 hours behind", id="the-run-is-behind"),
        pytest.param(
            {"now": 0.0, "newest": {}}, "failure", "before this program", id="a-clock-that-was-reset"
        ),
        pytest.param({"kept_in_time": False}, "warning", "nothing keeps it in time", id="no-ntp"),
    ],
)
def test_what_is_wrong_with_a_clock_is_named_with_its_remedy(changes, health, words):
    (found,) = judge(facts(**changes))
    assert found.health == health
    assert words in found.text
    assert "clock" in found.remedy or "run" in found.remedy


def test_a_few_seconds_between_machines_do_no_harm():
    (found,) = judge(facts(newest={"lease": NOW + 3}, run_says=NOW - 3))
    assert found.health is Health.OK


def test_a_kernel_that_says_nothing_of_ntp_is_not_blamed():
    (found,) = judge(facts(kept_in_time=None))
    assert found.health is Health.OK


def test_the_kernel_can_be_asked():
    assert gather_kept_in_time() in (True, False, None)
