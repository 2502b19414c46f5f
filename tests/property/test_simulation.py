"""Whole simulated floors: every lead has its outcome, limits hold, and the same seed gives the same day."""

from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.core.pacing.obstacles import AWAY
from dialer.core.pacing.pace import AHEAD
from dialer.core.preview_records import PreviewEnded
from dialer.core.preview_states import PreviewOutcome
from dialer.core.records import (
    AgentChanged,
    AttemptDisposed,
    AttemptEnded,
    AttemptStarted,
    CampaignChanged,
    JournalEntry,
)
from dialer.core.settings import LinkSettings, PacingMode, TrunkSettings
from dialer.core.states import AgentState, CampaignState
from dialer.simulation.floor import FloorSettings, simulate

WORKING = set(AgentState) - AWAY - {AgentState.PAUSED}
FOR_AGENTS = [mode for mode in PacingMode if mode is not PacingMode.AGENTLESS]
"""Invented leads gave no consent to calls without agents."""
SERVERS = ("one", "two", "three")
FLOORS = st.builds(
    FloorSettings,
    agents=st.integers(1, 8),
    leads=st.integers(0, 40),
    mode=st.sampled_from(FOR_AGENTS),
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
        if isinstance(record, AttemptEnded)
        or (isinstance(record, AttemptDisposed) and record.ended)
        or (isinstance(record, PreviewEnded) and record.outcome is PreviewOutcome.SKIPPED)
    }
    assert fates == dict.fromkeys(range(floor.leads))
    assert [r.state for r in records if isinstance(r, CampaignChanged)][-1] is CampaignState.COMPLETE
    assert world.telephony.legs_open == 0


@settings(max_examples=40)
@given(FLOORS)
def test_calls_start_only_while_an_agent_is_there_and_never_exceed_the_lines(floor):
    """In modes that call for agents who are free, while one is; after a preview, while one is kept for it."""
    shown = floor.mode is PacingMode.PREVIEW
    at_work = WORKING if floor.mode in AHEAD else {AgentState.RESERVED if shown else AgentState.READY}
    records, _ = day(floor)
    state, open_attempts = {}, 0
    for record in records:
        match record:
            case AgentChanged():
                state[record.agent_id] = record.state
            case AttemptStarted():
                open_attempts += 1
                assert at_work & set(state.values())
                assert open_attempts <= floor.lines
            case AttemptEnded():
                open_attempts -= 1


@settings(max_examples=40)
@given(FLOORS, st.integers(0, 3), st.lists(st.sampled_from(SERVERS), min_size=1, max_size=3))
def test_no_more_are_joined_between_servers_than_there_are_slots_and_nobody_without(floor, slots, phones_at):
    several = msgspec.structs.replace(
        floor,
        trunks=tuple(
            TrunkSettings(name=server, group="simulated", server=server, lines=floor.lines)
            for server in SERVERS[:2]
        ),
        links=tuple(LinkSettings(servers=pair, slots=slots) for pair in pairwise(SERVERS)),
        phones_at=tuple(phones_at),
        seconds=3600.0,
    )
    records, world = day(several)
    most = world.telephony.most_across
    assert set(most) <= {("one", "two"), ("three", "two")}
    assert all(count <= slots for count in most.values())
    assert [
        record for record in records if isinstance(record, JournalEntry) and record.kind == "anomaly"
    ] == []


@settings(max_examples=10)
@given(FLOORS)
def test_the_same_seed_gives_the_same_day(floor):
    assert day(floor)[0] == day(floor)[0]
