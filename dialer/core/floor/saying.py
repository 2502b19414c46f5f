"""What is put on record of an agent, and told to the allocator: both go by the same moment."""

from dialer.core.allocation import index
from dialer.core.floor import marks
from dialer.core.records import AgentChanged
from dialer.core.states import AgentState
from dialer.core.step import Step
from dialer.core.workspace import Agent


def say(step: Step, agent: Agent, *, begins: bool = False) -> None:
    """Put on record what an agent does and what is to come; `begins`: since now."""
    index.know(step, agent)
    call = step.workspace.calls.get(agent.call_id) if agent.call_id else agent.talk
    step.emit(
        AgentChanged(
            at=step.at,
            agent_id=agent.agent_id,
            state=agent.state,
            reason=agent.reason,
            attempt_id=call.attempt_id if call else None,
            to_come=_to_come(agent),
            begins=begins,
            until_at=_until_at(step, agent),
            paused_by=agent.paused_by,
            busy_code=marks.busy_code(agent),
            serving=marks.serving(agent),
            served=agent.today,
            volume=agent.volume,
            served_until=step.workspace.day_ends_at,
        )
    )


def _until_at(step: Step, agent: Agent) -> float | None:
    preview = step.workspace.previews.get(agent.agent_id)
    if agent.state is AgentState.PREVIEWING and preview is not None:
        return preview.until
    talk = agent.talk if agent.state is AgentState.WRAP_UP else None
    return None if talk is None or talk.is_over else talk.until


def _to_come(agent: Agent) -> str:
    if agent.log_out_next:
        return "log out"
    return "" if agent.pause_next is None else f"pause: {agent.pause_next.reason}"
