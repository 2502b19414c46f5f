"""What should not happen and does: a clock that goes backwards, an agent in two places, a task that two agents claim."""

import pytest

from dialer.core.commands import CallAgent, HangUp
from dialer.core.events import AgentCalledIn, AgentDefined, RoundEnded
from dialer.core.records import AgentChanged, TaskChanged
from dialer.core.requests import AcceptTask, DeclineTask, EndTask, MakeReady, PauseAgent
from dialer.core.settings import Accept
from dialer.core.states import AgentState
from dialer.core.switch_events import LegAnswered
from dialer.core.task_states import TaskState
from tests.unit.core.text_floor import TextFloor

HOUR_S = 3_600.0


def test_a_clock_that_goes_backwards_stands_still_for_the_engine_and_nothing_is_lost():
    here = TextFloor(1, second=1)
    (anna,) = here.agents
    first, second = here.write(), here.write()
    noon = here.at
    here.at = noon - HOUR_S  # what the world's clock says from now on
    here.ask(EndTask(task_id=first.task_id, agent_id=anna.agent_id))
    assert (second.state, second.agent_id) == (TaskState.WORKING, anna.agent_id)
    third = here.write()
    here.ask(PauseAgent(agent_id=anna.agent_id, reason="lunch"))
    here.ask(MakeReady(agent_id=anna.agent_id))
    here.tell(RoundEnded(at=here.at, round=9))
    told = [record.at for record in here.all(AgentChanged) + here.all(TaskChanged)]
    assert min(told) >= noon - 1
    assert max(told) == noon
    assert third.arrived_at == noon
    assert here.engine.allocator.waiting == [third.task_id]
    here.at = noon + 5
    here.ask(EndTask(task_id=second.task_id, agent_id=anna.agent_id))
    assert third.agent_id == anna.agent_id
    assert third.since == noon + 5


def test_an_agent_whose_phone_calls_in_from_a_second_place_is_there_alone():
    here = TextFloor(1)
    (anna,) = here.agents
    text = here.write()
    before = anna.leg_id
    commands = here.tell(AgentCalledIn(at=here.at, agent_id=anna.agent_id))
    assert here.only(HangUp, commands).leg_id == before
    called = here.only(CallAgent, commands)
    here.tell(LegAnswered(at=here.at, leg_id=called.leg_id, server="elsewhere"))
    here.tell(LegAnswered(at=here.at, leg_id=before, server="here"))
    assert (anna.leg_id, anna.server, anna.state) == (called.leg_id, "elsewhere", AgentState.READY)
    assert sum(leg.agent_id == anna.agent_id for leg in here.engine.workspace.legs.values()) <= 2
    waits = [one for one in here.tasks.values() if one.state is TaskState.WAITING]
    in_hand = [one for one in here.tasks.values() if one.agent_id == anna.agent_id]
    assert (waits, in_hand) == ([], [text])
    assert anna.volume == 1


def test_an_agent_who_is_defined_a_second_time_stays_who_it_is():
    here = TextFloor(1)
    (anna,) = here.agents
    here.write()
    here.tell(AgentDefined(at=here.at, agent_id=anna.agent_id))
    assert here.engine.workspace.agents[anna.agent_id] is anna
    assert (anna.state, anna.volume) == (AgentState.READY, 1)


@pytest.mark.parametrize("request_kind", [AcceptTask, DeclineTask, EndTask])
def test_a_task_that_two_agents_claim_is_the_one_agents_to_whom_it_was_offered(request_kind):
    here = TextFloor(2, accept=Accept.ASK)
    text = here.write()
    other = next(one for one in here.agents if one.agent_id != text.agent_id)
    done, why = here.try_to(request_kind(task_id=text.task_id, agent_id=other.agent_id))
    assert not done
    assert "not with this agent" in why
    assert text.state is TaskState.OFFERED
