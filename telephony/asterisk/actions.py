"""What is asked of Asterisk, as actions of its manager interface. Pure.

Channels are named by their names, never by their ids: Asterisk takes an id for the beginning of one, and `run-5` for
`run-53`. Source: measured with 22.10. Nothing that comes from a list or a person becomes part of a dial
string unless its whole form is known.
"""

import math
import re
from collections.abc import Iterator, Mapping

from dialer.asterisk_config import AsteriskServer
from dialer.config import TrunkConfig
from dialer.core.commands import CallGuest, Originate, PlayMessage
from dialer.core.guest_states import Supervision
from dialer.core.ids import LegId
from dialer.core.states import RecordingMove
from telephony.asterisk import detection, survivors
from telephony.asterisk.channel_ids import channel_id
from telephony.asterisk.crossing import CONTEXT, ENDPOINT
from telephony.asterisk.translate import ORIGINATE
from telephony.asterisk.video import offering
from telephony.sip.translate import AgentAddress, as_dialed, caller_number, file_name, opt_out_key

Action = Mapping[str, str | Mapping[str, str]]
"""Headers by name; `Variable` holds variables by name."""

CUSTOMERS = "dialer-customer"
MESSAGE = "dialer-message"
OFFER = "dialer-offer"
HOLD = "dialer-hold"
AGENTS = "dialer-agent"
MEMBERS = "dialer-member"
WHISPER = "dialer-whisper"
GUESTS = "dialer-guest"
SUPERVISOR = "dialer-supervisor"
CONFERENCE = "dialer-conference"
GONE = "dialer-gone"
PLACE = "dialer-place"
QUEUE = "dialer-queue"

RING_AT_MOST_MS = 600_000
"""So long Asterisk itself lets a call ring; the engine's own limit comes long before. A guess: it ends calls whose dialer
has died, and a carrier gives up ringing within minutes."""

CROSS_MS = 3_000
"""So long another server may take to answer. A guess, beyond the time for which its answer is waited."""

CHANNELS: Action = {"Action": "CoreShowChannels"}
SURVIVORS: Action = {
    "Action": "Status",
    "Variables": f"{survivors.LEG},{survivors.KIND},{survivors.ANSWERED_AT},{survivors.ABANDONED_AT}",
}
ABANDONED: Action = {"Action": "DBGetTree", "Family": survivors.FAMILY}

_SPEAKS = "qwE"
"""ChanSpy: without its beep, heard by the spied channel only, over when that one hangs up."""

_SUPERVISES: Mapping[Supervision, str] = {
    Supervision.LISTEN: "qE",
    Supervision.WHISPER: "qwE",
    Supervision.BARGE: "qBE",
}
"""ChanSpy: likewise, and heard by nobody, by the spied channel, or by whom it talks with, too."""

LISTENS = "AudioSocket/"
"""What the names of channels begin with that send audio to listeners; their events are told to nobody."""

_HEARS = "qouS"
"""ChanSpy: without its beep, only what the far end says, of the one channel of that name, over when that is gone."""

JOINED = "tone-done"
"""What an agent hears when a call comes."""

_BEAT = "DIALER_BEAT"
"""A global variable of Asterisk's."""

_REGISTERED = re.compile(
    r"sip:(?P<name>[A-Za-z0-9][A-Za-z0-9_.-]{0,63})@(?P<server>[A-Za-z0-9_.-]{1,64})", re.ASCII
)


def registered_at(address: str, servers: Mapping[str, AsteriskServer]) -> tuple[str, str] | None:
    """Return endpoint and server of a phone that is registered at an Asterisk, `sip:NAME@SERVER`; None for others."""
    found = _REGISTERED.fullmatch(address)
    return (found["name"], found["server"]) if found and found["server"] in servers else None


def call_customer(command: Originate, number: str, trunk: TrunkConfig) -> Action:
    """Return what calls a number through a trunk.

    Raises:
        ValueError: If number or caller id is no E.164 number, or the trunk's rules leave nothing of it.
    """
    endpoint = trunk.endpoint or command.trunk
    variables = {
        **is_leg(command.leg_id, survivors.CUSTOMER),
        "DIALER_CALL": command.call_id,
        "DIALER_ATTEMPT": command.attempt_id or "",
        "DIALER_LEAD": "" if command.lead_id is None else str(command.lead_id),
        "DIALER_TRUNK": command.trunk,
        "DIALER_WAIT_S": str(math.ceil(command.connect_within_s)),
        **detection.variables(command.amd),
    }
    action = _originate(command.leg_id, f"PJSIP/{as_dialed(number, trunk)}@{endpoint}", CUSTOMERS, variables)
    caller = caller_number(command.caller_id, trunk)
    return {**action, "CallerID": f"<{caller}>"} if caller else action


