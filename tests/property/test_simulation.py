"""Whole simulated floors: every lead has its outcome, limits hold, and the same seed gives the same day."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.core.records import AgentChanged, AttemptDisposed, AttemptEnded, AttemptStarted, CampaignChanged
from dialer.core.settings import PacingMode
from dialer.core.states import AgentState, CampaignState
from dialer.simulation.floor import FloorSettings, simulate

FLOORS = st.builds(
    FloorSettings,
    agents=st.integers(1, 8),
    leads=st.integers(0, 40),
    mode=st.sampled_from(PacingMode),
    ratio=st.floats(1, 4),
    wrap_up_s=st.floats(0, 30),
    default_disposition=st.sampled_from(["", "sale", "not_there"]),
    seed=st.integers(0, 2**31),
    lines=st.integers(1, 12),
)


def day(floor):
    records = []
    world = simulate(floor, on_record=records.append)
    return records, world


@settings(max_examples=40)
@given(FLOORS)
def test_a_campaign_ends_with_an_outcome_for_every_lead(floor):
    records, world = day(floor)
    fates = {
        record.lead_id: record.retry_at
        for record in records
        if isinstance(record, AttemptEnded) or (isinstance(record, AttemptDisposed) and record.ended)
    }
    assert fates == dict.fromkeys(range(floor.leads))
    assert [r.state for r in records if isinstance(r, CampaignChanged)][-1] is CampaignState.COMPLETE
    assert world.telephony.legs_open == 0


@settings(max_examples=40)
@given(FLOORS)
def test_calls_start_only_while_an_agent_is_free_and_never_exceed_the_lines(floor):
    records, _ = day(floor)
    state, open_attempts = {}, 0
    for record in records:
        match record:
            case AgentChanged():
                state[record.agent_id] = record.state
            case AttemptStarted():
                open_attempts += 1
                assert AgentState.READY in state.values()
                assert open_attempts <= floor.lines
            case AttemptEnded():
                open_attempts -= 1


@settings(max_examples=10)
@given(FLOORS)
def test_the_same_seed_gives_the_same_day(floor):
    assert day(floor)[0] == day(floor)[0]
