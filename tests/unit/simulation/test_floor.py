"""Several campaigns on one simulated floor."""

from collections import Counter

from dialer.core.records import AttemptEnded
from dialer.core.settings import PacingMode
from dialer.core.states import Outcome
from dialer.simulation.floor import FloorSettings, OtherCampaign, simulate


def ends(floor):
    """Return the ends of all attempts of a floor."""
    ended = []
    simulate(floor, on_record=lambda one: ended.append(one) if isinstance(one, AttemptEnded) else None)
    return ended


def test_campaigns_that_share_agents_are_all_called_to_their_end():
    others = (
        OtherCampaign(leads=60, wrap_up_s=5.0),
        OtherCampaign(leads=40, mode=PacingMode.RATIO, ratio=2.0),
    )
    ended = ends(FloorSettings(agents=4, leads=50, others=others))

    leads = {
        campaign: {one.lead_id for one in ended if one.campaign_id == campaign} for campaign in (1, 2, 3)
    }
    assert {campaign: len(called) for campaign, called in leads.items()} == {1: 50, 2: 60, 3: 40}


def test_campaigns_of_one_call_for_each_free_agent_abandon_nobody_beside_each_other():
    ended = ends(FloorSettings(agents=4, leads=60, others=(OtherCampaign(leads=60), OtherCampaign(leads=60))))

    outcomes = Counter(one.outcome for one in ended)
    assert outcomes[Outcome.CONNECTED] > 10
    assert outcomes[Outcome.ABANDONED] == 0
