"""Who of the queues that are followed is free: members as Asterisk's events and lists tell of them. Pure.

A member is a person, known by server and interface, whatever number of queues it is in: nobody is two agents. Times are
seconds since the epoch, except where they are said to be monotonic.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dialer.core.states import Presence
from dialer.members import MemberNews
from dialer.queue_config import AsteriskQueue
from telephony.asterisk.translate import Headers

_FREE = (Presence.FREE, "")

DEVICES: Mapping[str, tuple[Presence, str]] = {
    "0": _FREE,  # of a technology that does not tell: the queue rings it, too
    "1": _FREE,
    "2": (Presence.BUSY, "in use"),
    "3": (Presence.BUSY, "busy"),
    "4": (Presence.AWAY, "no such device"),
    "5": (Presence.AWAY, "unavailable"),
    "6": (Presence.BUSY, "rings"),
    "7": (Presence.BUSY, "in use, rings"),
    "8": (Presence.BUSY, "on hold"),
}
"""What a device's state makes of a member. Source: `include/asterisk/devicestate.h`, and `is_member_available` of
`apps/app_queue.c`."""

_UNKNOWN_DEVICE = (Presence.BUSY, "in a state that is not known")


@dataclass(slots=True)
class Membership:
    """What one queue says of a member."""

    paused: str | None = None
    """Why; None: it is not."""
    in_call: bool = False
    last_call: float = 0.0
    wrap_up_s: float | None = None
    """Its own; None: the queue's."""


@dataclass(slots=True)
class _Person:
    member: str
    server: str
    interface: str
    name: str
    device: str = "5"
    of: dict[str, Membership] = field(default_factory=dict)
    rung_by: set[str] = field(default_factory=set)
    """Channels that a queue made to it for callers of its own."""
    heard_at: float = 0.0
    """Monotonic, of the last event: an older list knows less."""
    told: MemberNews | None = None


def presence(device: str, of: Sequence[Membership], *, taken: bool, wraps_up: bool) -> tuple[Presence, str]:
    """Return what a member is, and why: the first that is so, in this order."""
    by_device, why = DEVICES.get(device, _UNKNOWN_DEVICE)
    paused = [one.paused for one in of if one.paused is not None]
    rules = (
        (not of, Presence.AWAY, "in no queue that is followed"),
        (by_device is Presence.AWAY, by_device, why),
        (taken or any(one.in_call for one in of), Presence.TAKEN, "with a caller of the queue's"),
        (len(paused) == len(of), Presence.PAUSED, next(iter(paused), "")),
        (by_device is Presence.BUSY, by_device, why),
        (wraps_up, Presence.BUSY, "wraps up"),
    )
    return next(((found, reason) for holds, found, reason in rules if holds), _FREE)


def is_of_member(headers: Headers) -> bool:
    """Return whether an event may be about a member of a queue."""
    name = headers.get("Event", "")
    return name.startswith("QueueMember") or name in ("AgentCalled", "Hangup")


def _ignore(_: MemberNews) -> None:
    """Tell nobody."""


