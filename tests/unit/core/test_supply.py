"""Free agents as supply: counted once, near before across, whoever fits the fewest campaigns first."""

import pytest

from dialer.core.ids import CampaignId, SetId
from dialer.core.pacing.supply import Claim, Group, Rank, Supply

ALL, RARE, OTHER = SetId(0), SetId(1), SetId(2)
ONE, TWO, THREE = CampaignId(1), CampaignId(2), CampaignId(3)


def supply(free, *, claims=None, slots=0):
    """Return a supply of agents by server and sets."""
    groups = {Group(server, frozenset(sets)): count for (server, *sets), count in free.items()}
    claims = claims or {ONE: Claim(ALL, 1.0)}
    return Supply(groups, lambda _one, _other: slots, claims)


def calls(of, campaign, server="", at_most=100):
    """Return how many calls of a campaign can be placed at a server, and place them."""
    placed = 0
    while placed < at_most and of.rank(campaign, server) is not Rank.NOWHERE:
        of.place(campaign, server)
        placed += 1
    return placed


@pytest.mark.parametrize(
    ("free", "ratio", "in_flight", "more"),
    [
        pytest.param(0, 3.0, 0, 0, id="nobody-free"),
        pytest.param(2, 1.0, 2, 0, id="every-agent-has-a-call"),
        pytest.param(5, 1.5, 2, 5, id="ratio"),
        pytest.param(1, 1.5, 0, 1, id="ratio-rounded-down"),
        pytest.param(20, 3.0, 0, 60, id="three-a-head"),
        pytest.param(2, 1.0, 5, 0, id="agents-went-while-calls-were-in-flight"),
    ],
)
def test_a_campaign_places_a_fixed_number_of_calls_for_each_agent(free, ratio, in_flight, more):
    of = supply({("", ALL): free}, claims={ONE: Claim(ALL, 1 / ratio)})
    of.place(ONE, "", in_flight)
    assert calls(of, ONE) == more


def test_agents_are_supply_once_for_campaigns_that_share_them():
    of = supply({("", ALL): 5}, claims={ONE: Claim(ALL, 1.0), TWO: Claim(ALL, 1.0)})
    assert calls(of, ONE, at_most=2) + calls(of, TWO) == 5
    assert of.rank(ONE, "") is Rank.NOWHERE


def test_calls_that_anybody_may_take_are_counted_against_those_whom_nobody_else_wants_first():
    claims = {ONE: Claim(ALL, 1.0), TWO: Claim(RARE, 1.0)}
    of = supply({("", ALL): 3, ("", ALL, RARE): 2}, claims=claims)
    assert calls(of, ONE, at_most=3) == 3
    assert calls(of, TWO) == 2
    assert of.rank(ONE, "") is Rank.NOWHERE


def test_a_campaign_leaves_no_agent_unused_that_another_could_not_take():
    claims = {ONE: Claim(ALL, 1.0), TWO: Claim(RARE, 1.0), THREE: Claim(OTHER, 1.0)}
    of = supply({("", ALL, RARE): 2, ("", OTHER): 1}, claims=claims)
    assert [calls(of, one) for one in (THREE, ONE, TWO)] == [1, 2, 0]
    assert of.left(RARE) == 0


def test_agents_near_come_first_and_others_as_far_as_slots_go():
    of = supply({("here", ALL): 1, ("there", ALL): 5}, slots=2)
    assert of.rank(ONE, "here") is Rank.NEAR
    of.place(ONE, "here")
    assert of.rank(ONE, "here") is Rank.ACROSS
    assert calls(of, ONE, "here") == 2
    assert of.rank(ONE, "there") is Rank.NEAR
    assert calls(of, ONE, "there") == 3


def test_work_that_comes_in_anywhere_takes_agents_wherever_they_are():
    of = supply({("here", ALL): 1, ("there", ALL): 1})
    of.hold(ALL, 1.5, server=None)
    assert (of.rank(ONE, "here"), of.rank(ONE, "there")) == (Rank.NOWHERE, Rank.NOWHERE)
    assert of.left(ALL) == 0.5
