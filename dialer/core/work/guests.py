"""Whoever is called to a talk beside its customer and its agent: how that call begins and how it ends.

Each has a row before it is called, made by whoever asked for it, that alone knows the number or the address. What a guest does in
the talk is decided elsewhere, by its kind.
"""

from typing import NamedTuple

from dialer.core.commands import CallGuest
from dialer.core.guest_states import GUEST_MOVES, GuestKind, GuestMove, GuestState
from dialer.core.ids import GuestId, LegId
from dialer.core.records import GuestCalled, GuestEnded
from dialer.core.states import UNANSWERED_OUTCOMES, EndCause, Outcome, advance
from dialer.core.step import Step
from dialer.core.switch_events import LegEnded
from dialer.core.talk_parties import Guest
from dialer.core.ways import Trunk
from dialer.core.work import attempts, trunks
from dialer.core.workspace import Agent, Leg
from dialer.errors import RuleError

RING_S = 45.0
"""How long a guest's phone may ring: a person walks to it. A guess."""


class Line(NamedTuple):
    """What a number is called by."""

    trunk: Trunk
    caller_id: str


def ring_timer(leg_id: LegId) -> str:
    """Return the name of the timer that gives a guest up."""
    return f"guest:{leg_id}"


def check_possible(step: Step) -> None:
    """Make sure that somebody may be called to a talk now.

    Raises:
        RuleError: If nobody at all may be called.
    """
    if step.workspace.halted:
        raise RuleError("all originating is halted: `dialer resume` first")
    if step.workspace.finishing:
        raise RuleError("the run ends: nobody is called any more")


def call(
    step: Step, guest_id: GuestId, kind: GuestKind, agent: Agent, *, beside: LegId, by: Line | None = None
) -> Guest:
    """Have somebody called to an agent's talk, at the switch that holds the leg `beside`, or by a line of a trunk."""
    talk = step.workspace.calls.get(agent.call_id) if agent.call_id is not None else None
    guest = Guest(
        guest_id=guest_id,
        leg_id=LegId(step.new_id()),
        kind=kind,
        agent_id=agent.agent_id,
        beside=beside,
        attempt_id=None if talk is None else talk.attempt_id,
        trunk=None if by is None else by.trunk.settings.name,
    )
    if by is not None:
        trunks.lend(by.trunk)
    step.workspace.guests[guest.leg_id] = guest
    step.workspace.legs[guest.leg_id] = Leg(leg_id=guest.leg_id)
    step.emit(
        GuestCalled(
            at=step.at,
            guest_id=guest_id,
            leg_id=guest.leg_id,
            kind=kind,
            agent_id=agent.agent_id,
            attempt_id=guest.attempt_id,
        )
    )
    step.emit(
        CallGuest(
            leg_id=guest.leg_id,
            guest_id=guest_id,
            beside=beside,
            trunk=guest.trunk,
            caller_id="" if by is None else by.caller_id,
        )
    )
    step.start_timer(ring_timer(guest.leg_id), step.at + RING_S)
    note(step, guest, f"{kind} called")
    return guest


def note(step: Step, guest: Guest, detail: str) -> None:
    """Put on record what became of a guest."""
    step.journal("guest", detail, attempt_id=guest.attempt_id, leg_id=guest.leg_id, agent_id=guest.agent_id)


def ring_limit(step: Step, leg_id: LegId) -> None:
    """Nobody picked up in time."""
    guest = step.workspace.guests.get(leg_id)
    if guest is not None and guest.state is GuestState.CALLED:
        hang_up(step, guest, "not answered in time")


def hang_up(step: Step, guest: Guest, why: str) -> None:
    """End a guest's leg from our side."""
    if guest.state is GuestState.ENDING:
        return
    guest.state = advance(GUEST_MOVES, guest.state, GuestMove.HANG_UP)
    note(step, guest, f"{guest.kind} hung up: {why}")
    step.hang_up(guest.leg_id)


def join(step: Step, guest: Guest) -> None:
    """Note that a guest hears the talk, or takes part in it."""
    guest.state = advance(GUEST_MOVES, guest.state, GuestMove.JOIN)
    guest.joined_at = guest.joined_at if guest.joined_at is not None else step.at


def forget(step: Step, guest: Guest, leg: Leg, event: LegEnded | None) -> None:
    """Put on record what became of a guest whose leg is gone, or (without an event) was never placed."""
    del step.workspace.legs[leg.leg_id], step.workspace.guests[leg.leg_id]
    step.stop_timer(ring_timer(leg.leg_id))
    if guest.trunk is not None:
        trunks.give_back(step, guest.trunk, leg)
    step.emit(attempts.close_leg(leg, event, at=step.at))
    outcome = _outcome(guest, leg, None if event is None else event.cause)
    step.emit(GuestEnded(at=step.at, guest_id=guest.guest_id, outcome=outcome, joined_at=guest.joined_at))
    note(step, guest, f"{guest.kind} gone: {outcome}")


def _outcome(guest: Guest, leg: Leg, cause: EndCause | None) -> Outcome:
    if guest.joined_at is not None:
        return Outcome.CONNECTED
    if cause is None:
        return Outcome.CANCELLED
    return UNANSWERED_OUTCOMES[cause] if leg.answered_at is None else Outcome.ABANDONED
