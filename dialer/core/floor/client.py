"""Busy and ready by what happens at the program that an agent works with: locked, idle, gone, and back.

The operator says which of these makes busy, with which code and after how long. Who is back is made ready only if it was the
client that made busy, and if the operator wants it so: a pause by hand is never ended by moving the mouse.
"""

from dialer.core.events import PresenceDefined
from dialer.core.floor import agents, presence
from dialer.core.ids import AgentId
from dialer.core.presence_states import CLIENT_MOVES, ClientState, PausedBy
from dialer.core.requests import ClientTold, MakeReady
from dialer.core.settings import ClientRule
from dialer.core.states import AgentState
from dialer.core.step import Step
from dialer.core.workspace import Agent, Pause


def defined(step: Step, event: PresenceDefined) -> None:
    """Know what each state of a client makes of its agent."""
    step.workspace.client_rules = {rule.client: rule for rule in event.rules}


def client_timer(agent_id: AgentId) -> str:
    """Return the name of the timer after which a client that stays as it is makes its agent busy."""
    return f"client:{agent_id}"


def told(step: Step, request: ClientTold) -> str:
    """Take in what an agent's client says; return what follows."""
    agent = presence.ours(step, request.agent_id)
    before, agent.client = agent.client, CLIENT_MOVES[agent.client, request.what]
    if agent.client is ClientState.ACTIVE:
        step.stop_timer(client_timer(agent.agent_id))
        return _back(step, agent)
    if agent.client is before:
        return f"the client is {before} as before"
    step.stop_timer(client_timer(agent.agent_id))
    rule = step.workspace.client_rules.get(agent.client)
    if rule is None:
        return f"the client is {agent.client}, which makes nobody busy"
    if rule.after_s > 0:
        step.start_timer(client_timer(agent.agent_id), step.at + rule.after_s)
        return f"the agent is paused in {rule.after_s:g} s if the client stays {agent.client}"
    return _make_busy(step, agent, rule)


def stayed(step: Step, agent_id: AgentId) -> None:
    """A client has been as it is for as long as its rule says."""
    agent = step.workspace.agents[agent_id]
    rule = step.workspace.client_rules.get(agent.client)
    if rule is not None:
        _make_busy(step, agent, rule)


def _make_busy(step: Step, agent: Agent, rule: ClientRule) -> str:
    if agent.state is AgentState.LOGGED_OUT:
        return f"the client is {agent.client}; the agent is logged out"
    marked = agent.paused_by or (agent.pause_next.by if agent.pause_next is not None else PausedBy.NOBODY)
    if marked not in (PausedBy.NOBODY, PausedBy.CLIENT):
        return f"the client is {agent.client}; the agent is busy already"
    return presence.make_busy(step, agent, Pause(rule.pause, PausedBy.CLIENT))


def _back(step: Step, agent: Agent) -> str:
    """Undo what the client did to its agent, and nothing else."""
    if agent.pause_next is not None and agent.pause_next.by is PausedBy.CLIENT:
        agent.pause_next = None
        agents.say(step, agent)
        return "the pause that was to come is taken back"
    if agent.paused_by is not PausedBy.CLIENT:
        return "the client is active"
    rules = step.workspace.client_rules.values()
    if any(rule.pause == agent.reason and rule.ready_again for rule in rules):
        return presence.make_ready(step, MakeReady(agent_id=agent.agent_id))
    return "the agent stays paused: `dialer agent ready NAME` ends that"
