"""Simulated floors whose carrier fails for a while: no lead pays, nothing storms, dialing goes on by itself."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.core.records import (
    AttemptEnded,
    AttemptStarted,
    CallStarted,
    CampaignChanged,
    JournalEntry,
    TrunkChanged,
)
from dialer.core.settings import PacingMode, TrunkSettings
from dialer.core.states import CampaignState, EndCause, Outcome, TrunkState
from dialer.simulation.floor import ROUTE, FloorSettings, simulate
from dialer.simulation.outages import Outage

KINDS = [
    {"sip_code": 503},
    {"sip_code": 403, "cause": EndCause.ACCOUNT_FAULT},
    {"sip_code": 408, "cause": EndCause.NO_ANSWER},
    {"sip_code": None},
]
FLOOR = {"agents": 5, "leads": 40, "mode": PacingMode.RATIO, "ratio": 2.0}


def day(*outages, **changes):
    records = []
    simulate(FloorSettings(**(FLOOR | changes), outages=outages), on_record=records.append)
    return records


def of(records, kind):
    return [record for record in records if isinstance(record, kind)]


OUTAGES = st.builds(
    lambda kind, from_s, lasts_s: Outage(trunk=ROUTE, from_s=from_s, until_s=from_s + lasts_s, **kind),
    st.sampled_from(KINDS),
    st.floats(0, 400),
    st.floats(1, 5000),
)


@settings(max_examples=40, deadline=None)
@given(OUTAGES, st.integers(0, 2**31), st.integers(1, 8))
def test_an_outage_charges_and_finishes_no_lead_and_dialing_goes_on_by_itself(outage, seed, agents):
    records = day(outage, seed=seed, agents=agents)
    ended = of(records, AttemptEnded)
    faults = [record for record in ended if record.carrier_fault]
    assert all(not record.counted and record.retry_at is not None for record in faults)
    assert all(record.carrier_fault for record in ended if record.outcome is Outcome.FAILED)
    finished = {record.lead_id for record in ended if record.retry_at is None}
    assert finished == set(range(FLOOR["leads"]))
    assert of(records, CampaignChanged)[-1].state is CampaignState.COMPLETE
    assert of(records, TrunkChanged)[-1].state is TrunkState.UP


@settings(max_examples=40, deadline=None)
@given(OUTAGES, st.integers(0, 2**31))
def test_while_a_trunk_is_out_its_calls_are_single_probes(outage, seed):
    state, in_flight = TrunkState.UP, set()
    for record in day(outage, seed=seed):
        match record:
            case TrunkChanged():
                if state is TrunkState.UP and record.state is TrunkState.OUT:
                    in_flight = set()
                state = record.state
            case AttemptStarted():
                assert state in (TrunkState.UP, TrunkState.PROBING)
                if state is TrunkState.PROBING:
                    in_flight.add(record.attempt_id)
                    assert len(in_flight) == 1
            case AttemptEnded():
                in_flight.discard(record.attempt_id)


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(KINDS), st.integers(0, 2**31))
def test_a_lead_meets_no_more_faults_a_day_than_allowed(kind, seed):
    records = day(Outage(trunk=ROUTE, until_s=40 * 3600.0, **kind), seed=seed, leads=3)
    met = Counter(
        (record.lead_id, int(record.at // 86_400))
        for record in of(records, AttemptEnded)
        if record.carrier_fault
    )
    assert max(met.values()) == 5


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(KINDS[:2]), st.integers(0, 2**31))
def test_with_a_second_trunk_an_outage_of_the_first_is_hardly_noticed(kind, seed):
    trunks = tuple(TrunkSettings(name=name, group=ROUTE, calls_per_second=1000) for name in ("one", "two"))
    records = day(Outage(trunk="one", **kind), trunks=trunks, seed=seed)
    started = of(records, CallStarted)
    assert started
    assert {record.trunk for record in started} == {"two"}
    assert not of(records, AttemptEnded)[0].carrier_fault
    assert not any(record.carrier_fault for record in of(records, AttemptEnded))
    alarms = [record for record in of(records, JournalEntry) if record.kind == "alarm"]
    assert len(alarms) == 1
    assert all("out" not in record.reason for record in of(records, CampaignChanged))
