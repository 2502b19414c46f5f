"""The words for what an agent, a call and a campaign can be, and every allowed change between them.

Two rules hold here. A state changes nowhere else than through `advance`. The tables for calls are total
for what a switch sends: a pair that is not listed is an anomaly, never an exception. A move names
what happened or was asked for.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from dialer.errors import IllegalTransitionError


class AgentState(StrEnum):
    """What an agent is doing."""

    LOGGED_OUT = "logged_out"
    LOGGING_IN = "logging_in"  # the phone is being called
    READY = "ready"
    PREVIEWING = "previewing"  # reads a lead, and calls or skips it
    RESERVED = "reserved"
    TALKING = "talking"
    RECONNECTING = "reconnecting"  # the phone was lost in mid-talk and is called again
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    BUSY = "busy"  # a queue's member, at work that is not ours


class Presence(StrEnum):
    """What the system that an agent belongs to says of it."""

    FREE = "free"
    BUSY = "busy"  # on the phone, by whomever, or wrapping up
    TAKEN = "taken"  # rung by, or talking with, a caller of that system's own
    PAUSED = "paused"
    AWAY = "away"


class AgentMove(StrEnum):
    """What makes an agent's state change."""

    CALL_PHONE = "call_phone"
    PHONE_UP_READY = "phone_up_ready"
    PHONE_UP_PAUSED = "phone_up_paused"
    PHONE_LOST = "phone_lost"
    LOG_OUT = "log_out"
    MAKE_READY = "make_ready"
    PAUSE = "pause"
    PREVIEW = "preview"
    RESERVE = "reserve"
    RESCIND = "rescind"
    CONNECT = "connect"
    RECALL = "recall"
    WRAP_UP = "wrap_up"
    SEEN_FREE = "seen_free"
    SEEN_BUSY = "seen_busy"
    SEEN_PAUSED = "seen_paused"
    SEEN_AWAY = "seen_away"


_A, _M = AgentState, AgentMove

_SETTLED = (_A.LOGGED_OUT, _A.READY, _A.BUSY, _A.PAUSED, _A.WRAP_UP)

SEEN_MOVES: Mapping[Presence, AgentMove] = {
    Presence.FREE: _M.SEEN_FREE,
    Presence.BUSY: _M.SEEN_BUSY,
    Presence.TAKEN: _M.SEEN_BUSY,
    Presence.PAUSED: _M.SEEN_PAUSED,
    Presence.AWAY: _M.SEEN_AWAY,
}
"""What each presence makes of a member who has no call of ours."""

