"""Agents' states: the one place where they change, with the list of free agents kept in step."""

from dialer.core.allocation import in_hand
from dialer.core.commands import CallAgent, PlayMessage
from dialer.core.floor import pauses, saying
from dialer.core.ids import CallId, LegId
from dialer.core.messages import Message
from dialer.core.pacing import observing
from dialer.core.presence_states import PausedBy
from dialer.core.records import AgentLegStarted
from dialer.core.states import AGENT_MOVES, SEEN_MOVES, AgentMove, AgentState, Presence, advance
from dialer.core.step import Step
from dialer.core.work import dispositions, preview_ends, wrap_up
from dialer.core.workspace import Agent, Leg, Pause, Talk

NOT_TAKEN = "did not take a call"

say = saying.say


def move(
    step: Step,
    agent: Agent,
    by: AgentMove,
    reason: str = "",
    *,
    paused_by: PausedBy = PausedBy.REQUEST,
) -> None:
    """Change an agent's state.

    Raises:
        IllegalTransitionError: If the state does not allow it.
    """
    before, said = agent.state, agent.reason
    agent.state = advance(AGENT_MOVES, before, by)
    agent.reason = reason
    is_paused = agent.state is AgentState.PAUSED or (agent.state is AgentState.LOGGING_IN and reason)
    agent.paused_by = paused_by if is_paused else PausedBy.NOBODY
    observing.agent_moved(step, agent, before)
    if agent.state is not before:
        agent.since = step.at
    if agent.state not in (AgentState.WRAP_UP, AgentState.RECONNECTING):
        dispositions.leave(step, agent)
    if before is AgentState.PREVIEWING:
        preview_ends.leave(step, agent)
    if agent.state is AgentState.READY and by is not AgentMove.RESCIND:
        agent.free_since = step.at  # else a call was offered in vain: the place is kept
    step.workspace.pacing_due = True
    pauses.watch(step, agent, before=said if before is AgentState.PAUSED else None)
    say(step, agent, begins=True)
    in_hand.agent_moved(step, agent, before, by)


def settle(step: Step, agent: Agent) -> None:
    """Let a member be what its own system says."""
    member = agent.member
    if member is None:
        return
    _drop_leg(step, agent)  # of an earlier run: nobody spoke by it
    presence, reason = member.presence, member.reason
    if presence is Presence.FREE and step.at < member.rests_until:
        presence, reason = Presence.BUSY, NOT_TAKEN
    by = SEEN_MOVES[presence]
    if AGENT_MOVES[agent.state, by] is not agent.state or reason != agent.reason:
        move(step, agent, by, reason)


def _drop_leg(step: Step, agent: Agent) -> None:
    """End a member's leg, which was up for one call."""
    if agent.member is None or agent.leg_id is None:
        return
    if agent.leg_id in step.workspace.legs:
        step.hang_up(agent.leg_id)
    agent.leg_id = None


def wrap_up_timer(agent: Agent) -> str:
    """Return the name of an agent's wrap-up timer."""
    return f"wrap-up:{agent.agent_id}"


def finish_call(step: Step, agent: Agent, wrap_up_s: float, talk: Talk | None = None) -> None:
    """Take an agent out of a talk, into wrap-up about it; one of no seconds is over at once."""
    if agent.member is not None:
        wrap_up_s = agent.member.wrap_up_s
    if talk is not None:
        talk.until = step.at + wrap_up_s
    agent.call_id, agent.talk = None, talk
    move(step, agent, AgentMove.WRAP_UP)
    _drop_leg(step, agent)
    if wrap_up_s <= 0 or dispositions.ends_wrap_up(step, agent):
        wrap_up_over(step, agent)
    else:
        step.start_timer(wrap_up_timer(agent), step.at + wrap_up_s)


def wrap_up_over(step: Step, agent: Agent) -> None:
    """The time for wrap-up is over: the agent goes on, or the wrap-up waits for something else than time."""
    waits_for = wrap_up.held(step, agent)
    if agent.talk is None or not waits_for:
        end_wrap_up(step, agent)
        return
    step.stop_timer(wrap_up_timer(agent))
    agent.talk.is_over = True
    agent.reason = waits_for
    say(step, agent)
    if agent.leg_id is not None:
        tone = Message.TONE_REFUSED if waits_for == wrap_up.HELD else Message.TONE_DONE
        step.emit(PlayMessage(leg_id=agent.leg_id, message=tone))


def end_wrap_up(step: Step, agent: Agent) -> None:
    """Let an agent go on who is done with a wrap-up."""
    step.stop_timer(wrap_up_timer(agent))
    _go_on(step, agent)


def lengthen_wrap_up(step: Step, agent: Agent, seconds: float) -> float:
    """Put off the end of a wrap-up; return when it is now.

    Raises:
        RuleError: If that may not be.
    """
    until = wrap_up.lengthen(step, agent, seconds)
    step.start_timer(wrap_up_timer(agent), until)
    say(step, agent)
    return until


def _go_on(step: Step, agent: Agent) -> None:
    """Leave a wrap-up or a reservation that was given up for what waited, else for the next call."""
    if agent.member is not None:
        settle(step, agent)
    elif agent.log_out_next:
        log_out(step, agent, "logged out")
    elif agent.pause_next is not None:
        begin, agent.pause_next = agent.pause_next, None
        pause(step, agent, begin)
    elif agent.state is AgentState.WRAP_UP:
        move(step, agent, AgentMove.MAKE_READY)


def pause(step: Step, agent: Agent, begin: Pause) -> None:
    """Give an agent who has no call no more work."""
    step.stop_timer(wrap_up_timer(agent))
    move(step, agent, AgentMove.PAUSE, begin.reason, paused_by=begin.by)


def reserve(step: Step, agent: Agent, call_id: CallId | None = None) -> None:
    """Choose an agent for the talk of another, or for a call that is placed for it."""
    agent.call_id = call_id
    move(step, agent, AgentMove.RESERVE)


def release(step: Step, agent: Agent) -> None:
    """Give up a reservation: the agent is as before, unless something waited for this moment."""
    agent.call_id = None
    _drop_leg(step, agent)
    move(step, agent, AgentMove.RESCIND)
    _go_on(step, agent)


def call_phone(step: Step, agent: Agent) -> None:
    """Call an agent's phone; its leg then stays up."""
    agent.leg_id = LegId(step.new_id())
    agent.phone_tries += 1
    step.workspace.legs[agent.leg_id] = Leg(leg_id=agent.leg_id, agent_id=agent.agent_id)
    step.emit(AgentLegStarted(at=step.at, leg_id=agent.leg_id, agent_id=agent.agent_id))
    step.emit(CallAgent(leg_id=agent.leg_id, agent_id=agent.agent_id))


def lose_phone(step: Step, agent: Agent, reason: str) -> None:
    """Log an agent out whose phone is gone; what is left of its leg is hung up."""
    step.stop_timer(wrap_up_timer(agent))
    agent.phone_tries = 0
    agent.log_out_next, agent.pause_next = False, None
    move(step, agent, AgentMove.PHONE_LOST, reason)
    if agent.leg_id is not None:
        step.hang_up(agent.leg_id)
        agent.leg_id = None


def log_out(step: Step, agent: Agent, reason: str) -> None:
    """End an agent's shift: the phone's leg is hung up."""
    step.stop_timer(wrap_up_timer(agent))
    agent.log_out_next, agent.pause_next = False, None
    move(step, agent, AgentMove.LOG_OUT, reason)
    if agent.leg_id is not None:
        step.hang_up(agent.leg_id)
        agent.leg_id = None
