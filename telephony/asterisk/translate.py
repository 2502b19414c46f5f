"""What Asterisk tells into what the engine is told. Pure, and by a table.

Events of a channel come in any order around its answer (its state, the end of the dialing, the bridge it enters and the
reply to its Originate are told by different threads of Asterisk), and some of them twice. So each is read for what it
proves alone, and what it implies is told before it: each leg is answered at most once and ends exactly once.
"""

from collections.abc import Callable, Iterator, Mapping

from dialer.core.ids import LegId
from dialer.core.states import CallState, EndCause
from dialer.core.switch_events import (
    LegAnswered,
    LegDialing,
    LegDigit,
    LegEnded,
    LegRinging,
    LegShowsVideo,
    MessagePlayed,
    SwitchEvent,
)
from dialer.survivors import Survivor
from telephony.asterisk import channel_ids, detection, video
from telephony.asterisk.legs import Leg, Place

Headers = Mapping[str, str]
"""An event of the manager interface, its first value by name."""

ORIGINATE = "originate-"
"""What the ActionID of a leg's Originate begins with. The response is matched by it: one to a repeated Originate has the
Uniqueid of the live call."""

PLAYED = "DialerMessage"
"""The dialplan's UserEvent at the end of a message."""

HELD = "held"
"""The holding bridge of customers who hear music."""

_UP = "6"
_RINGING = "5"
_TIMED_OUT = "3"
"""`Reason` of an OriginateResponse whose Originate's own time ran out. Source: measured with Asterisk 22.10."""

_UNMADE_S = 1.0
"""So long after a failed Originate its channel may still be told of. A guess: it is milliseconds, on a machine with load."""

_KEYS = frozenset("0123456789*#ABCD")


class Legs:
    """The legs that were placed and have not ended."""

    def __init__(self) -> None:
        self._legs: dict[LegId, Leg] = {}
        self._came: dict[str, LegId] = {}

    def __iter__(self) -> Iterator[Leg]:
        return iter(list(self._legs.values()))

    def add(self, leg: Leg) -> None:
        """Know a leg, before its Originate leaves."""
        self._legs[leg.leg_id] = leg
        if leg.uniqueid:
            self._came[leg.uniqueid] = leg.leg_id

    def id_of(self, uniqueid: str) -> LegId:
        """Return which leg a channel is: the one of its id, unless it came by itself."""
        return self._came.get(uniqueid) or channel_ids.leg_id(uniqueid)

    def find(self, leg_id: LegId) -> Leg | None:
        """Return a leg that has not ended."""
        return self._legs.get(leg_id)

    def hear(self, headers: Headers, at: float) -> tuple[Leg, list[SwitchEvent]] | None:
        """Take in an event; return whose it is and what it tells, None if it is about no leg of ours."""
        name = headers.get("Event", "")
        read = EVENTS.get(name)
        leg = self._legs.get(self._about(name, headers)) if read is not None else None
        if leg is None or read is None:
            return None
        told = list(read(leg, headers, at))
        if leg.ended:
            self._forget(leg)
        return leg, told

    def _about(self, event: str, headers: Headers) -> LegId:
        leg_id = named_by(event, headers)
        return self.id_of(channel_of(event, headers)) if leg_id is None else leg_id

    def _forget(self, leg: Leg) -> None:
        self._legs.pop(leg.leg_id, None)
        self._came.pop(leg.uniqueid, None)

    def never_made(self, at: float) -> list[Leg]:
        """Return those whose Originate failed, and of whose channels nothing was told since."""
        return [
            leg
            for leg in self
            if not leg.channel and leg.unmade_at is not None and at >= leg.unmade_at + _UNMADE_S
        ]

    def end(self, leg: Leg, at: float, cause: EndCause, text: str) -> list[SwitchEvent]:
        """End a leg whose end Asterisk did not tell."""
        if leg.ended:
            return []
        leg.ended = True
        self._forget(leg)
        return [LegEnded(at=at, leg_id=leg.leg_id, cause=cause, text=text)]


def named_by(event: str, headers: Headers) -> LegId | None:
    """Return the leg that an event names; None if it names a channel."""
    if event == "OriginateResponse":
        return LegId(headers.get("ActionID", "").removeprefix(ORIGINATE))
    if event == "UserEvent" and "Leg" in headers:  # told by the channel that speaks to the leg
        return LegId(headers["Leg"])
    return None


def channel_of(event: str, headers: Headers) -> str:
    """Return the id of the channel that an event is about."""
    return headers.get("DestUniqueid" if event.startswith("Dial") else "Uniqueid", "")


def number(text: str | None) -> int | None:
    """Return a code or cause; None if there is none, which Asterisk may write as 0."""
    return int(text) or None if text is not None and text.isascii() and text.isdigit() else None


# --- what each event proves -----------------------------------------------------------------------------


def _new_channel(leg: Leg, headers: Headers, _: float) -> Iterator[SwitchEvent]:
    leg.channel = headers.get("Channel", "")
    return iter(())


def _dialing(leg: Leg, _: Headers, at: float) -> Iterator[SwitchEvent]:
    if not leg.dialing:
        leg.dialing = True
        yield LegDialing(at=at, leg_id=leg.leg_id)


def _rings(leg: Leg, at: float, code: int) -> Iterator[SwitchEvent]:
    if leg.answered:
        return
    yield from _dialing(leg, {}, at)
    leg.rang = True
    if leg.ringing != code:
        leg.ringing = code
        yield LegRinging(at=at, leg_id=leg.leg_id, sip_code=code, early_media=code == 183)


