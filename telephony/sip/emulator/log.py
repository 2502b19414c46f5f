"""The record of a process: one JSON line an event, written as it happens, and how to read it back.

Times are seconds since the epoch, of one clock for the whole process. `leg` is our own tag of the dialog,
never used twice. `by` is "caller" (who called us: the dialer) or "callee" (the emulated side).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from telephony.sip.emulator.hearing import Heard

Side = Literal["caller", "callee"]


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag=str.lower, omit_defaults=True):
    at: float


class Started(_Event, frozen=True):
    """The process listens."""

    port: int


class Invited(_Event, frozen=True):
    """A new call came, authentication passed; never written for a retransmission or a re-INVITE."""

    leg: str
    number: str
    behaviour: str
    call_id: str
    caller: str
    from_header: str
    contact: str
    source: str
    asserted_identity: str = ""


class Sent(_Event, frozen=True):
    """The first sending of a response to the INVITE."""

    leg: str
    number: str
    status: int


class Acked(_Event, frozen=True):
    """The ACK of our 200 came."""

    leg: str
    number: str


class Cancelled(_Event, frozen=True):
    """A CANCEL came in time."""

    leg: str
    number: str


class Bye(_Event, frozen=True):
    """A BYE was sent ("callee") or came ("caller")."""

    leg: str
    number: str
    by: Side


class Segment(_Event, frozen=True):
    """A stretch in which one pair was heard without a gap is over."""

    leg: str
    number: str
    heard: Heard


class Ended(_Event, frozen=True):
    """The call is over, with all that was heard in it.

    `reason` is one of: refused, cancelled, hung-up (the caller did), talked, impatient, no-rtp, no-ack,
    control, shutdown.
    """

    leg: str
    number: str
    by: Side
    reason: str
    sent_pair: str
    heard: tuple[Heard, ...] = ()
    status: int | None = None
    answered_at: float | None = None
    first_peer_audio_at: float | None = None
    packets_sent: int = 0
    packets_received: int = 0
    video_seen: dict[str, int] = {}
    """Packets of video by the pair of who sent them."""


class Challenged(_Event, frozen=True):
    """A request was asked for credentials, or refused for wrong ones."""

    number: str
    method: str
    status: int


class Served(_Event, frozen=True):
    """A request outside any call was answered: REGISTER, OPTIONS, a stray BYE."""

    method: str
    status: int
    sender: str


class Garbage(_Event, frozen=True):
    """Something that is no SIP message came; `count` of them so far."""

    count: int
    size: int
    source: str
    error: str


class Stopped(_Event, frozen=True):
    """The process ends; every leg has its `Ended` line."""

    garbage: int


Event = (
    Started
    | Invited
    | Sent
    | Acked
    | Cancelled
    | Bye
    | Segment
    | Ended
    | Challenged
    | Served
    | Garbage
    | Stopped
)
_decoder = msgspec.json.Decoder(Event)


class LogWriter:
    """Appends events to a file, each at once on its way to the disk cache."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._encoder = msgspec.json.Encoder()

    def write(self, event: Event) -> None:
        """Write one line."""
        self._file.write(self._encoder.encode(event) + b"\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_log(path: Path) -> list[Event]:
    """Return the events of a log, also of one that is still written: an unfinished last line is left out.

    Raises:
        msgspec.ValidationError: If a whole line is no event.
    """
    lines = path.read_bytes().split(b"\n")
    return [_decoder.decode(line) for line in lines[:-1]]


def invites_by_number(events: Iterable[Event]) -> dict[str, int]:
    """Return how many calls each number got, retransmissions not counted."""
    return dict(Counter(event.number for event in events if isinstance(event, Invited)))


def open_legs(events: Iterable[Event], *, at: float | None = None) -> dict[str, str]:
    """Return the legs that have begun and not ended, with their numbers; at an instant, or at the end."""
    legs: dict[str, str] = {}
    for event in events:
        if at is not None and event.at > at:
            break
        if isinstance(event, Invited):
            legs[event.leg] = event.number
        elif isinstance(event, Ended):
            legs.pop(event.leg, None)
    return legs


def ended_legs(events: Iterable[Event]) -> list[Ended]:
    """Return the summaries of the legs that ended, in that order."""
    return [event for event in events if isinstance(event, Ended)]


def times_heard(events: Sequence[Event], pair: str) -> list[tuple[str, Heard]]:
    """Return every stretch in which a pair was heard, with the number that heard it, in order of ending."""
    segments = (event for event in events if isinstance(event, Segment))
    return [(event.number, event.heard) for event in segments if event.heard.pair == pair]