def listen(channel: str, where: str, token: str) -> Action:
    """Return what sends the audio of a channel's far end, and no other, somewhere, until either is gone.

    Args:
        channel: Its name.
        where: Address and port of a listener.
        token: The UUID by which it knows whose audio that is.
    """
    return {
        "Action": "Originate",
        "Channel": f"{LISTENS}{where}/{token}",
        "Application": "ChanSpy",
        "Data": f"{channel},{_HEARS}",
        "Async": "true",
        # Who listens is gone with its run, which Asterisk does not tell before there is something to send.
        "Variable": {survivors.KIND: survivors.GUEST},
    }


def call_phone(leg_id: LegId, address: AgentAddress, server: AsteriskServer) -> Action:
    """Return what calls an agent's phone by its address."""
    return _originate(leg_id, _at(address, server), AGENTS, is_leg(leg_id, survivors.AGENT))


def call_registered(leg_id: LegId, endpoint: str) -> Action:
    """Return what calls an agent's phone that is registered at Asterisk."""
    return _originate(leg_id, f"PJSIP/{endpoint}", AGENTS, is_leg(leg_id, survivors.AGENT))


def call_guest(leg_id: LegId, address: AgentAddress, server: AsteriskServer) -> Action:
    """Return what calls a guest's phone by its address."""
    return _originate(leg_id, _at(address, server), GUESTS, is_leg(leg_id, survivors.GUEST))


def call_third(command: CallGuest, number: str, trunk: TrunkConfig) -> Action:
    """Return what calls a guest's number through a trunk.

    Raises:
        ValueError: If number or caller id is no E.164 number, or the trunk's rules leave nothing of it.
    """
    endpoint = trunk.endpoint or command.trunk
    variables = {**is_leg(command.leg_id, survivors.GUEST), "DIALER_TRUNK": command.trunk or ""}
    action = _originate(command.leg_id, f"PJSIP/{as_dialed(number, trunk)}@{endpoint}", GUESTS, variables)
    caller = caller_number(command.caller_id, trunk)
    return {**action, "CallerID": f"<{caller}>"} if caller else action


def confer(channel: str, beside: str) -> Iterator[Action]:
    """Yield what lets a channel join the talk of another, in turn."""
    yield set_variable(channel, "DIALER_BESIDE", beside)
    yield send_to(channel, CONFERENCE)


def call_registered_guest(leg_id: LegId, endpoint: str) -> Action:
    """Return what calls a guest's phone that is registered at Asterisk."""
    return _originate(leg_id, f"PJSIP/{endpoint}", GUESTS, is_leg(leg_id, survivors.GUEST))


def _at(address: AgentAddress, server: AsteriskServer) -> str:
    return f"PJSIP/{server.agent_endpoint}/{address.uri}"


def is_leg(leg_id: LegId, kind: str) -> dict[str, str]:
    """Return the variables by which a later run knows a channel."""
    return {survivors.LEG: leg_id, survivors.KIND: kind}


def forget(leg_id: LegId) -> Action:
    """Return what makes Asterisk forget whom its dialplan abandoned; deleting would need more permissions than a run has."""
    return {
        "Action": "Originate",
        "Channel": "Local/s@dialer-forget/n",
        "Application": "NoOp",
        "Async": "true",
        "Variable": {survivors.LEG: leg_id},
    }


def cross(crossing_id: LegId, server: str, *, video: bool) -> Action:
    """Return what makes a leg to another server, both of whose ends wait to be joined."""
    action = _originate(crossing_id, f"PJSIP/{crossing_id}@{ENDPOINT}{server}", CONTEXT, {})
    return offering({**action, "Exten": crossing_id, "Timeout": str(CROSS_MS)}, video=video)


def ring_member(leg_id: LegId, interface: str) -> Action:
    """Return what rings a member of a queue; a local channel stays in the way, as its id is the leg's."""
    local = interface.startswith("Local/") and not interface.endswith("/n")
    return _originate(
        leg_id, f"{interface}/n" if local else interface, MEMBERS, is_leg(leg_id, survivors.AGENT)
    )


def queue_members(queue: str) -> Action:
    """Return what asks for the members of a queue."""
    return {"Action": "QueueStatus", "Queue": queue}


def queue_wrap_up(queue: str) -> Action:
    """Return what asks for the wrap-up time that a queue's own settings have."""
    return {"Action": "Getvar", "Variable": f"AST_CONFIG(queues.conf,{queue},wrapuptime)"}


def _originate(leg_id: LegId, channel: str, context: str, variables: Mapping[str, str]) -> Action:
    return {
        "Action": "Originate",
        "ActionID": f"{ORIGINATE}{leg_id}",
        "Channel": channel,
        "ChannelId": channel_id(leg_id),
        "Context": context,
        "Exten": "s",
        "Priority": "1",
        "Timeout": str(RING_AT_MOST_MS),
        "Async": "true",
        "Variable": variables,
    }


