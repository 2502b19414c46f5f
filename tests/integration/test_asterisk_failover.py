"""One of two Asterisks is killed in mid-campaign: calls go on over the other, and agents are called again, here or there."""

import pytest

from dialer.core.requests import StopCampaign
from dialer.core.states import Outcome
from dialer.live.clock import Clock
from tests.asterisk_pair import ONE, TWO, PairFloor
from tests.integration.test_killed_asterisk import nobody_was_used_twice, nothing_was_called_beyond_the_record

ENDS = {
    *(Outcome.CONNECTED, Outcome.ABANDONED, Outcome.HUNG_UP_WAITING),  # of people
    *(Outcome.FAILED, Outcome.CANCELLED),  # of calls that were lost with the server
}


def finish(site):
    """Let the last calls end, and look at what is on record."""
    site.floor.ask(StopCampaign(campaign_id=site.floor.campaign_id))
    site.wait(lambda: site.unended() == 0, "the last calls to end")
    assert site.floor.stop_run() == 0
    assert site.channels() == set()
    assert site.outcomes() <= ENDS
    nothing_was_called_beyond_the_record(site)
    nobody_was_used_twice(site)


def kill(site, server):
    """Kill a server; return when the run knew."""
    before = site.noted("alarm")
    site.servers[server].kill()
    site.wait(lambda: site.noted("alarm") > before, "the run to notice")
    return Clock().now()


def test_calls_go_on_over_the_other_server_and_agents_of_the_dead_one_are_back_when_it_is(tmp_path):
    with PairFloor(tmp_path, agent_count=4, registered=2) as site:
        site.begin()
        site.wait(lambda: min(site.talks(through=ONE), site.talks(through=TWO)) >= 1, "talks at both")
        since = kill(site, TWO)
        site.wait(lambda: site.talks(through=ONE, since=since) >= 2, "calls over the other")
        assert site.talks(through=TWO, since=since) == 0
        assert not any(site.talked(agent, since) for agent in ("agent-3", "agent-4"))

        site.servers[TWO].start()
        back = Clock().now()
        everybody = [f"agent-{number}" for number in range(1, 5)]
        site.wait(lambda: all(site.talked(agent, back) for agent in everybody), "everybody to talk again")
        site.wait(lambda: site.talks(through=TWO, since=back) >= 1, "calls over the one that is back")
        finish(site)


@pytest.mark.soak
def test_agents_are_called_through_the_other_server_once_theirs_is_given_up(tmp_path):
    with PairFloor(tmp_path, agent_count=2, given_up_after_s=2.0) as site:
        site.begin()
        site.wait(lambda: site.talks(through=ONE) >= 2, "talks at the first")
        since = kill(site, ONE)
        everybody = [f"agent-{number}" for number in range(1, 3)]
        site.wait(lambda: all(site.talked(agent, since) for agent in everybody), "everybody to talk again")
        assert site.talks(through=ONE, since=since) == 0
        finish(site)
