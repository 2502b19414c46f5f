"""Supervisors: who hears an agent's talks, and whom the supervisor speaks to.

An agent has one supervisor at a time, from talk to talk, until the supervisor's phone or the agent's is gone. That somebody
listened is on record with each attempt.
"""

from dialer.core.commands import Supervise
from dialer.core.floor import presence
from dialer.core.guest_states import GuestKind, GuestState, Supervision
from dialer.core.ids import LegId
from dialer.core.requests import SuperviseAgent
from dialer.core.states import AgentState, CallState
from dialer.core.step import Step
from dialer.core.switch_events import LegEnded
from dialer.core.talk_parties import Guest
from dialer.core.work import guests
from dialer.core.workspace import Agent, Call, Leg
from dialer.errors import RuleError

_HEARD = frozenset(
    {
        AgentState.READY,
        AgentState.PREVIEWING,
        AgentState.RESERVED,
        AgentState.TALKING,
        AgentState.WRAP_UP,
        AgentState.PAUSED,
    }
)

KEYS = {"4": Supervision.LISTEN, "5": Supervision.WHISPER, "6": Supervision.BARGE}
"""What the supervisor's phone changes. Source: ChanSpy's own keys, its option `d`."""


def asked(step: Step, request: SuperviseAgent) -> str:
    """Let somebody supervise an agent, or change how.

    Raises:
        RuleError: If nobody can be called, the agent's phone is not up, or somebody else supervises already.
    """
    agent = presence.find(step, request.agent_id)
    known = _supervisor(step, agent.leg_id)
    if request.guest_id is None:
        if known is None:
            raise RuleError("nobody supervises the agent: name the phone to call with --phone")
        known.mode = request.mode
        if known.state is GuestState.JOINED:
            _order(step, known)
        return f"the supervisor: {request.mode}"
    if known is not None:
        raise RuleError(
            "somebody supervises the agent already: leave out --phone to change how, or hang up that phone first"
        )
    if agent.state not in _HEARD or agent.leg_id is None:
        raise RuleError(f"the agent is {agent.state}: there is no phone to listen to")
    guests.check_possible(step)
    guest = guests.call(step, request.guest_id, GuestKind.SUPERVISOR, agent, beside=agent.leg_id)
    guest.mode = request.mode
    return "the supervisor's phone is being called"


def begin(step: Step, guest: Guest) -> None:
    """The supervisor's phone is up."""
    guests.join(step, guest)
    _order(step, guest)


def pressed(step: Step, guest: Guest, digit: str) -> None:
    """Take a key of the supervisor's phone for another way to supervise."""
    mode = KEYS.get(digit)
    if mode is not None and mode is not guest.mode and guest.state is GuestState.JOINED:
        guest.mode = mode
        _order(step, guest)


def talk_begins(step: Step, call: Call) -> None:
    """Put on record that a talk is supervised from its beginning."""
    agent = step.workspace.agents.get(call.agent_id) if call.agent_id is not None else None
    guest = _supervisor(step, agent.leg_id) if agent is not None and call.state is CallState.TALKING else None
    if guest is not None and guest.state is GuestState.JOINED:
        _note(step, guest, call)


def phone_ended(step: Step, agent: Agent, leg: Leg, event: LegEnded) -> None:
    """An agent's phone is gone, and with it what was supervised; who logged in again since has another."""
    presence.phone_ended(step, agent, leg, event)
    guest = _supervisor(step, leg.leg_id)
    if guest is not None:
        guests.hang_up(step, guest, "the agent's phone is gone")


def _supervisor(step: Step, phone: LegId | None) -> Guest | None:
    return next(
        (
            guest
            for guest in step.workspace.guests.values()
            if guest.kind is GuestKind.SUPERVISOR
            and guest.beside == phone
            and guest.state is not GuestState.ENDING
        ),
        None,
    )


def _order(step: Step, guest: Guest) -> None:
    step.emit(Supervise(leg_id=guest.leg_id, agent_leg=guest.beside, mode=guest.mode))
    agent = step.workspace.agents[guest.agent_id]
    _note(step, guest, step.workspace.calls.get(agent.call_id) if agent.call_id is not None else None)


def _note(step: Step, guest: Guest, call: Call | None) -> None:
    step.journal(
        "supervised",
        str(guest.mode),
        attempt_id=None if call is None else call.attempt_id,
        leg_id=guest.leg_id,
        agent_id=guest.agent_id,
    )