class Watch:
    """The members of the queues that are followed.

    Args:
        queues: By the name that the configuration gives them.
        now: The time.
    """

    def __init__(
        self,
        queues: Mapping[str, AsteriskQueue],
        *,
        now: Callable[[], float],
    ) -> None:
        self._queues = {(one.server, one.queue or name): one for name, one in queues.items()}
        self._now = now
        self.tell: Callable[[MemberNews], None] = _ignore
        """Takes what is new of a member."""
        self._people: dict[tuple[str, str], _Person] = {}
        self._wrap_up_s: dict[tuple[str, str], float] = {}
        self._lost: dict[str, str] = {}

    def queues_at(self, server: str) -> list[str]:
        """Return the queues that are followed there."""
        return [queue for where, queue in self._queues if where == server]

    def find(self, member: str) -> tuple[str, str] | None:
        """Return server and interface of a member."""
        return next(
            ((one.server, one.interface) for one in self._people.values() if one.member == member), None
        )

    def wraps_up(self, server: str, queue: str, seconds: float) -> None:
        """Learn a queue's own wrap-up time."""
        self._wrap_up_s[server, queue] = seconds

    def hear(self, server: str, messages: Sequence[Headers], at: float) -> None:
        """Take in events; `at` is monotonic."""
        for headers in messages:
            for person in list(self._heard(server, headers)):
                person.heard_at = at
                self._say(person)

    def _heard(self, server: str, headers: Headers) -> Iterator[_Person]:
        name, queue = headers.get("Event", ""), headers.get("Queue", "")
        followed = (server, queue) in self._queues
        interface = headers.get("Interface", "")
        known = self._people.get((server, interface))
        if name == "Hangup":
            for one in self._people.values():
                if one.server == server and headers.get("Uniqueid", "") in one.rung_by:
                    one.rung_by.discard(headers["Uniqueid"])
                    yield one
        elif name == "QueueMemberRemoved" and known is not None:
            known.of.pop(queue, None)
            yield known
        elif name.startswith("QueueMember") and followed and interface:
            person = self._person(server, interface)
            _read(person, queue, headers)
            yield person
        elif name == "AgentCalled" and known is not None:
            known.rung_by.add(headers.get("DestUniqueid", ""))
            yield known

    def listed(self, server: str, queue: str, rows: Sequence[Headers], *, asked_at: float) -> None:
        """Take in the whole list of a queue's members; `asked_at` is monotonic."""
        self._lost.pop(server, None)
        there = {row.get("Location", ""): row for row in rows if row.get("Event") == "QueueMember"}
        for interface in there:
            self._person(server, interface)
        for person in [one for one in self._people.values() if one.server == server]:
            if person.heard_at >= asked_at:
                continue
            if (row := there.get(person.interface)) is not None:
                _read(person, queue, {**row, "MemberName": row.get("Name", "")})
            else:
                person.of.pop(queue, None)
        self._say_all(server)

    def lost(self, server: str, reason: str) -> None:
        """Know nothing of a server's members any more."""
        self._lost[server] = reason
        for person in self._people.values():
            if person.server == server:
                person.rung_by.clear()
        self._say_all(server)

    def tick(self) -> None:
        """Say who has wrapped up meanwhile."""
        for person in self._people.values():
            if person.told is not None and person.told.reason == "wraps up":
                self._say(person)

    def _person(self, server: str, interface: str) -> _Person:
        key = (server, interface)
        if key not in self._people:
            self._people[key] = _Person(f"{server}-{len(self._people) + 1}", server, interface, interface)
        return self._people[key]

    def _say_all(self, server: str) -> None:
        for person in self._people.values():
            if person.server == server:
                self._say(person)

    def _say(self, person: _Person) -> None:
        lost = self._lost.get(person.server)
        longest = max((self._wrap_up(person, queue) for queue in person.of), default=0.0)
        until = max(
            (one.last_call + self._wrap_up(person, name) for name, one in person.of.items()), default=0.0
        )
        found, reason = presence(
            person.device, list(person.of.values()), taken=bool(person.rung_by), wraps_up=self._now() < until
        )
        if lost is not None:
            found, reason = Presence.AWAY, f"its Asterisk cannot be reached: {lost}"
        news = MemberNews(
            member=person.member,
            server=person.server,
            interface=person.interface,
            name=person.name,
            presence=found,
            reason=reason,
            wrap_up_s=longest,
        )
        if news != person.told:
            person.told = news
            self.tell(news)

    def _wrap_up(self, person: _Person, queue: str) -> float:
        own = person.of[queue].wrap_up_s
        return self._wrap_up_s.get((person.server, queue), 0.0) if own is None else own


def _read(person: _Person, queue: str, headers: Headers) -> None:
    person.name = headers.get("MemberName") or person.interface
    person.device = headers.get("Status", person.device)
    own = _seconds(headers, "Wrapuptime")
    person.of[queue] = Membership(
        paused=headers.get("PausedReason") or "paused" if headers.get("Paused") == "1" else None,
        in_call=headers.get("InCall") == "1",
        last_call=_seconds(headers, "LastCall"),
        wrap_up_s=own or None,
    )


def _seconds(headers: Headers, name: str) -> float:
    text = headers.get(name, "")
    return float(text) if text.isascii() and text.isdigit() else 0.0
