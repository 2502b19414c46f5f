"""A simulated day, taken for a history, gives its scenario back."""

import msgspec
import pytest

from dialer.core.ids import AgentId
from dialer.core.rules.dispositions import Flag
from dialer.core.rules.machine_detection import AmdSettings, Verdict
from dialer.core.settings import PacingMode
from dialer.core.states import AgentState, Outcome
from dialer.errors import ConfigError
from dialer.simulation.estimate import NEEDED_ATTEMPTS, estimate
from dialer.simulation.history import History, PastAttempt, Period
from dialer.simulation.scenario import AmdPreset, PeopleSettings, Scenario
from dialer.testing import campaign
from tests.past_days import history_of

DAY = Scenario(name="day", agents=8, hours=4.0, people=PeopleSettings(answer_share=0.3))
SETTINGS = campaign(mode=PacingMode.RATIO, ratio=2.0, ring_s=DAY.ring_timeout_s, amd=AmdSettings(on=True))


@pytest.fixture(scope="module")
def found():
    return estimate(history_of(DAY), SETTINGS, name="spring", lines=40)


def test_the_floor_is_found_again(found):
    scenario = found.scenario
    assert (scenario.name, scenario.agents, scenario.lines) == ("spring", 8, 40)
    assert scenario.hours == pytest.approx(4.5, abs=0.1)  # the warm-up was on record, too
    assert scenario.amd is AmdPreset.ASTERISK
    assert scenario.ring_timeout_s == SETTINGS.ring_s


@pytest.mark.parametrize(
    ("name", "within"),
    [
        ("answer_share", 0.03),
        ("machine_share", 0.05),
        ("busy_share", 0.03),
        ("invalid_share", 0.03),
        ("person_ring_s", 0.6),
        ("machine_ring_s", 0.8),
        ("refusal_share", 0.12),
        ("refusal_s", 8.0),
        ("talk_s", 45.0),
        ("wrap_up_s", 3.0),
    ],
)
def test_the_people_are_found_again(found, name, within):
    truth = getattr(DAY.people, name)
    assert getattr(found.scenario.people, name) == pytest.approx(truth, abs=within)


def test_delays_are_found_again(found):
    people = found.scenario.people
    assert people.post_dial_s == pytest.approx((1.0, 3.0), abs=0.15)
    assert people.busy_after_s == pytest.approx((1.5, 3.0), abs=0.15)
    assert people.person_verdict_s == pytest.approx((0.8, 1.8), abs=0.1)
    assert people.machine_verdict_s == pytest.approx((2.0, 4.0), abs=0.15)


def test_what_is_on_record_is_told_beside_it(found):
    recorded = found.recorded
    assert recorded.days == 1
    assert recorded.attempts > 1000
    assert 0.6 < recorded.utilisation < 0.95
    assert 0.0 < recorded.abandonment_rate < 0.15


def test_the_estimate_is_a_scenario_that_can_be_written_and_read(found):
    encoded = msgspec.json.encode(found.scenario)
    assert msgspec.json.decode(encoded, type=Scenario) == found.scenario


def attempt(number, outcome, **more):
    at = 1000.0 + 10 * number
    return PastAttempt(started_at=at, ended_at=at + 5.0, outcome=outcome, **more)


def test_too_little_is_refused_with_what_is_needed():
    attempts = tuple(attempt(number, Outcome.NO_ANSWER) for number in range(NEEDED_ATTEMPTS))
    with pytest.raises(
        ConfigError, match=r"500 attempts on record, 0 of them .* at least 500 attempts and 100"
    ):
        estimate(History(attempts=attempts, periods=()), SETTINGS, name="spring")


def test_nothing_at_all_is_refused_likewise():
    with pytest.raises(ConfigError, match="'spring' has 0 attempts"):
        estimate(History(attempts=(), periods=()), SETTINGS, name="spring")


def test_what_was_not_recorded_is_that_of_the_model_and_named():
    outcomes = [Outcome.CONNECTED, Outcome.NO_ANSWER, Outcome.NO_ANSWER]
    attempts = tuple(attempt(number, outcomes[number % 3], talk_s=60.0) for number in range(600))
    found = estimate(History(attempts=attempts, periods=()), campaign(), name="spring")
    assert found.scenario.people.answer_share == pytest.approx(1 / 3)
    assert found.scenario.people.person_ring_s == PeopleSettings().person_ring_s
    assert {"person_ring_s", "wrap_up_s", "post_dial_s"} <= set(found.defaults)
    assert "talk_s" not in found.defaults
    assert found.scenario.amd is AmdPreset.OFF
    assert found.scenario.agents == 1


def test_nights_part_days_and_pauses_are_nobodys_time():
    outcomes = [Outcome.CONNECTED, Outcome.BUSY]
    first = [attempt(number, outcomes[number % 2]) for number in range(400)]
    later = [
        msgspec.structs.replace(one, started_at=one.started_at + 86_400, ended_at=one.ended_at + 86_400)
        for one in first
    ]
    always_there = Period(
        agent_id=AgentId(1), state=AgentState.READY, from_at=0.0, until_at=1e6, of_campaign=False
    )
    found = estimate(History(attempts=(*first, *later), periods=(always_there,)), campaign(), name="spring")
    assert found.recorded.days == 2
    assert found.scenario.hours == pytest.approx(4000 / 3600, abs=0.01)
    assert found.scenario.agents == 1


def test_people_hung_up_on_as_machines_are_put_back_among_the_people():
    calls = [attempt(number, Outcome.CONNECTED, bridged=True, said=Flag.PERSON) for number in range(150)]
    given_up = [attempt(150 + number, Outcome.MACHINE, verdict=Verdict.MACHINE) for number in range(400)]
    tried = [
        attempt(
            550 + number,
            Outcome.CONNECTED,
            bridged=True,
            verdict=Verdict.MACHINE,
            said=Flag.PERSON if number < 4 else Flag.MACHINE,
        )
        for number in range(40)
    ]
    found = estimate(History(attempts=(*calls, *given_up, *tried), periods=()), SETTINGS, name="spring")
    people = found.scenario.people
    # A tenth of the 400 are people: 150 + 4 + 40 of 590.
    assert people.answer_share == pytest.approx(194 / 590)
    assert people.person_misjudged_share == pytest.approx(40 / 194)
