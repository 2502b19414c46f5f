"""Agents come, pause and go; their phones' legs come up and die."""

from dialer.core.allocation import reservation
from dialer.core.events import AgentDefined
from dialer.core.floor import agents, members, pauses, reconnection
from dialer.core.ids import AgentId, LegId
from dialer.core.presence_states import ClientState, PausedBy
from dialer.core.requests import Dispose, EndWrapUp, LogIn, LogOut, MakeReady, MoreTime, PauseAgent
from dialer.core.states import AgentMove, AgentState, EndCause
from dialer.core.step import Step
from dialer.core.switch_events import LegAnswered, LegEnded
from dialer.core.work import attempts, calls, dispositions, wrap_up
from dialer.core.workspace import Agent, Call, Leg, Member, Pause
from dialer.errors import RuleError

PHONE_TRIES = 3
PHONE_RETRY_S = 2.0
"""A phone that an earlier run held may be busy until that run's leg is gone: its workers end within 2 s."""

LOGGED_IN = "logged in"
"""The reason of the pause between a log-in and the first ready."""

_IN_CALL = frozenset({AgentState.RESERVED, AgentState.TALKING, AgentState.RECONNECTING})
_WORKING = frozenset({AgentState.READY, AgentState.PREVIEWING, AgentState.WRAP_UP}) | _IN_CALL


def phone_timer(agent_id: AgentId) -> str:
    """Return the name of the timer that calls a phone again."""
    return f"phone:{agent_id}"


def defined(step: Step, event: AgentDefined) -> None:
    """Know an agent; whoever was at work when an earlier run died is called again."""
    known = step.workspace.agents.get(event.agent_id)
    if known is not None:
        return
    agent = step.workspace.agents[event.agent_id] = Agent(
        agent_id=event.agent_id,
        server=event.server,
        profile=event.profile,
        today=event.served_today,
    )
    if event.member:
        agent.member = Member(member="")
        agents.say(step, agent, begins=event.state is not AgentState.LOGGED_OUT)
        if event.leg_id is not None:
            members.defined(step, agent, event.leg_id, is_up=event.phone_up)
        return
    if event.state is AgentState.LOGGED_OUT:
        return
    was_to_be_ready = event.state is AgentState.LOGGING_IN and not event.reason
    if event.state not in _WORKING and not was_to_be_ready:
        agent.pause_when_up = Pause(event.reason or LOGGED_IN, event.paused_by or PausedBy.REQUEST)
    if event.leg_id is None:
        call_phone(step, agent)
    else:
        _take_over(step, agent, event, event.leg_id)


def _take_over(step: Step, agent: Agent, event: AgentDefined, leg_id: LegId) -> None:
    """Go on with a phone's leg that the switch held while nothing ran."""
    agent.leg_id = leg_id
    step.workspace.legs[leg_id] = leg = Leg(leg_id=leg_id, agent_id=agent.agent_id)
    if not event.phone_up:
        _change_end_of_log_in(step, agent, agent.pause_when_up)
        return
    leg.answered_at = step.at
    _phone_up(step, agent)


def _phone_up(step: Step, agent: Agent) -> None:
    """End a log-in as was asked for."""
    end = agent.pause_when_up
    if end is None:
        agents.move(step, agent, AgentMove.PHONE_UP_READY)
    else:
        agents.move(step, agent, AgentMove.PHONE_UP_PAUSED, end.reason, paused_by=end.by)


def call_phone(step: Step, agent: Agent) -> None:
    """Let an agent log in by a call to the phone."""
    _change_end_of_log_in(step, agent, agent.pause_when_up)
    agents.call_phone(step, agent)


def _change_end_of_log_in(step: Step, agent: Agent, end: Pause | None) -> None:
    """Remember how a log-in shall end, on record: the next run has to know it if this one dies."""
    agent.pause_when_up = end
    if end is None:
        agents.move(step, agent, AgentMove.CALL_PHONE)
    else:
        agents.move(step, agent, AgentMove.CALL_PHONE, end.reason, paused_by=end.by)


def call_phone_again(step: Step, agent_id: AgentId) -> None:
    """The wait after a phone that did not answer is over."""
    agent = step.workspace.agents[agent_id]
    if agent.leg_id is not None:
        return
    if agent.state is AgentState.LOGGING_IN:
        call_phone(step, agent)
    elif agent.state is AgentState.RECONNECTING:
        agents.call_phone(step, agent)