def join(customer: str, agent: str) -> Action:
    """Return what lets two channels hear each other.

    Not with its own tone: the customer would not hear the agent while that is played.
    """
    return {"Action": "Bridge", "Channel1": customer, "Channel2": agent}


def hang_up(channel: str) -> Action:
    """Return what ends a channel in whatever state it is. 16: normal clearing."""
    return {"Action": "Hangup", "Channel": channel, "Cause": "16"}


def dismiss(channel: str, *, is_up: bool) -> Action:
    """Return what ends a guest's channel and leaves others together whom it may talk with: who hangs up parts them."""
    return send_to(channel, GONE) if is_up else hang_up(channel)


def set_variable(channel: str, name: str, value: str) -> Action:
    """Return what sets a channel's variable."""
    return {"Action": "Setvar", "Channel": channel, "Variable": name, "Value": value}


def beat(number: int) -> Action:
    """Return what shows the dialplan that the dialer lives; each with another number than the one before."""
    return {"Action": "Setvar", "Variable": _BEAT, "Value": str(number)}


def send_to(channel: str, context: str, extension: str = "s") -> Action:
    """Return what makes a channel go on elsewhere in the dialplan."""
    return {"Action": "Redirect", "Channel": channel, "Context": context, "Exten": extension, "Priority": "1"}


def leave(channel: str) -> Action:
    """Return what makes a caller of a queue go on in the dialplan that the call came from."""
    return send_to(channel, QUEUE, "late")


def say_place(channel: str, place: int, wait_min: int) -> Action:
    """Return what says to a caller who waits where in the line that is, without taking it from the music."""
    return {
        "Action": "Originate",
        "Channel": f"Local/s@{PLACE}/n",
        "Application": "ChanSpy",
        "Data": f"{channel},{_SPEAKS}",
        "Async": "true",
        "Variable": {
            "DIALER_SPIED": channel,
            "DIALER_PLACE": str(place),
            "DIALER_WAIT_MIN": str(wait_min),
            survivors.KIND: survivors.GUEST,
        },
    }


def fetch(channel: str) -> Action:
    """Return what makes a customer who hears something wait again, without being listened to anew."""
    return {**send_to(channel, CUSTOMERS), "Priority": "wait"}


def said_by(channel: str, command: PlayMessage) -> Iterator[Action]:
    """Yield what tells the dialplan which recording to play, and which key ends it.

    Raises:
        ValueError: If the message's name could lead out of its directory, or the key is none.
    """
    yield set_variable(channel, "DIALER_MESSAGE", file_name(command.message, ""))
    if command.opt_out_key:
        yield set_variable(channel, "DIALER_OPT_OUT", opt_out_key(command.opt_out_key))


def context_of(command: PlayMessage) -> str:
    """Return the context in which a recording is played to whoever is joined with nobody."""
    if command.after_beep:
        return detection.MACHINE_MESSAGE
    return OFFER if command.opt_out_key else MESSAGE


def speak_to(channel: str, message: str, *, leg_id: LegId | None = None) -> Action:
    """Return what plays a message to a channel and nobody else, without taking it from whom it is joined with.

    Args:
        channel: The channel.
        message: Its name.
        leg_id: Whose leg that is, for the end of the message to be told; None: it is not.

    Raises:
        ValueError: If the message's name could lead out of its directory.
    """
    return {
        "Action": "Originate",
        "Channel": f"Local/s@{WHISPER}/n",
        "Application": "ChanSpy",
        "Data": f"{channel},{_SPEAKS}",
        "Async": "true",
        "Variable": {"DIALER_MESSAGE": file_name(message, ""), "DIALER_LEG": leg_id or ""},
    }


def supervise(channel: str, agent: str, mode: Supervision) -> Iterator[Action]:
    """Yield what lets one channel hear another and whom it talks with, in turn."""
    yield set_variable(channel, "DIALER_SPIED", agent)
    yield set_variable(channel, "DIALER_SPY", _SUPERVISES[mode])
    yield send_to(channel, SUPERVISOR)


_MUTED: Mapping[RecordingMove, str] = {RecordingMove.PAUSE: "1", RecordingMove.RESUME: "0"}


def record(channel: str, move: RecordingMove, file: str) -> Action:
    """Return what starts, pauses, goes on with or stops recording a channel and whom it is joined with, while it is."""
    if move in _MUTED:
        muted = _MUTED[move]
        return {"Action": "MixMonitorMute", "Channel": channel, "Direction": "both", "State": muted}
    if move is RecordingMove.STOP:
        return {"Action": "StopMixMonitor", "Channel": channel}
    return {"Action": "MixMonitor", "Channel": channel, "File": file, "Options": "b"}
