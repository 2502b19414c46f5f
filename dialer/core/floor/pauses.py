"""Why agents pause, and how long they may: the codes that the operator set, and their limits."""

from dialer.core.events import PausesDefined
from dialer.core.ids import AgentId
from dialer.core.presence_states import OVER, PAUSE
from dialer.core.states import AgentState
from dialer.core.step import Step
from dialer.core.workspace import Agent, Pause
from dialer.errors import RuleError


def defined(step: Step, event: PausesDefined) -> None:
    """Know the reasons for which agents pause."""
    step.workspace.pauses = {pause.code: pause for pause in event.pauses}


def present(agent: Agent) -> Pause | None:
    """Return the pause that an agent is in."""
    return Pause(agent.reason, agent.paused_by) if agent.state is AgentState.PAUSED else None


def check(step: Step, code: str) -> None:
    """Make sure that agents may pause for a reason.

    Raises:
        RuleError: If codes are set and this is none of them.
    """
    known = step.workspace.pauses
    if known and code not in known and code != PAUSE:
        raise RuleError(
            f"there is no pause code {code!r}: there are {', '.join(dict.fromkeys([*known, PAUSE]))}"
        )


def by_digit(step: Step, digit: str) -> str | None:
    """Return the code of the pause that a key chooses after `*`, or None."""
    for pause in step.workspace.pauses.values():
        if pause.digit == digit:
            return pause.code
    return PAUSE if digit == "0" else None


def limit_timer(agent_id: AgentId) -> str:
    """Return the name of the timer of a pause's limit."""
    return f"pause:{agent_id}"


def watch(step: Step, agent: Agent, *, before: str | None) -> None:
    """Start the limit of a pause that begins and stop that of one that ended.

    `before` is the reason of the pause until now, None if there was none: asking for the same pause again does
    not lengthen it.
    """
    now = agent.reason if agent.state is AgentState.PAUSED else None
    if now == before:
        return
    step.stop_timer(limit_timer(agent.agent_id))
    code = step.workspace.pauses.get(now) if now is not None else None
    if code is not None and code.limit_s is not None:
        step.start_timer(limit_timer(agent.agent_id), step.at + code.limit_s)


def limit_over(step: Step, agent_id: AgentId) -> None:
    """A pause lasts longer than it may: put it on record, once."""
    agent = step.workspace.agents[agent_id]
    if agent.state is AgentState.PAUSED:
        step.journal(OVER, agent.reason, agent_id=agent_id)
