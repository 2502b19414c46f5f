"""Simulated agents who are shown leads: they read, call and skip, and nobody is lost or abandoned."""

from collections import Counter

from dialer.core.preview_records import PreviewEnded, PreviewStarted
from dialer.core.preview_states import PreviewOutcome
from dialer.core.records import AttemptEnded, CampaignChanged, JournalEntry
from dialer.core.settings import PacingMode
from dialer.core.states import CampaignState, Outcome
from dialer.simulation.day import simulate_day
from dialer.simulation.deciders import Deciding
from dialer.simulation.floor import FloorSettings, OtherCampaign, simulate
from dialer.simulation.scenario import Mode, Scenario


def records_of(**settings):
    records = []
    simulate(FloorSettings(mode=PacingMode.PREVIEW, agents=3, **settings), on_record=records.append)
    return records


def of(records, kind):
    return [record for record in records if isinstance(record, kind)]


def test_every_lead_is_called_or_skipped_to_its_end_and_nobody_is_abandoned():
    records = records_of(leads=40)
    assert of(records, CampaignChanged)[-1].state is CampaignState.COMPLETE
    outcomes = Counter(record.outcome for record in of(records, AttemptEnded))
    assert outcomes[Outcome.CONNECTED] > 0
    assert outcomes[Outcome.ABANDONED] == 0
    decided = Counter(record.outcome for record in of(records, PreviewEnded))
    assert decided[PreviewOutcome.SKIPPED] > 0
    assert decided[PreviewOutcome.CALLED] == len(of(records, AttemptEnded))
    assert [entry for entry in of(records, JournalEntry) if entry.kind == "anomaly"] == []


def test_whoever_skips_everything_finishes_each_lead_by_the_rule():
    records = records_of(leads=5, deciding=Deciding(skip_share=1.0))
    skips = Counter(record.lead_id for record in of(records, PreviewEnded))
    assert set(skips.values()) == {3}
    assert of(records, AttemptEnded) == []


def test_whoever_decides_too_late_is_paused_by_the_system():
    records = records_of(leads=5, preview_s=10.0, deciding=Deciding(decide_s=1000.0), seconds=60.0)
    ended = of(records, PreviewEnded)
    assert {record.reason for record in ended} == {"not decided in time"}
    assert len(ended) == 3


def test_agents_of_two_campaigns_are_shared_between_previews_and_calls():
    others = (OtherCampaign(leads=30),)
    records = records_of(leads=30, others=others)
    campaigns = Counter(record.campaign_id for record in of(records, AttemptEnded))
    assert set(campaigns) == {1, 2}
    assert {record.campaign_id for record in of(records, PreviewStarted)} == {1}
    assert Outcome.ABANDONED not in {record.outcome for record in of(records, AttemptEnded)}


def test_a_day_of_previews_depends_on_its_seed_alone():
    scenario = Scenario(agents=4, hours=0.5, warm_up_min=0)
    first, again = (simulate_day(scenario, seed=3, mode=Mode.parse("preview")) for _ in range(2))
    assert first == again
    assert first.abandoned == 0
    assert first.connected > 0
