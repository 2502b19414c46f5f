"""What an Asterisk still has of earlier runs: their legs, and whom its dialplan abandoned meanwhile. Pure.

The dialplan remembers those people in Asterisk's own database until a run has them on record.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import msgspec

from dialer.core.ids import LegId
from dialer.core.states import CallState
from dialer.survivors import Survivor
from telephony.asterisk import channel_ids, crossing
from telephony.asterisk.crossing import Crossing
from telephony.asterisk.legs import Leg, Place
from telephony.asterisk.messages import Message

FAMILY = "dialer-abandoned"
"""Of Asterisk's database: when people answered whom the dialplan abandoned, and when it did, by their legs."""

LEG, KIND = "DIALER_LEG", "DIALER_KIND"
ANSWERED_AT, ABANDONED_AT = "DIALER_ANSWERED_AT", "DIALER_ABANDONED_AT"
AGENT, CUSTOMER, GUEST = "agent", "customer", "guest"
"""A guest's is no leg that a later run goes on with."""

_UP, _RINGING = "6", "5"
_MESSAGES = ("dialer-message", "dialer-machine-message", "dialer-offer")


class Left(NamedTuple):
    """What there is at all servers."""

    legs: list[tuple[Leg, Survivor]]
    crossings: list[Crossing]
    """Those through which somebody talks."""
    ends: list[Leg]
    """Of all crossings."""


def left(found: Mapping[str, Sequence[Message]], *, at: float) -> Left:
    """Return the legs at all servers, and the crossings between them.

    Args:
        found: The servers' answers to Status, by their names.
        at: Now, monotonic.
    """
    told = [one for server, rows in found.items() for one in legs(server, rows, at=at)]
    listed = [(server, as_listed(row)) for server, rows in found.items() for row in rows]
    ends = [end for server, row in listed if (end := crossing.end_of(server, row, at)) is not None]
    crossings = list(crossing.talks(ends, [leg for leg, _ in told]))
    for one in crossings:
        for leg in (one.customer, one.agent, *one.ends):
            leg.place = leg.place and Place(leg.place.bridge, False)
    partners = {one.customer.leg_id: one.agent.leg_id for one in crossings}
    partners |= {agent: customer for customer, agent in partners.items()}
    return Left([(leg, _with(survivor, partners)) for leg, survivor in told], crossings, ends)


def _with(survivor: Survivor, partners: Mapping[LegId, LegId]) -> Survivor:
    partner = partners.get(survivor.leg_id)
    if partner is None:
        return survivor
    return msgspec.structs.replace(survivor, state=CallState.TALKING, partner=partner)


def legs(server: str, rows: Sequence[Message], *, at: float) -> list[tuple[Leg, Survivor]]:
    """Return the legs among a server's channels, each with what a run must know of it.

    Args:
        server: Its name.
        rows: Its answer to Status, with the four variables.
        at: Now, monotonic.
    """
    found = {leg.leg_id: (leg, row) for row in rows if (leg := _leg(server, row, at)) is not None}
    partners = dict(_pairs([leg for leg, _ in found.values()]))
    told = []
    for leg, row in found.values():
        partner = partners.get(leg.leg_id)
        if leg.place is not None:
            leg.place = Place(leg.place.bridge, partner is None)
        leg.waited = leg.answered
        told.append((leg, _survivor(leg, row, partner)))
    return told


def guests(rows: Iterable[Message]) -> list[tuple[str, bool]]:
    """Return the channels of whoever an earlier run had called to talks, each with whether they picked up."""
    found = [row.headers for row in rows if _variables(row).get(KIND) == GUEST]
    return [(one.get("Channel", ""), one.get("ChannelState") == _UP) for one in found]


def as_listed(row: Message) -> dict[str, str]:
    """Return a row of the answer to Status as CoreShowChannels would have it."""
    return {**row.headers, "BridgeId": row.headers.get("BridgeID", "")}


def abandoned(rows: Iterable[Message]) -> list[Survivor]:
    """Return whom the dialplan abandoned, from the answer to DBGetTree."""
    return [_remembered(row.headers.get("Key", ""), row.headers.get("Val", "")) for row in rows]


def gone(known: Iterable[Survivor], there: Iterable[LegId]) -> list[Survivor]:
    """Return those of them whose channels are gone, too."""
    left = frozenset(there)
    return [one for one in known if one.leg_id not in left]


def _remembered(key: str, value: str) -> Survivor:
    answered_at, _, abandoned_at = value.partition(" ")
    return Survivor(
        leg_id=LegId(key.removeprefix(f"/{FAMILY}/")),
        state=CallState.ENDED,
        answered_at=_moment(answered_at),
        abandoned_at=_moment(abandoned_at),
    )


def _leg(server: str, row: Message, at: float) -> Leg | None:
    variables = _variables(row)
    if not variables.get(LEG) or variables.get(KIND) not in (AGENT, CUSTOMER):
        return None
    headers, leg_id = row.headers, LegId(variables[LEG])
    uniqueid, bridge = headers.get("Uniqueid", ""), headers.get("BridgeID", "")
    state = headers.get("ChannelState")
    return Leg(
        leg_id,
        server,
        variables[KIND] == AGENT,
        at,
        channel=headers.get("Channel", ""),
        uniqueid="" if uniqueid == channel_ids.channel_id(leg_id) else uniqueid,
        dialing=True,
        ringing=180 if state == _RINGING else 0,
        rang=state == _RINGING,
        answered=state == _UP,
        place=Place(bridge, True) if bridge else None,
    )


def _survivor(leg: Leg, row: Message, partner: LegId | None) -> Survivor:
    if not leg.answered:
        state = CallState.RINGING if leg.rang else CallState.DIALING
        return Survivor(leg_id=leg.leg_id, state=state, server=leg.server)
    abandoned_at = None
    variables = _variables(row)
    if partner is not None:
        state = CallState.TALKING
    elif row.headers.get("Context") in _MESSAGES:
        state, abandoned_at = CallState.MESSAGE, _moment(variables.get(ABANDONED_AT, ""))
    else:
        state = CallState.ANSWERED
    return Survivor(
        leg_id=leg.leg_id,
        state=state,
        answered_at=_moment(variables.get(ANSWERED_AT, "")),
        abandoned_at=abandoned_at,
        partner=partner,
        server=leg.server,
    )


def _pairs(there: Sequence[Leg]) -> Iterator[tuple[LegId, LegId]]:
    """Yield who hears whom, both ways; in holding bridges there are customers or agents alone."""
    placed = [(leg.place.bridge, leg) for leg in there if leg.place is not None]
    for _, group in groupby(sorted(placed, key=lambda one: one[0]), key=lambda one: one[0]):
        inside = [leg for _, leg in group]
        if sorted(leg.is_agent for leg in inside) == [False, True]:
            one, other = inside
            yield one.leg_id, other.leg_id
            yield other.leg_id, one.leg_id


def _variables(row: Message) -> dict[str, str]:
    named = (text.partition("=") for text in row.values("Variable"))
    return {name: value for name, _, value in named if value != "(null)"}


def _moment(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
