import pytest

from dialer.core.commands import FetchLeads, Originate
from dialer.core.events import LeadsLoaded
from dialer.core.pacing.obstacles import Obstacle, obstacle
from dialer.core.records import CampaignChanged
from dialer.core.requests import Halt, LogOut, MakeReady, PauseAgent, Resume, StartCampaign
from dialer.core.states import AgentState
from dialer.testing import CAMPAIGN, Script, lead

LEADS = [lead(number) for number in range(1, 21)]


@pytest.mark.parametrize(
    ("agents", "changes", "found"),
    [
        pytest.param([AgentState.READY, AgentState.PAUSED], {}, None, id="one-is-free"),
        pytest.param([AgentState.TALKING], {}, None, id="all-talk"),
        pytest.param([AgentState.WRAP_UP, AgentState.PAUSED], {}, None, id="one-will-be-free"),
        pytest.param([], {}, Obstacle.NO_AGENT, id="nobody"),
        pytest.param([AgentState.LOGGED_OUT, AgentState.LOGGING_IN], {}, Obstacle.NO_AGENT, id="nobody-yet"),
        pytest.param([AgentState.PAUSED, AgentState.LOGGED_OUT], {}, Obstacle.ALL_PAUSED, id="all-pause"),
        pytest.param([AgentState.READY], {"lag_s": 5.1}, Obstacle.LATE, id="late"),
        pytest.param([AgentState.READY], {"lag_s": 4.9}, None, id="late-for-a-moment"),
        pytest.param([], {"halted": True, "lag_s": 9.0}, Obstacle.HALTED, id="a-halt-comes-first"),
    ],
)
def test_what_keeps_a_floor_from_dialing_is_named(agents, changes, found):
    assert obstacle(agents, **{"halted": False, "lag_s": 0.0} | changes) is found


def reasons(script):
    return [record.reason for record in script.all(CampaignChanged)]


def test_a_campaign_says_that_nobody_is_there_and_then_that_somebody_is():
    script = Script()
    script.ask(StartCampaign(campaign_id=CAMPAIGN))
    script.end_round()
    script.end_round()
    assert reasons(script) == ["", Obstacle.NO_AGENT]
    script.log_in(1)
    script.end_round()
    assert reasons(script)[2:] == [""]


def test_a_pause_of_everybody_is_said_once_and_taken_back():
    script = Script()
    script.log_in(1)
    script.ask(StartCampaign(campaign_id=CAMPAIGN))
    script.ask(PauseAgent(agent_id=1, reason="lunch"))
    for _ in range(3):
        script.end_round()
    assert reasons(script) == ["", Obstacle.ALL_PAUSED]
    script.ask(MakeReady(agent_id=1))
    script.end_round()
    assert reasons(script)[2:] == [""]


def test_a_halt_stands_as_the_reason_until_it_is_over():
    script = Script()
    script.log_in(1)
    script.start(LEADS)
    script.ask(Halt(reason="wrong list"))
    script.end_round()
    assert reasons(script)[-1] == Obstacle.HALTED
    script.ask(Resume())
    script.end_round()
    assert reasons(script)[-1] == ""


def test_what_leads_wait_for_does_not_cover_what_the_floor_waits_for():
    script = Script()
    script.log_in(1)
    script.ask(StartCampaign(campaign_id=CAMPAIGN))
    script.ask(PauseAgent(agent_id=1, reason="lunch"))
    (fetch,) = script.all(FetchLeads, script.end_round())
    later = script.at + 600
    script.tell(
        LeadsLoaded(
            at=script.at,
            campaign_id=fetch.campaign_id,
            leads=(),
            zone_groups={},
            next_due_at=later,
            remaining=True,
        )
    )
    assert reasons(script)[-1] == Obstacle.ALL_PAUSED


def test_with_the_last_agent_the_reason_comes_back():
    script = Script()
    script.log_in(1)
    script.ask(StartCampaign(campaign_id=CAMPAIGN))
    script.end_round()
    script.ask(LogOut(agent_id=1))
    assert script.all(Originate, script.end_round()) == []
    assert reasons(script)[-1] == Obstacle.NO_AGENT