def phone_answered(step: Step, agent: Agent, leg: Leg, event: LegAnswered) -> None:
    """The phone is up: the agent is there."""
    if agent.member is not None:
        members.picked_up(step, agent, leg)
        return
    leg.answered_at = step.at
    if agent.leg_id == leg.leg_id and agent.state is AgentState.RECONNECTING:
        agent.server = event.server
        reconnection.phone_up(step, agent, leg)
        return
    if agent.leg_id != leg.leg_id or agent.state is not AgentState.LOGGING_IN:
        step.anomaly("an agent's phone answered that nobody waits for", leg_id=leg.leg_id)
        step.hang_up(leg.leg_id)
        return
    agent.phone_tries, agent.server = 0, event.server
    _phone_up(step, agent)
    reservation.assign(step)


def phone_ended(step: Step, agent: Agent, leg: Leg, event: LegEnded) -> None:
    """The phone's leg is gone: it is called again, if that is our fault or a customer is there."""
    step.emit(attempts.close_leg(leg, event, at=step.at))
    phone_gone(step, agent, leg, event.cause.value)


def phone_gone(step: Step, agent: Agent, leg: Leg, why: str) -> None:
    """Forget a phone's leg, and see to its agent."""
    del step.workspace.legs[leg.leg_id]
    if agent.leg_id != leg.leg_id:
        return  # hung up by us at log-out
    if agent.member is not None:
        members.leg_gone(step, agent, why)
        return
    agent.leg_id = None
    state, leaves = agent.state, agent.log_out_next or step.workspace.finishing
    if state is AgentState.RECONNECTING or (
        state is AgentState.LOGGING_IN and agent.phone_tries < PHONE_TRIES
    ):
        step.start_timer(phone_timer(agent.agent_id), step.at + PHONE_RETRY_S)
    elif state is AgentState.TALKING and not agent.log_out_next:
        reconnection.begin(step, agent, _customer(step, agent), why)
    elif why == EndCause.LOST and state is not AgentState.LOGGING_IN and not leaves:
        _call_back(step, agent)
    else:
        phone_missing(step, agent, f"phone: {why}")


def phone_missing(step: Step, agent: Agent, reason: str) -> None:
    """Log an agent out who cannot be reached; a customer who was there goes to the next."""
    call, agent.call_id = _customer(step, agent), None
    agents.lose_phone(step, agent, reason)
    if call is not None:
        calls.agent_lost(step, call)


def _call_back(step: Step, agent: Agent) -> None:
    """Call a phone that we lost, not the agent: what was, or was to come, is so again once it is up."""
    call, agent.call_id = _customer(step, agent), None
    step.stop_timer(agents.wrap_up_timer(agent))
    agent.pause_when_up = pauses.present(agent) or agent.pause_next
    agent.pause_next, agent.phone_tries = None, 0
    call_phone(step, agent)
    if call is not None:
        calls.agent_lost(step, call)


def _customer(step: Step, agent: Agent) -> Call | None:
    return step.workspace.calls.get(agent.call_id) if agent.call_id is not None else None


# --- requests ----------------------------------------------------------------------------------------


def log_in(step: Step, request: LogIn) -> str:
    """Call the phone of an agent who is not there yet."""
    agent = ours(step, request.agent_id)
    if agent.state is not AgentState.LOGGED_OUT:
        raise RuleError(f"the agent is logged in already ({agent.state})")
    agent.pause_when_up, agent.client = None if request.ready else Pause(LOGGED_IN), ClientState.ACTIVE
    agent.phone_tries = 0
    call_phone(step, agent)
    return "the phone is being called"


def log_out(step: Step, request: LogOut) -> str:
    """Let an agent go, after the present call if there is one."""
    agent = ours(step, request.agent_id)
    if agent.state is AgentState.LOGGED_OUT:
        raise RuleError("the agent is logged out already")
    if _works_on(step, agent):
        agent.log_out_next = True
        step.workspace.pacing_due = True
        agents.say(step, agent)
        return f"the agent is logged out {_when(step, agent)}"
    agents.log_out(step, agent, "logged out")
    return "logged out"


def make_ready(step: Step, request: MakeReady) -> str:
    """Take away a pause, what is to come after the present call, or the rest of a wrap-up."""
    agent = ours(step, request.agent_id)
    if agent.state is AgentState.WRAP_UP:
        wrap_up.check_may_end(step, agent)
    if agent.pause_next is not None or agent.log_out_next:
        agent.pause_next, agent.log_out_next = None, False
        agents.say(step, agent)
    if agent.state is AgentState.LOGGING_IN:
        _change_end_of_log_in(step, agent, None)
        return "the agent is ready once the phone is up"
    if agent.state in (AgentState.PAUSED, AgentState.WRAP_UP):
        to_ready(step, agent)
        return "ready"
    if agent.state is AgentState.LOGGED_OUT:
        raise RuleError("the agent is logged out: `dialer agent login NAME` first")
    return f"the agent is {agent.state}"


