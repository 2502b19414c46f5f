"""Simulated days: what they come to adds up, and two modes meet the same people."""

from statistics import mean

import msgspec
import pytest

from dialer.core.states import Outcome
from dialer.errors import RuleError
from dialer.simulation.day import simulate_day
from dialer.simulation.day_result import DayResult, Tally
from dialer.simulation.presets import find_scenario
from dialer.simulation.scenario import Mode, read_scenario

SHORT = {"agents": 6, "hours": 1.0, "warm_up_min": 5.0}
CROWDED = {**SHORT, "mode": "ratio:4", "people": {"patience_s": 4.0}}


def lived(raw, seed=1, mode=None):
    """Return what a day came to, with its attempts and minutes."""
    rows, minutes = [], []
    result = simulate_day(
        read_scenario(raw),
        seed=seed,
        mode=Mode.parse(mode) if mode else None,
        on_attempt=rows.append,
        on_minute=minutes.append,
    )
    return result, rows, minutes


def test_one_call_for_each_free_agent_keeps_two_thirds_of_them_busy_and_abandons_nobody():
    result = simulate_day(read_scenario({"agents": 20, "hours": 2}), seed=3)
    assert result.utilisation == pytest.approx(0.66, abs=0.05)
    assert result.wait_s == pytest.approx(85, abs=15)
    assert result.abandonment_rate == 0.0


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("preset", "utilisation", "wait_s"),
    [
        pytest.param("stationary-20", 0.71, 68, id="stationary"),
        pytest.param("realistic-20", 0.645, 91, id="realistic"),
    ],
)
def test_whole_days_of_progressive_pacing_come_to_what_is_known_of_them(preset, utilisation, wait_s):
    results = [simulate_day(find_scenario(preset), seed=seed) for seed in range(4)]
    assert mean(one.utilisation for one in results) == pytest.approx(utilisation, abs=0.05)
    assert mean(one.wait_s for one in results) == pytest.approx(wait_s, abs=15)


def test_a_campaign_that_cannot_be_started_is_told_with_the_reason():
    with pytest.raises(RuleError, match="the day cannot begin: "):
        simulate_day(read_scenario({**SHORT, "mode": "agentless"}), seed=1)


def test_the_same_seed_gives_the_same_day_and_another_one_another():
    assert lived(CROWDED, seed=5) == lived(CROWDED, seed=5)
    assert lived(CROWDED, seed=5)[0] != lived(CROWDED, seed=6)[0]


def test_a_lead_is_the_same_in_every_mode():
    people = [
        {row.lead: row for row in lived(SHORT, mode=mode)[1] if row.ended_at is not None}
        for mode in ("progressive", "ratio:3")
    ]
    both = people[0].keys() & people[1].keys()
    assert len(both) > 100
    for lead in both:
        one, other = people[0][lead], people[1][lead]
        assert one.is_person == other.is_person
        assert (one.rang_at is None) == (other.rang_at is None)
        if one.rang_at is not None and other.rang_at is not None:
            assert one.rang_at - one.dialed_at == pytest.approx(other.rang_at - other.dialed_at, abs=1e-5)


@pytest.mark.parametrize("mode", ["progressive", "preview"])
def test_agents_time_is_handled_or_waited_or_paused(mode):
    result, _, minutes = lived(SHORT, mode=mode)
    assert result.wait_total_s == pytest.approx(result.waiting_s, rel=0.12)
    assert result.handled_s + result.waiting_s == pytest.approx(result.agents_s)
    assert result.agents_s + result.paused_s == pytest.approx(6 * 3600)
    assert len(minutes) == 60
    assert sum(one.utilisation for one in minutes) / 60 == pytest.approx(result.utilisation, rel=0.01)


