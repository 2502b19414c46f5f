"""Agents whose phones call in instead of being called: the call is a log-in, or takes the place of a lost leg.

Nothing else is different: the leg that is ordered for such an agent waits for the phone instead of calling it.
"""

from dialer.core.events import AgentCalledIn
from dialer.core.floor import agents, pauses, presence, reconnection
from dialer.core.presence_states import ClientState
from dialer.core.states import AgentState
from dialer.core.step import Step
from dialer.core.workspace import Pause

AGAIN = "called in again"

_IDLE = frozenset({AgentState.READY, AgentState.PREVIEWING, AgentState.PAUSED, AgentState.WRAP_UP})


def called_in(step: Step, event: AgentCalledIn) -> None:
    """Order the leg that the phone waits for.

    The newest call counts: a phone that was cut off calls again before anybody else notices. The leg before is hung
    up, the state stays, and in a talk the customer is held for the moment.
    """
    agent = step.workspace.agents.get(event.agent_id)
    if agent is None or step.workspace.finishing:
        return
    if agent.state is AgentState.LOGGED_OUT:
        agent.pause_when_up, agent.phone_tries = Pause(presence.LOGGED_IN), 0
        agent.client = ClientState.ACTIVE
        presence.call_phone(step, agent)
    elif agent.state in _IDLE:
        pause = pauses.present(agent)
        agents.log_out(step, agent, AGAIN)
        agent.pause_when_up, agent.phone_tries = pause, 0
        presence.call_phone(step, agent)
    elif agent.state is AgentState.TALKING and agent.leg_id is not None:
        step.hang_up(agent.leg_id)
        call = step.workspace.calls.get(agent.call_id) if agent.call_id is not None else None
        reconnection.begin(step, agent, call, AGAIN)
    else:
        presence.call_phone_again(step, agent.agent_id)  # only where the phone is missing
