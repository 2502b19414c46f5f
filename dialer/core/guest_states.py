"""The words for somebody who is called to a talk beside its customer and its agent, and every allowed change between them."""

from collections.abc import Mapping
from enum import StrEnum


class GuestKind(StrEnum):
    """Why somebody is called to a talk beside its customer and its agent."""

    SUPERVISOR = "supervisor"
    THIRD = "third party"


class GuestState(StrEnum):
    """What somebody who is called to a talk is doing."""

    CALLED = "called"
    UP = "up"  # picked up, and hears nobody yet
    JOINED = "joined"  # hears the talk, or takes part in it
    ENDING = "ending"


class GuestMove(StrEnum):
    """What makes a guest's state change."""

    ANSWER = "answer"
    JOIN = "join"
    HANG_UP = "hang_up"


_G, _N = GuestState, GuestMove

GUEST_MOVES: Mapping[tuple[GuestState, GuestMove], GuestState] = {
    (_G.CALLED, _N.ANSWER): _G.UP,
    (_G.UP, _N.JOIN): _G.JOINED,
    (_G.JOINED, _N.JOIN): _G.JOINED,
    **{(state, _N.HANG_UP): _G.ENDING for state in _G},
    # Hanging up crosses what the far end does at the same moment.
    **{(_G.ENDING, move): _G.ENDING for move in (_N.ANSWER, _N.JOIN)},
}


class Supervision(StrEnum):
    """What a supervisor takes of an agent's talks."""

    LISTEN = "listen"  # hears both; nobody hears the supervisor
    WHISPER = "whisper"  # the agent hears the supervisor, too
    BARGE = "barge"  # everybody hears everybody
