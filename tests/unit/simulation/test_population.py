"""The people of a scenario are those of the model, and depend on the seed and their number alone."""

from math import exp
from statistics import NormalDist, mean, stdev

import pytest

from dialer.core.ids import CampaignId
from dialer.core.rules.machine_detection import Verdict
from dialer.core.states import EndCause
from dialer.simulation.population import Population, middle_odds
from dialer.simulation.scenario import AmdPreset, PeopleSettings

DRAWN = 20_000


def population(people=None, amd=AmdPreset.MODEL, seed=1, campaign=1, odds=0.0):
    return Population(people or PeopleSettings(), amd, key=(seed, CampaignId(campaign)), odds=lambda _: odds)


def plans(count=DRAWN, tries=0, **settings):
    people = population(**settings)
    return [people.plan(number, tries, at=0.0) for number in range(count)]


USUAL = plans()
PERSONS = [plan for plan in USUAL if plan.is_person]
MACHINES = [plan for plan in USUAL if plan.is_machine]


def share(found, of=DRAWN):
    return len(found) / of


def test_shares_are_those_of_the_model():
    assert share(PERSONS) == pytest.approx(0.2, abs=0.01)
    assert share(MACHINES) == pytest.approx(0.8 * 0.4, abs=0.01)
    assert share([p for p in USUAL if p.failure is EndCause.BUSY]) == pytest.approx(0.8 * 0.08, abs=0.006)
    assert share([p for p in USUAL if p.failure is EndCause.UNALLOCATED]) == pytest.approx(0.096, abs=0.007)
    silent = [p for p in USUAL if p.failure is None and p.ring_s is None]
    assert share(silent) == pytest.approx(0.8 * 0.4, abs=0.01)


@pytest.mark.parametrize(
    ("values", "average", "variation"),
    [
        pytest.param([p.ring_s for p in PERSONS], 8.0, 0.6, id="person-ring"),
        pytest.param([p.ring_s for p in MACHINES], 16.0, 0.35, id="machine-ring"),
        pytest.param([p.wrap_up_s for p in PERSONS], 25.0, 0.6, id="wrap-up"),
    ],
)
def test_lognormal_times_have_their_mean_and_variation(values, average, variation):
    assert mean(values) == pytest.approx(average, rel=0.04)
    assert stdev(values) / mean(values) == pytest.approx(variation, rel=0.1)


def test_a_talk_is_a_refusal_or_a_conversation():
    assert mean(p.talk_s for p in PERSONS) == pytest.approx(0.45 * 25 + 0.55 * 261, rel=0.06)
    only = PeopleSettings(refusal_share=1.0)
    refusals = [p.talk_s for p in plans(people=only) if p.is_person]
    assert mean(refusals) == pytest.approx(25.0, rel=0.04)


def test_uniform_times_fill_their_range():
    machines = [p.talk_s for p in MACHINES]
    assert (min(machines), max(machines)) == pytest.approx((5.0, 12.0), abs=0.05)
    dialed = [p.post_dial_s for p in PERSONS]
    assert (min(dialed), max(dialed)) == pytest.approx((1.0, 3.0), abs=0.05)


@pytest.mark.parametrize(
    ("amd", "found", "verdict", "wrong", "earliest_s", "latest_s"),
    [
        pytest.param(AmdPreset.MODEL, "person", Verdict.HUMAN, 0.02, 0.8, 1.8, id="model-person"),
        pytest.param(AmdPreset.MODEL, "machine", Verdict.MACHINE, 0.05, 2.0, 4.0, id="model-machine"),
        pytest.param(AmdPreset.ASTERISK, "person", Verdict.HUMAN, 0.02, 1.2, 2.5, id="asterisk-person"),
        pytest.param(AmdPreset.ASTERISK, "machine", Verdict.MACHINE, 0.05, 1.2, 2.5, id="asterisk-machine"),
    ],
)
def test_detection_is_wrong_as_often_and_takes_as_long_as_its_preset(
    amd, found, verdict, wrong, earliest_s, latest_s
):
    heard = [p.hearing for p in plans(amd=amd) if (p.is_person if found == "person" else p.is_machine)]
    assert share([one for one in heard if one.verdict is not verdict], len(heard)) == pytest.approx(
        wrong, abs=0.008
    )
    assert earliest_s <= min(one.after_s for one in heard)
    assert max(one.after_s for one in heard) <= latest_s


def test_only_with_detection_anything_is_heard():
    assert all(plan.hearing is None for plan in plans(count=500, amd=AmdPreset.OFF))


def test_patience_counts_from_the_verdict_on():
    patient = [p for p in plans(people=PeopleSettings(patience_s=6.0)) if p.is_person]
    assert mean(p.patience_s - p.hearing.after_s for p in patient) == pytest.approx(6.0, rel=0.06)


def test_a_lead_is_the_same_in_whatever_order_and_however_often_it_is_asked_for():
    one, other = population(), population()
    numbers = [100_000, 3, 70_000, 3, 0]
    backwards = [other.plan(number, 0, at=0.0) for number in reversed(numbers)]
    assert [one.plan(number, 0, at=0.0) for number in numbers] == backwards[::-1]


def test_another_seed_campaign_or_try_is_another_life():
    lives = [
        plans(count=50),
        plans(count=50, seed=2),
        plans(count=50, campaign=2),
        plans(count=50, tries=1),
    ]
    assert all(one != other for index, one in enumerate(lives) for other in lives[:index])


def test_better_odds_add_people_and_take_none_away():
    better = plans(odds=1.0986)  # three times
    assert all(new.is_person for old, new in zip(USUAL, better, strict=True) if old.is_person)
    assert share([p for p in better if p.is_person]) == pytest.approx(0.75 / (1 + 0.75), abs=0.01)


def test_leads_of_their_own_odds_answer_as_many_first_calls_and_fewer_later_ones():
    people = population(people=PeopleSettings(odds_deviation=1.5))
    first = [people.plan(number, 0, at=0.0).is_person for number in range(DRAWN)]
    missed = [number for number in range(DRAWN) if not first[number]]
    again = [people.plan(number, 1, at=0.0).is_person for number in missed]
    assert mean(first) == pytest.approx(0.2, abs=0.01)
    assert 0.1 < mean(again) < 0.17


def test_a_list_that_knows_its_leads_says_more_of_those_who_answer():
    unknown, known = (
        population(people=PeopleSettings(odds_deviation=1.5, odds_known=known)) for known in (False, True)
    )
    assert {unknown.score(number) for number in range(100)} == {0.0}
    answers = {True: [], False: []}
    for number in range(DRAWN):
        answers[known.plan(number, 0, at=0.0).is_person].append(known.score(number))
    assert mean(answers[True]) > 0.5 + mean(answers[False])


@pytest.mark.parametrize("deviation", [0.0, 0.7, 2.0])
def test_the_mean_of_shares_is_the_share_that_is_asked_for(deviation):
    middle = middle_odds(0.3, deviation)
    normal = NormalDist(0, 1)
    steps = [normal.inv_cdf((n + 0.5) / 4000) for n in range(4000)]
    assert mean(1 / (1 + exp(-middle - deviation * one)) for one in steps) == pytest.approx(0.3, abs=1e-4)