def pause(step: Step, request: PauseAgent) -> str:
    """Give an agent no more work."""
    agent = ours(step, request.agent_id)
    pauses.check(step, request.reason)
    return make_busy(step, agent, Pause(request.reason))


def make_busy(step: Step, agent: Agent, begin: Pause) -> str:
    """Give an agent no more work, now or after what the agent is at, whoever says so; return which.

    Raises:
        RuleError: If the agent is logged out.
    """
    # Only who asks for it by hand leaves a wrap-up before its time.
    by_hand = begin.by is PausedBy.REQUEST or (agent.talk is not None and agent.talk.is_over)
    if (agent.state is AgentState.WRAP_UP and not by_hand) or _works_on(step, agent):
        agent.pause_next = begin
        agents.say(step, agent)
        return f"the agent is paused {_when(step, agent)}"
    if agent.state is AgentState.LOGGING_IN:
        _change_end_of_log_in(step, agent, begin)
        return "the agent is paused once the phone is up"
    if agent.state is AgentState.LOGGED_OUT:
        raise RuleError("the agent is logged out: there is nothing to pause")
    agents.pause(step, agent, begin)
    return "paused"


def find(step: Step, agent_id: AgentId) -> Agent:
    """Return an agent.

    Raises:
        RuleError: If there is none of that id.
    """
    try:
        return step.workspace.agents[agent_id]
    except KeyError as error:
        raise RuleError(f"agent {agent_id} is not known to the run") from error


def ours(step: Step, agent_id: AgentId) -> Agent:
    """Return an agent who is no other system's.

    Raises:
        RuleError: If there is none of that id.
    """
    agent = find(step, agent_id)
    if agent.member is not None:
        raise RuleError("the agent belongs to a queue of Asterisk's: log in and out, pause and unpause there")
    return agent


def _works_on(step: Step, agent: Agent) -> bool:
    """Return whether what is asked of an agent has to wait; a wrap-up then ends with the disposition."""
    if agent.talk is not None and dispositions.must_choose(step, agent):
        agent.talk.is_over = True
        return True
    return agent.state in _IN_CALL or _stays_in_wrap_up(step, agent)


def _stays_in_wrap_up(step: Step, agent: Agent) -> bool:
    return agent.state is AgentState.WRAP_UP and bool(wrap_up.why_not(step, agent))


def _when(step: Step, agent: Agent) -> str:
    if dispositions.must_choose(step, agent):
        return "once the call is disposed of"
    return "after the wrap-up" if agent.talk else "after the present call and its wrap-up"


# --- wrap-up -----------------------------------------------------------------------------------------


def dispose(step: Step, request: Dispose) -> str:
    """Take what the agent says came of a talk; the wrap-up ends if it waits for that alone."""
    agent = find(step, request.agent_id)
    said = dispositions.dispose(step, agent, request.code, request.callback_at)
    if not dispositions.ends_wrap_up(step, agent):
        return said
    wrap_up_over(step, agent.agent_id)
    return f"{said}; {agent.state}"


def end_wrap_up(step: Step, request: EndWrapUp) -> str:
    """End a wrap-up before its time: for what is to come, else for the next call."""
    agent = find(step, request.agent_id)
    if agent.state is not AgentState.WRAP_UP:
        raise RuleError(f"the agent is {agent.state}: there is no wrap-up to end")
    wrap_up.check_may_end(step, agent)
    agents.end_wrap_up(step, agent)
    reservation.assign(step)
    return str(agent.state)


def more_time(step: Step, request: MoreTime) -> str:
    """Put off the end of an agent's wrap-up, as far as its line of business allows."""
    agent = find(step, request.agent_id)
    if agent.state is not AgentState.WRAP_UP:
        raise RuleError(f"the agent is {agent.state}: there is no wrap-up to lengthen")
    until = agents.lengthen_wrap_up(step, agent, request.seconds)
    return f"the wrap-up lasts {until - step.at:.0f} s more"


def wrap_up_over(step: Step, agent_id: AgentId) -> None:
    """The time for wrap-up is over."""
    agent = step.workspace.agents[agent_id]
    if agent.state is AgentState.WRAP_UP:
        agents.wrap_up_over(step, agent)
        reservation.assign(step)


def to_ready(step: Step, agent: Agent) -> None:
    """Make an agent free for work."""
    step.stop_timer(agents.wrap_up_timer(agent))
    agents.move(step, agent, AgentMove.MAKE_READY)
    reservation.assign(step)