AGENT_MOVES: Mapping[tuple[AgentState, AgentMove], AgentState] = {
    (_A.LOGGED_OUT, _M.CALL_PHONE): _A.LOGGING_IN,
    (_A.LOGGING_IN, _M.CALL_PHONE): _A.LOGGING_IN,
    # Our process died that held the phone's leg; whoever was in a talk reconnects instead.
    (_A.READY, _M.CALL_PHONE): _A.LOGGING_IN,
    (_A.RESERVED, _M.CALL_PHONE): _A.LOGGING_IN,
    (_A.WRAP_UP, _M.CALL_PHONE): _A.LOGGING_IN,
    (_A.PAUSED, _M.CALL_PHONE): _A.LOGGING_IN,
    (_A.PREVIEWING, _M.CALL_PHONE): _A.LOGGING_IN,
    # The phone stayed up while nothing ran.
    (_A.LOGGED_OUT, _M.PHONE_UP_READY): _A.READY,
    (_A.LOGGED_OUT, _M.PHONE_UP_PAUSED): _A.PAUSED,
    (_A.LOGGING_IN, _M.PHONE_UP_READY): _A.READY,
    (_A.LOGGING_IN, _M.PHONE_UP_PAUSED): _A.PAUSED,
    (_A.PAUSED, _M.MAKE_READY): _A.READY,
    (_A.WRAP_UP, _M.MAKE_READY): _A.READY,
    (_A.READY, _M.PAUSE): _A.PAUSED,
    (_A.WRAP_UP, _M.PAUSE): _A.PAUSED,
    (_A.PAUSED, _M.PAUSE): _A.PAUSED,
    (_A.READY, _M.PREVIEW): _A.PREVIEWING,
    (_A.PREVIEWING, _M.RESERVE): _A.RESERVED,
    (_A.PREVIEWING, _M.RESCIND): _A.READY,
    (_A.PREVIEWING, _M.PAUSE): _A.PAUSED,
    (_A.READY, _M.RESERVE): _A.RESERVED,
    (_A.RESERVED, _M.RESCIND): _A.READY,
    (_A.RESERVED, _M.PAUSE): _A.PAUSED,
    (_A.RESERVED, _M.CONNECT): _A.TALKING,
    (_A.TALKING, _M.WRAP_UP): _A.WRAP_UP,
    # They had talked, and could not be joined again.
    (_A.RESERVED, _M.WRAP_UP): _A.WRAP_UP,
    (_A.TALKING, _M.RECALL): _A.RECONNECTING,
    # For a talk of another's, and now for its customer.
    (_A.RESERVED, _M.RESERVE): _A.RESERVED,
    # Back to a customer who was with a third party, or for one.
    (_A.TALKING, _M.RESERVE): _A.RESERVED,
    (_A.WRAP_UP, _M.RESERVE): _A.RESERVED,
    (_A.RECONNECTING, _M.RESERVE): _A.RESERVED,
    (_A.RECONNECTING, _M.WRAP_UP): _A.WRAP_UP,
    **{(state, _M.SEEN_FREE): _A.READY for state in _SETTLED},
    **{(state, _M.SEEN_BUSY): _A.BUSY for state in _SETTLED},
    **{(state, _M.SEEN_PAUSED): _A.PAUSED for state in _SETTLED},
    **{(state, _M.SEEN_AWAY): _A.LOGGED_OUT for state in _SETTLED},
    **{(state, _M.PHONE_LOST): _A.LOGGED_OUT for state in _A if state is not _A.LOGGED_OUT},
    **{(state, _M.LOG_OUT): _A.LOGGED_OUT for state in _A if state is not _A.LOGGED_OUT},
}


class CallState(StrEnum):
    """What a dialed call is doing."""

    REQUESTED = "requested"  # its row is on the way to the database; no INVITE yet
    DIALING = "dialing"
    RINGING = "ringing"
    CLASSIFYING = "classifying"  # answered; detection has not said yet who by
    ANSWERED = "answered"  # waiting for an agent
    CONNECTING = "connecting"  # an agent is reserved, the bridge is ordered
    TALKING = "talking"
    HELD = "held"  # the agent's lost phone is called again, or the agent consults a third party
    TRANSFERRED = "transferred"  # with a third party, or held for one; the agent is gone
    MESSAGE = "message"  # hears the safe-harbour message, or a machine the one it is left
    ENDING = "ending"
    ENDED = "ended"


class CallMove(StrEnum):
    """What makes a call's state change: first what a switch says, then what we ask for."""

    DIALING = "dialing"
    RINGING = "ringing"
    ANSWERED = "answered"
    LISTEN = "listen"  # answered, and detection listens first
    GIVEN_UP = "given_up"  # answered, and the switch plays the message by itself
    CLASSIFIED = "classified"
    BRIDGED = "bridged"
    BRIDGE_FAILED = "bridge_failed"
    ENDED = "ended"

    BRIDGE = "bridge"
    HOLD = "hold"
    AGENT_LOST = "agent_lost"
    CONFER = "confer"
    TRANSFER = "transfer"
    PLAY = "play"
    HANG_UP = "hang_up"


_C, _V = CallState, CallMove

