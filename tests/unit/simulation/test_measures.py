"""What a floor came to, from its records."""

from dialer.core.ids import AgentId, AttemptId, CallId, CampaignId, LeadId, LegId, TrunkName
from dialer.core.records import AgentChanged, AttemptEnded, AttemptStarted
from dialer.core.states import AgentState, Outcome
from dialer.simulation.measures import Measures, measure


def agent(at, state, **more):
    return AgentChanged(at=at, agent_id=AgentId(1), state=state, **more)


def started(at):
    return AttemptStarted(
        at=at,
        attempt_id=AttemptId("a-1"),
        call_id=CallId("a-2"),
        leg_id=LegId("a-3"),
        campaign_id=CampaignId(1),
        lead_id=LeadId(1),
        trunk=TrunkName("carrier"),
    )


def abandoned(at):
    return AttemptEnded(
        at=at,
        attempt_id=AttemptId("a-1"),
        call_id=CallId("a-2"),
        campaign_id=CampaignId(1),
        lead_id=LeadId(1),
        outcome=Outcome.ABANDONED,
    )


def test_times_count_from_the_first_attempt_to_the_end_of_the_stretch():
    records = [
        agent(0.0, AgentState.READY),
        started(10.0),
        agent(12.0, AgentState.TALKING),
        agent(13.0, AgentState.TALKING, begins=False),
        agent(15.0, AgentState.WRAP_UP),
        agent(16.0, AgentState.READY),
        agent(18.0, AgentState.LOGGED_OUT),
        agent(19.0, AgentState.TALKING),
        abandoned(19.0),
        abandoned(30.0),
    ]

    measures = measure(records, seconds=10.0)

    assert measures == Measures(attempts=1, connected=2, abandoned=1, handled_s=5.0, logged_in_s=9.0)
    assert measures.utilisation == 5 / 9
    assert measures.abandonment == 1 / 3


def test_nothing_comes_to_nothing():
    assert measure([], seconds=10.0).utilisation == 0
    assert measure([agent(0.0, AgentState.TALKING)], seconds=10.0) == Measures(connected=1)