def _answered(leg: Leg, at: float) -> Iterator[SwitchEvent]:
    yield from answered_meanwhile(leg, None, at=at)


def answered_meanwhile(leg: Leg, found: Survivor | None, *, at: float) -> Iterator[SwitchEvent]:
    """Yield what an answer tells that was not told yet; `found` is what is known of it now, if it could not be told then."""
    yield from _dialing(leg, {}, at)
    if leg.answered:
        return
    leg.answered = True
    if found is None:
        yield LegAnswered(at=at, leg_id=leg.leg_id, server=leg.server)
        return
    given_up = found.state in (CallState.MESSAGE, CallState.ENDED)
    yield LegAnswered(
        at=at,
        leg_id=leg.leg_id,
        server=leg.server,
        answered_at=found.answered_at,
        waited_s=(found.waited_s or 0.0) if given_up else None,
    )


def _dial_state(leg: Leg, headers: Headers, at: float) -> Iterator[SwitchEvent]:
    match headers.get("DialStatus"):
        case "RINGING":
            yield from _rings(leg, at, 180)
        case "PROGRESS":
            yield from _rings(leg, at, 183)
        case _:
            yield from _dialing(leg, headers, at)


def _dial_end(leg: Leg, headers: Headers, at: float) -> Iterator[SwitchEvent]:
    # Its DialStatus says NOANSWER for 403, 404 and 5xx alike: why it ended is in the Hangup.
    if headers.get("DialStatus") == "ANSWER":
        yield from _answered(leg, at)
    else:
        leg.refused = leg.refused or not leg.answered


def _new_state(leg: Leg, headers: Headers, at: float) -> Iterator[SwitchEvent]:
    if headers.get("ChannelState") == _UP:
        yield from _answered(leg, at)
    elif headers.get("ChannelState") == _RINGING:
        yield from _rings(leg, at, 180)


def _bridge_enter(leg: Leg, headers: Headers, at: float) -> Iterator[SwitchEvent]:
    technology = headers.get("BridgeTechnology")
    leg.place = Place(headers.get("BridgeUniqueid", ""), technology == "holding_bridge")
    leg.waited = leg.waited or leg.waits
    leg.music = leg.waits and headers.get("BridgeName") == HELD
    yield from _answered(leg, at)


def _bridge_leave(leg: Leg, headers: Headers, _: float) -> Iterator[SwitchEvent]:
    if leg.place is not None and leg.place.bridge == headers.get("BridgeUniqueid"):
        leg.place = None
    return iter(())


def _hang_up_request(leg: Leg, headers: Headers, _: float) -> Iterator[SwitchEvent]:
    leg.refused = leg.refused or (not leg.answered and number(headers.get("TechCause")) is not None)
    return iter(())


def _hang_up(leg: Leg, headers: Headers, at: float) -> Iterator[SwitchEvent]:
    leg.ended = True
    q850 = number(headers.get("Cause"))
    text = headers.get("Cause-txt", "") if q850 is not None else ""
    yield leg.ending(at, code=number(headers.get("TechCause")), q850=q850, text=text)


def _originate_response(leg: Leg, headers: Headers, at: float) -> Iterator[SwitchEvent]:
    if headers.get("Response") == "Success":
        yield from _answered(leg, at)
    elif headers.get("Reason") == _TIMED_OUT:
        leg.refused = False
    elif not leg.channel:
        leg.unmade_at, leg.unmade = (
            at,
            headers.get("Channel", ""),
        )  # that of one refused at once may be told of later


def _key_down(leg: Leg, headers: Headers, _: float) -> Iterator[SwitchEvent]:
    if headers.get("Direction") == "Received":
        leg.key = headers.get("Digit", "").upper()
    return iter(())


def _key_up(leg: Leg, headers: Headers, at: float) -> Iterator[SwitchEvent]:
    digit = headers.get("Digit", "").upper()
    # The end of a key that a bridge was made under may be told twice, its beginning once.
    if headers.get("Direction") == "Received" and digit == leg.key and digit in _KEYS:
        leg.key = ""
        yield LegDigit(at=at, leg_id=leg.leg_id, digit=digit)


def _user_event(leg: Leg, headers: Headers, at: float) -> Iterator[SwitchEvent]:
    if headers.get("UserEvent") == video.SHOWS and video.carries_video(headers) and not leg.video:
        leg.video = True
        yield from _answered(leg, at)
        yield LegShowsVideo(at=at, leg_id=leg.leg_id)
    elif headers.get("UserEvent") == PLAYED:
        failed = headers.get("Failed", "")
        yield MessagePlayed(at=at, leg_id=leg.leg_id, failed=failed)
    elif headers.get("UserEvent") == detection.CLASSIFIED:
        yield from _answered(leg, at)
        yield from detection.classified(leg.leg_id, headers, at)


def _spoke(leg: Leg, _: Headers, at: float) -> Iterator[SwitchEvent]:
    yield from _answered(leg, at)
    yield from detection.spoke(leg.leg_id, at)


EVENTS: Mapping[str, Callable[[Leg, Headers, float], Iterator[SwitchEvent]]] = {
    "Newchannel": _new_channel,
    "DialBegin": _dialing,
    "DialState": _dial_state,
    "DialEnd": _dial_end,
    "Newstate": _new_state,
    "BridgeEnter": _bridge_enter,
    "BridgeLeave": _bridge_leave,
    "HangupRequest": _hang_up_request,
    "Hangup": _hang_up,
    "OriginateResponse": _originate_response,
    "DTMFBegin": _key_down,
    "DTMFEnd": _key_up,
    "UserEvent": _user_event,
    detection.SPOKE: _spoke,
}
