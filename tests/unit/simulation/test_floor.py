"""Several campaigns on one simulated floor."""

from collections import Counter

from dialer.core.records import AttemptEnded, AttemptStarted
from dialer.core.settings import PacingMode
from dialer.core.shift import Shift
from dialer.core.states import Outcome
from dialer.simulation.floor import START_AT, FloorSettings, OtherCampaign, simulate


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


def test_nobody_is_called_for_agents_who_have_a_break_or_the_end_of_their_shift_before_them():
    hour, horizon_s = 3600.0, 180.0  # 10 s to ring, 25 s of ringing, 120 s of talk, 25 s of notes
    shifts = tuple(
        Shift(agent_id=agent, begins_at=-hour, ends_at=3 * hour, breaks=((hour, 1.5 * hour),))
        for agent in range(3)
    )
    started = []
    simulate(
        FloorSettings(agents=3, leads=2000, shifts=shifts, seconds=4 * hour),
        on_record=lambda one: started.append(one.at - START_AT) if isinstance(one, AttemptStarted) else None,
    )
    # Who is back from a break in its second half is early, and at work.
    idle = [(hour - horizon_s, 1.25 * hour), (3 * hour - horizon_s, 4 * hour)]
    assert [at for at in started if any(since < at < until for since, until in idle)] == []
    work = [(0.0, hour - horizon_s), (1.5 * hour, 3 * hour - horizon_s)]
    assert all(any(since < at < until for at in started) for since, until in work)
