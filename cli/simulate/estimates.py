"""The scenario that was estimated from a campaign's history, for people to judge whether it is theirs."""

from collections.abc import Iterator

from dialer.reports.render import text_table
from dialer.simulation.estimate import Estimated, Recorded
from dialer.simulation.scenario import PeopleSettings, Scenario


def estimate_table(estimated: Estimated) -> str:
    """Return what was recorded and what it comes to."""
    scenario = estimated.scenario
    rows = [
        ("on record", _recorded(estimated.recorded)),
        ("agents", _agents(scenario)),
        *_people(scenario.people),
    ]
    if estimated.defaults:
        rows.append(("not recorded", f"{', '.join(estimated.defaults)}: as in the stationary model"))
    return text_table((scenario.name, "estimated from its history"), rows)


def _recorded(recorded: Recorded) -> str:
    days = "1 day" if recorded.days == 1 else f"{recorded.days:,} days"
    counts = f"{recorded.attempts:,} attempts in {days}, {recorded.people:,} answered by people"
    return f"{counts}; utilisation {recorded.utilisation:.1%}, abandoned {recorded.abandonment_rate:.2%}"


def _agents(scenario: Scenario) -> str:
    return f"{scenario.agents}, for {scenario.hours:g} hours a day, with {scenario.lines or 'enough'} lines"


def _people(people: PeopleSettings) -> Iterator[tuple[str, str]]:
    others = (
        f"machine {people.machine_share:.1%}, busy {people.busy_share:.1%}, fails {people.invalid_share:.1%}"
    )
    yield "calls reach", f"a person {people.answer_share:.1%}; of the others {others}, the rest rings out"
    yield "rings", f"{people.person_ring_s:.1f} s to a person, {people.machine_ring_s:.1f} s to a machine"
    refusals = f"{people.refusal_share:.0%} about {people.refusal_s:.0f} s"
    yield "talks", f"{refusals}, the others {people.talk_s:.0f} s; wrap-up {people.wrap_up_s:.0f} s"
