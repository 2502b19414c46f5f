"""A campaign's mode is changed while it runs: from then on it is paced by the new one."""

from itertools import permutations

import pytest
from msgspec.structs import replace

from dialer.core.events import CampaignDefined
from dialer.core.pacing.decision import PacingDecided
from dialer.core.records import AttemptEnded, AttemptStarted
from dialer.core.settings import PacingMode
from dialer.core.states import Outcome
from dialer.simulation.behaviour import People
from dialer.simulation.floor import CAMPAIGN, START_AT, FloorSettings, simulate

CHANGED_AT = START_AT + 600.0
SETTLE_S = 120.0
"""Calls that the mode before had started are over so long after the change."""

MODES = [PacingMode.PROGRESSIVE, PacingMode.RATIO, PacingMode.PREDICTIVE, PacingMode.PREVIEW]
"""Those that call for agents who are free, or soon will be."""


class Changer:
    """Changes the mode at its time, as a command would; it is told of each round as a log is."""

    def __init__(self, mode):
        self._mode = mode
        self.at = None

    def add(self, engine, events, commands):
        campaign = engine.workspace.campaigns.get(CAMPAIGN)
        if events[-1].at >= CHANGED_AT and campaign.settings.mode is not self._mode:
            self.at = events[-1].at
            changed = replace(campaign.settings, mode=self._mode)
            assert engine.handle(CampaignDefined(at=self.at, campaign=changed)) == []


@pytest.mark.parametrize(("before", "after"), [*permutations(MODES, 2)])
def test_a_running_campaign_goes_by_its_new_mode_from_the_next_decision_on(before, after):
    records, changer = [], Changer(after)
    floor = FloorSettings(
        agents=3,
        leads=3000,
        mode=before,
        ratio=3.0,
        people=People(human_share=0.4, machine_share=0.2),
        seconds=2400.0,
    )
    simulate(floor, log=changer, on_record=records.append)
    decided = [one for one in records if isinstance(one, PacingDecided)]
    assert {one.mode for one in decided if one.at <= changer.at} == {before}
    assert {one.mode for one in decided if one.at > changer.at} == {after}
    started = {one.attempt_id: one.at for one in records if isinstance(one, AttemptStarted)}
    settled = [
        one
        for one in records
        if isinstance(one, AttemptEnded) and started[one.attempt_id] > changer.at + SETTLE_S
    ]
    outcomes = [one.outcome for one in settled]
    assert outcomes.count(Outcome.CONNECTED) > 10
    abandoned = outcomes.count(Outcome.ABANDONED)
    assert (abandoned > 0) >= (after is PacingMode.RATIO)  # three calls for each free agent are too many
    assert (abandoned == 0) >= (after is PacingMode.PROGRESSIVE)