CALL_MOVES: Mapping[tuple[CallState, CallMove], CallState] = {
    (_C.REQUESTED, _V.DIALING): _C.DIALING,
    (_C.DIALING, _V.RINGING): _C.RINGING,
    # 180 may be repeated, and 183 may follow it.
    (_C.RINGING, _V.RINGING): _C.RINGING,
    (_C.DIALING, _V.ANSWERED): _C.ANSWERED,
    (_C.RINGING, _V.ANSWERED): _C.ANSWERED,
    (_C.DIALING, _V.LISTEN): _C.CLASSIFYING,
    (_C.RINGING, _V.LISTEN): _C.CLASSIFYING,
    # Its connection was cut when it was answered.
    (_C.DIALING, _V.GIVEN_UP): _C.MESSAGE,
    (_C.RINGING, _V.GIVEN_UP): _C.MESSAGE,
    (_C.CLASSIFYING, _V.CLASSIFIED): _C.ANSWERED,
    # The verdict came after we had stopped waiting for it.
    **{
        (state, _V.CLASSIFIED): state
        for state in (_C.ANSWERED, _C.CONNECTING, _C.TALKING, _C.HELD, _C.TRANSFERRED, _C.MESSAGE)
    },
    (_C.ANSWERED, _V.BRIDGE): _C.CONNECTING,
    (_C.CONNECTING, _V.BRIDGED): _C.TALKING,
    (_C.CONNECTING, _V.BRIDGE_FAILED): _C.ANSWERED,
    (_C.CONNECTING, _V.AGENT_LOST): _C.ANSWERED,
    (_C.TALKING, _V.AGENT_LOST): _C.ANSWERED,
    (_C.TALKING, _V.HOLD): _C.HELD,
    (_C.HELD, _V.HOLD): _C.HELD,
    (_C.HELD, _V.CONFER): _C.TALKING,
    (_C.TALKING, _V.TRANSFER): _C.TRANSFERRED,
    (_C.HELD, _V.TRANSFER): _C.TRANSFERRED,
    (_C.TRANSFERRED, _V.BRIDGE): _C.CONNECTING,
    (_C.TRANSFERRED, _V.AGENT_LOST): _C.ANSWERED,
    (_C.HELD, _V.BRIDGE): _C.CONNECTING,
    (_C.HELD, _V.AGENT_LOST): _C.ANSWERED,
    # The bridge failed because the agent's leg died, which was told first and gave the call back.
    (_C.ANSWERED, _V.BRIDGE_FAILED): _C.ANSWERED,
    (_C.ANSWERED, _V.PLAY): _C.MESSAGE,
    **{(state, _V.HANG_UP): _C.ENDING for state in _C if state is not _C.ENDED},
    # Hanging up crosses what the far end does at the same moment.
    **{(_C.ENDING, move): _C.ENDING for move in _V if move not in (_V.ENDED, _V.BRIDGE, _V.PLAY, _V.HOLD)},
    **{(state, _V.ENDED): _C.ENDED for state in _C if state is not _C.ENDED},
}


class RecordingState(StrEnum):
    """Whether what a customer says and hears is recorded."""

    OFF = "off"
    ANNOUNCED = "announced"  # the announcement plays
    ON = "on"
    PAUSED = "paused"  # silence is recorded instead


class RecordingMove(StrEnum):
    """What makes a recording's state change."""

    ANNOUNCE = "announce"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


_R, _O = RecordingState, RecordingMove

RECORDING_MOVES: Mapping[tuple[RecordingState, RecordingMove], RecordingState] = {
    (_R.OFF, _O.ANNOUNCE): _R.ANNOUNCED,
    (_R.OFF, _O.START): _R.ON,
    (_R.ANNOUNCED, _O.START): _R.ON,
    (_R.ON, _O.PAUSE): _R.PAUSED,
    (_R.PAUSED, _O.RESUME): _R.ON,
    **{(state, _O.STOP): _R.OFF for state in _R if state is not _R.OFF},
}


class CampaignState(StrEnum):
    """What a campaign is doing."""

    STOPPED = "stopped"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETE = "complete"


class CampaignMove(StrEnum):
    """What makes a campaign's state change."""

    START = "start"
    PAUSE = "pause"
    STOP = "stop"
    FINISH = "finish"


_P, _W = CampaignState, CampaignMove

CAMPAIGN_MOVES: Mapping[tuple[CampaignState, CampaignMove], CampaignState] = {
    **{(state, _W.START): _P.RUNNING for state in _P},
    (_P.RUNNING, _W.PAUSE): _P.PAUSED,
    (_P.PAUSED, _W.PAUSE): _P.PAUSED,
    **{(state, _W.STOP): _P.STOPPED for state in _P},
    (_P.RUNNING, _W.FINISH): _P.COMPLETE,
}


class TrunkState(StrEnum):
    """Whether calls go through a trunk."""

    UP = "up"
    OUT = "out"  # the breaker is open: no call but a probe now and then
    PROBING = "probing"  # a probe is on its way
    SPENT = "spent"  # the day's minutes are used up


class TrunkMove(StrEnum):
    """What makes a trunk's state change."""

    TRIP = "trip"  # too many of the last calls were faults of the carrier's
    PROBE = "probe"
    PROBE_FAILED = "probe_failed"
    RECOVER = "recover"
    SPEND = "spend"
    NEW_DAY = "new_day"