@pytest.mark.parametrize("raw", [pytest.param(SHORT, id="calm"), pytest.param(CROWDED, id="crowded")])
def test_the_days_figures_can_be_recomputed_from_its_attempts(raw):
    result, rows, minutes = lived(raw)
    day_s = 3600.0
    connected = [row for row in rows if row.bridged_at is not None and 0 <= row.bridged_at < day_s]
    ended = [
        row
        for row in rows
        if row.bridged_at is None and row.ended_at is not None and 0 <= row.ended_at < day_s
    ]
    outcomes = [(row.outcome, row.is_person) for row in ended]
    recomputed = Tally(
        attempts=sum(0 <= row.dialed_at < day_s for row in rows),
        answered_live=len(connected)
        + sum(row.outcome in (Outcome.ABANDONED, Outcome.HUNG_UP_WAITING) for row in ended),
        connected=sum(row.is_person for row in connected),
        machines_connected=sum(not row.is_person for row in connected),
        abandoned=outcomes.count((Outcome.ABANDONED, True)),
        machines_abandoned=outcomes.count((Outcome.ABANDONED, False)),
        hung_up_waiting=sum(row.outcome is Outcome.HUNG_UP_WAITING for row in ended),
        people_misjudged=outcomes.count((Outcome.MACHINE, True)),
        worst_30min=result.worst_30min,
    )
    told = {name: getattr(result, name) for name in Tally.__struct_fields__}
    assert told == msgspec.structs.asdict(recomputed)
    assert sum(row.agent_wait_s for row in connected) == pytest.approx(result.wait_total_s)
    talked = [
        (max(0.0, row.bridged_at), day_s if row.ended_at is None else row.ended_at)
        for row in rows
        if row.bridged_at is not None
    ]
    written_s = sum(
        max(0.0, min(day_s, row.ended_at + row.wrap_up_s) - max(0.0, row.ended_at))
        for row in rows
        if row.wrap_up_s is not None and row.ended_at is not None
    )
    handled_s = sum(max(0.0, until - since) for since, until in talked) + written_s
    assert handled_s == pytest.approx(result.handled_s, abs=0.01)
    assert sum(one.abandoned for one in minutes) == result.abandoned
    assert sum(one.connected for one in minutes) == result.connected


def test_people_wait_from_the_verdict_on_and_are_abandoned_after_the_limit():
    result, rows, _ = lived(CROWDED)
    assert result.abandoned > 10 < result.hung_up_waiting
    abandoned = [row for row in rows if row.outcome is Outcome.ABANDONED and row.ended_at is not None]
    assert {round(row.wait_s, 3) for row in abandoned} == {2.0}


def test_campaigns_share_agents_and_are_counted_apart():
    names = ("north", "south", "west")
    result, rows, _ = lived({**SHORT, "campaigns": [{"name": name} for name in names]})
    assert list(result.campaigns) == list(names)
    assert {row.campaign for row in rows} == set(names)
    assert sum(one.attempts for one in result.campaigns.values()) == result.attempts
    assert min(one.connected for one in result.campaigns.values()) > 0


def test_campaigns_that_forecast_share_answers_by_weight_whatever_their_people_are_like():
    plans = [
        {"name": "usual"},
        {"name": "eager", "people": {"answer_share": 0.35, "talk_s": 100.0}},
        {"name": "heavy", "settings": {"weight": 2.0}},
    ]
    result, _, _ = lived({**SHORT, "agents": 12, "mode": "predictive", "campaigns": plans})
    answers = {name: one.answered_live for name, one in result.campaigns.items()}
    shares = {name: count / sum(answers.values()) for name, count in answers.items()}
    assert shares == pytest.approx({"usual": 0.25, "eager": 0.25, "heavy": 0.5}, abs=0.06)


@pytest.mark.parametrize("mode", ["progressive", "ratio:2"])
def test_one_that_forecasts_shares_agents_with_one_that_calls_for_free_agents_alone(mode):
    plans = [{"name": "free", "mode": mode}, {"name": "ahead", "mode": "predictive"}]
    result, _, _ = lived({**SHORT, "agents": 12, "campaigns": plans})
    answers = [one.answered_live for one in result.campaigns.values()]
    assert answers[0] / sum(answers) == pytest.approx(0.5, abs=0.06)


def test_a_campaign_whose_list_has_run_dry_takes_no_agents_from_another():
    endless = {"name": "endless"}
    beside, _, _ = lived({**SHORT, "mode": "predictive", "campaigns": [endless, {"name": "dry", "leads": 3}]})
    alone, _, _ = lived({**SHORT, "mode": "predictive", "campaigns": [endless]})
    assert beside.campaigns["endless"].connected == pytest.approx(alone.connected, rel=0.1)


def test_a_finite_list_is_called_again_by_the_retry_rules_until_it_is_done():
    raw = {**SHORT, "campaigns": [{"name": "small", "leads": 300}]}
    settings = {"retry": {"no_answer": {"attempts": 2, "minutes": 5}, "busy": {"attempts": 3, "minutes": 2}}}
    result, rows, _ = lived({**raw, "settings": settings})
    tries = [sum(row.lead == lead for row in rows) for lead in range(300)]
    assert min(tries) == 1
    assert max(tries) > 1
    assert result.attempts > 0


def test_a_result_survives_json():
    result = lived(CROWDED)[0]
    assert msgspec.json.decode(msgspec.json.encode(result), type=DayResult) == result
