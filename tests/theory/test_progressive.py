"""One call for each free agent: the engine in virtual time does what the renewal formula says."""

import msgspec
import pytest

from dialer.core.pacing.pace import PACE_EVERY_S
from dialer.core.rules.machine_detection import AmdSettings
from dialer.simulation.behaviour import People
from dialer.simulation.floor import FloorSettings, simulate
from tests.theory.judging import FULL, Effort, cases, finds, interval
from tests.theory.renewal import kinds_of, machines_listened_to, people_listened_to, progressive
from tests.theory.watching import HANDLING, Watch

PEOPLE = People()
RING_S, WRAP_UP_S = 25.0, 25.0
WARM_UP_S = 1800.0
SHORT_HERE = Effort(batches=30, calls=90, wrong_by=0.1)
"""Waits of a renewal process do not depend on each other, so fewer are enough."""
DETECTION = AmdSettings(on=True)
SILENCE_S = DETECTION.after_greeting_silence_ms / 1000


def theory(*, detects, answer=1.0, late_s=0.0):
    """Return what the formula says when so many times as many pick up as in truth."""
    people = msgspec.structs.replace(
        PEOPLE, human_share=answer * PEOPLE.human_share, machine_share=answer * PEOPLE.machine_share
    )
    listened = {
        "person": people_listened_to(people, SILENCE_S),
        "machine": machines_listened_to(people, SILENCE_S, DETECTION.sample_share),
    }
    kinds = kinds_of(people, RING_S, **(listened if detects else {}))
    return progressive(kinds, WRAP_UP_S, late_s=late_s)


def dialed(agents, effort, *, detects):
    """Return what was seen of stretches in which agents had about so many talks."""
    expected = theory(detects=detects)
    talks = effort.batches * effort.calls
    seconds = WARM_UP_S + talks * (expected.wait_s + expected.busy_s) / agents
    watch = Watch(HANDLING)
    simulate(
        FloorSettings(
            agents=agents,
            leads=int(1.5 * talks / expected.connects),
            ring_s=RING_S,
            wrap_up_s=WRAP_UP_S,
            amd=AmdSettings(on=detects),
            seconds=seconds,
            people=PEOPLE,
        ),
        on_record=watch,
    )
    return watch.batches(effort.batches, since_s=WARM_UP_S, until_s=seconds)


@pytest.mark.parametrize(
    ("agents", "detects", "effort"), cases((1, False), (1, True), (2, False), short=SHORT_HERE)
)
def test_one_call_for_each_free_agent_is_a_renewal_process_of_dials(agents, detects, effort):
    seen = dialed(agents, effort, detects=detects)
    finds(
        lambda answer: theory(detects=detects, answer=answer).wait_s,
        [one.idle_s(agents) for one in seen],
        wrong_by=effort.wrong_by,
    )
    finds(
        lambda answer: theory(detects=detects, answer=answer).utilisation,
        [one.mean_busy / agents for one in seen],
    )


@pytest.mark.soak
@pytest.mark.parametrize("detects", [False, True])
def test_with_many_agents_calls_leave_later_by_no_more_than_pacing_lets_pass(detects):
    waits = interval([one.idle_s(20) for one in dialed(20, FULL, detects=detects)])
    least, most = (theory(detects=detects, late_s=late_s).wait_s for late_s in (0.0, PACE_EVERY_S))
    assert least - waits.half_width <= waits.mean <= most + waits.half_width