_T, _B = TrunkState, TrunkMove

TRUNK_MOVES: Mapping[tuple[TrunkState, TrunkMove], TrunkState] = {
    (_T.UP, _B.TRIP): _T.OUT,
    (_T.OUT, _B.PROBE): _T.PROBING,
    (_T.PROBING, _B.PROBE_FAILED): _T.OUT,
    (_T.PROBING, _B.RECOVER): _T.UP,
    (_T.UP, _B.SPEND): _T.SPENT,
    (_T.SPENT, _B.NEW_DAY): _T.UP,
}


class EndCause(StrEnum):
    """Why a leg ended, in our words; `telephony/causes.py` has the table from SIP and Q.850."""

    CLEARED = "cleared"
    CANCELLED = "cancelled"  # we hung up before an answer
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    UNALLOCATED = "unallocated"
    CHANGED = "changed"
    INVALID_FORMAT = "invalid_format"
    UNREACHABLE = "unreachable"
    SWITCHED_OFF = "switched_off"
    SUSPENDED = "suspended"
    CONGESTION = "congestion"
    CARRIER_FAULT = "carrier_fault"
    ACCOUNT_FAULT = "account_fault"
    MEDIA_REFUSED = "media_refused"
    NO_REPLY = "no_reply"
    NO_AUDIO = "no_audio"
    LOST = "lost"  # the process that held the leg is gone


class Outcome(StrEnum):
    """What became of an attempt."""

    CONNECTED = "connected"
    ABANDONED = "abandoned"
    HUNG_UP_WAITING = "hung_up_waiting"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    INVALID = "invalid"
    UNREACHABLE = "unreachable"
    SWITCHED_OFF = "switched_off"
    SUSPENDED = "suspended"
    CONGESTION = "congestion"
    FAILED = "failed"
    MACHINE = "machine"  # detection said that a machine answered
    MESSAGE_LEFT = "message_left"  # likewise, and the machine was left a message
    MESSAGE_HEARD = "message_heard"  # of a call for no agent: to its end
    MESSAGE_CUT = "message_cut"  # likewise: not to its end
    DIALPLAN = "dialplan"  # likewise: the switch's own logic had it
    CALLBACK = "callback"  # the caller is called back instead of waiting
    OVERFLOWED = "overflowed"  # the caller was left to the dialplan again
    UNKNOWN = "unknown"  # the run died while the attempt was open
    CANCELLED = "cancelled"  # never left; costs the lead nothing
    SKIPPED = "skipped"  # of no attempt: an agent who was shown the lead did not want it called


UNANSWERED_OUTCOMES: Mapping[EndCause, Outcome] = {
    EndCause.CLEARED: Outcome.FAILED,
    EndCause.CANCELLED: Outcome.NO_ANSWER,
    EndCause.BUSY: Outcome.BUSY,
    EndCause.NO_ANSWER: Outcome.NO_ANSWER,
    EndCause.DECLINED: Outcome.DECLINED,
    EndCause.UNALLOCATED: Outcome.INVALID,
    EndCause.CHANGED: Outcome.INVALID,
    EndCause.INVALID_FORMAT: Outcome.INVALID,
    EndCause.UNREACHABLE: Outcome.UNREACHABLE,
    EndCause.SWITCHED_OFF: Outcome.SWITCHED_OFF,
    EndCause.SUSPENDED: Outcome.SUSPENDED,
    EndCause.CONGESTION: Outcome.CONGESTION,
    EndCause.CARRIER_FAULT: Outcome.FAILED,
    EndCause.ACCOUNT_FAULT: Outcome.FAILED,
    EndCause.MEDIA_REFUSED: Outcome.FAILED,
    EndCause.NO_REPLY: Outcome.FAILED,
    EndCause.NO_AUDIO: Outcome.FAILED,
    EndCause.LOST: Outcome.FAILED,
}


S = TypeVar("S", bound=StrEnum)
M = TypeVar("M", bound=StrEnum)


def advance(table: Mapping[tuple[S, M], S], state: S, move: M) -> S:
    """Return the state that follows.

    Raises:
        IllegalTransitionError: If the table does not list the pair.
    """
    try:
        return table[state, move]
    except KeyError as error:
        raise IllegalTransitionError(f"{type(state).__name__} {state!s} does not allow {move!s}") from error
