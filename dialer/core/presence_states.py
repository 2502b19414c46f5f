"""The words for why and by whom an agent was paused and for where the agent's client stands, and every change of the latter."""

from collections.abc import Mapping
from enum import StrEnum

LAPSED = "let offers lapse"
"""The reason of the pause that the system makes of offers which nobody took."""

UNDECIDED = "did not decide about a lead"
"""The reason of the pause that the system makes of a preview whose time is over."""

PAUSE = "pause"
"""The code that is always there, for a pause without another reason; `*0` on a phone."""

OVER = "pause_over"
"""The kind of the journal's entry on a pause that lasts longer than its limit."""


class PausedBy(StrEnum):
    """Who made an agent busy."""

    NOBODY = ""  # the agent is not paused
    REQUEST = "request"  # the agent, a supervisor, or the log-in
    CLIENT = "client"  # the agent's client was locked, idle or gone
    SYSTEM = "system"  # the dialer: no break of the agent's own


class ClientState(StrEnum):
    """What the program that an agent works with last said."""

    ACTIVE = "active"
    IDLE = "idle"  # no key and no mouse for a while
    LOCKED = "locked"
    GONE = "gone"  # closed, or its connection lost


class ClientMove(StrEnum):
    """What such a program can tell."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    IDLE = "idle"
    ACTIVE = "active"
    GONE = "gone"


_C, _M = ClientState, ClientMove

CLIENT_MOVES: Mapping[tuple[ClientState, ClientMove], ClientState] = {
    **{(state, _M.LOCKED): _C.LOCKED for state in _C},
    **{(state, _M.UNLOCKED): _C.ACTIVE for state in _C},
    **{(state, _M.IDLE): _C.IDLE for state in _C},
    **{(state, _M.ACTIVE): _C.ACTIVE for state in _C},
    **{(state, _M.GONE): _C.GONE for state in _C},
    # A locked screen is idle sooner or later, and a mouse that moves before it unlocks nothing.
    (_C.LOCKED, _M.IDLE): _C.LOCKED,
    (_C.LOCKED, _M.ACTIVE): _C.LOCKED,
}
"""Total: a program may lose a message, or begin anew without a word."""
