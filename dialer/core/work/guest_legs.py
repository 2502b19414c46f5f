"""What a switch says of guests' legs, and what it is to each kind of guest."""

from collections.abc import Callable

from dialer.core.guest_states import GUEST_MOVES, GuestKind, GuestMove, GuestState
from dialer.core.states import EndCause, advance
from dialer.core.step import Step
from dialer.core.switch_events import (
    AnnouncementHeard,
    LegAnswered,
    LegClassified,
    LegDialing,
    LegDigit,
    LegEnded,
    LegRinging,
    LegSpoke,
    OriginateRefused,
)
from dialer.core.talk_parties import Guest
from dialer.core.work import guests, supervision, third_parties
from dialer.core.workspace import Leg

_Event = (
    LegDialing
    | LegRinging
    | LegAnswered
    | AnnouncementHeard
    | LegSpoke
    | LegClassified
    | LegDigit
    | LegEnded
    | OriginateRefused
)


def heard(step: Step, guest: Guest, leg: Leg, event: _Event) -> None:
    """Take in what is told of a guest's leg."""
    _TOLD[type(event)](step, guest, leg, event)


def _dialing(step: Step, _guest: Guest, leg: Leg, _: LegDialing) -> None:
    leg.dialing_at = step.at


def _ringing(step: Step, _guest: Guest, leg: Leg, _: LegRinging) -> None:
    leg.ringing_at = leg.ringing_at or step.at


def _answered(step: Step, guest: Guest, leg: Leg, _: LegAnswered) -> None:
    if leg.answered_at is not None:
        return
    leg.answered_at = step.at
    step.stop_timer(guests.ring_timer(leg.leg_id))
    guest.state = advance(GUEST_MOVES, guest.state, GuestMove.ANSWER)
    if guest.state is GuestState.UP and guest.kind is GuestKind.SUPERVISOR:
        supervision.begin(step, guest)
    elif guest.state is GuestState.UP:
        third_parties.picked_up(step, guest)


def _digit(step: Step, guest: Guest, _: Leg, event: LegDigit) -> None:
    if guest.kind is GuestKind.SUPERVISOR:
        supervision.pressed(step, guest, event.digit)


def _ended(step: Step, guest: Guest, leg: Leg, event: LegEnded) -> None:
    guests.forget(step, guest, leg, event)
    third_parties.gone(step, leg.leg_id, event.cause)


def _refused(step: Step, guest: Guest, leg: Leg, event: OriginateRefused) -> None:
    guests.note(step, guest, f"{guest.kind} not called: {event.reason}")
    guests.forget(step, guest, leg, None)
    third_parties.gone(step, leg.leg_id, EndCause.CANCELLED)


_TOLD: dict[type[_Event], Callable[..., None]] = {
    LegDialing: _dialing,
    LegRinging: _ringing,
    LegAnswered: _answered,
    AnnouncementHeard: lambda *_: None,
    LegSpoke: lambda *_: None,
    LegClassified: lambda *_: None,  # nobody has its machines detected
    LegDigit: _digit,
    LegEnded: _ended,
    OriginateRefused: _refused,
}
