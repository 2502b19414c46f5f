"""What a demo showed, and whether it is what the carrier's file says it should be.

Pure: what the database and both logs say goes in, figures and complaints come out.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from dialer.core.rules.abandonment import Answers, united_states
from dialer.core.states import Outcome
from telephony.sip.emulator.behaviour import Kind
from telephony.sip.emulator.log import Ended, Event, Invited, Segment
from telephony.sip.emulator.tones import Family, family_of

HEARD_S = 1.0
"""So long each side must have heard the other for a talk to have had two-way audio."""

SHORT_S = 1.5
"""A talk shorter than this may end before a second of both tones was made out. A guess: the second itself,
the tone to the agent, and what the bridge takes; the shortest talk of a good demo settles it."""

_ANSWERED = frozenset({Outcome.CONNECTED, Outcome.ABANDONED, Outcome.HUNG_UP_WAITING})
EXPECTED: Mapping[Kind, frozenset[Outcome]] = {
    Kind.PERSON: _ANSWERED,
    Kind.MACHINE: _ANSWERED,  # as a person: nothing detects machines
    Kind.SLOW_ANSWER: _ANSWERED,
    Kind.EARLY_MEDIA: _ANSWERED,
    Kind.RTP_LESS: _ANSWERED | {Outcome.FAILED},
    Kind.BUSY: frozenset({Outcome.BUSY}),
    Kind.DECLINED: frozenset({Outcome.DECLINED}),
    Kind.INVALID: frozenset({Outcome.INVALID}),
    Kind.CONGESTION: frozenset({Outcome.CONGESTION}),
    Kind.NO_ANSWER: frozenset({Outcome.NO_ANSWER}),
    Kind.SILENT: frozenset({Outcome.FAILED}),
    Kind.ANNOUNCEMENT: frozenset({Outcome.NO_ANSWER}),  # which is what follows it: the demo listens to none
}


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt, as the database has it."""

    attempt_id: str
    number: str
    started_at: float
    ended_at: float | None
    outcome: str | None
    agents_free: int | None
    wait_s: float | None
    talk_s: float | None


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    """How much at once makes a floor full."""

    agents: int
    lines: int
    """What pacing calls for all agents."""
    held_s: float = 0.0
    """How long it was to be full."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is judged."""

    kinds: Mapping[str, str]
    """What each lead's number is, by E.164."""
    attempts: Sequence[Attempt]
    """In the order of their starts."""
    carrier: Sequence[Event]
    phones: Sequence[Event]
    anomalies: int
    floor: Floor
    cut_short: bool
    """Whether the campaign was stopped before all leads were called."""


class Quantiles(msgspec.Struct, frozen=True):
    """Of milliseconds; None if there were none."""

    p50: float | None
    p99: float | None
    max: float | None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo prints."""

    leads: int
    attempts: int
    outcomes: dict[str, int]
    connected: int
    abandoned: int
    abandonment_rate: float | None
    answer_to_bridge_ms: Quantiles
    """From the carrier's 200 to the agent's first audio there, of calls answered while an agent was free."""
    wait_for_agent_ms: Quantiles
    """From the answer to the bridge, by the dialer's own clock, of all connected calls."""
    two_way_audio: int
    too_short_to_hear: int
    peak_lines: int
    peak_talking: int
    held_s: float
    """The longest stretch with every agent talking and the lines in use that pacing calls for all of them."""
    anomalies: int
    problems: list[str]


class _Leg(msgspec.Struct, frozen=True):
    """One call at the carrier."""

    invited_at: float
    number: str
    ended: Ended | None


def judge(evidence: Evidence) -> Verdict:
    """Return the figures, and a sentence for each thing that is not as it should be."""
    legs = carrier_legs(evidence.carrier)
    joined = {attempt.attempt_id: _leg_of(attempt, legs) for attempt in evidence.attempts}
    connected = [attempt for attempt in evidence.attempts if attempt.outcome == Outcome.CONNECTED]
    heard = {
        attempt.attempt_id
        for attempt in connected
        if _both_heard(joined[attempt.attempt_id], evidence.phones)
    }
    unheard = [attempt for attempt in connected if attempt.attempt_id not in heard]
    short = [attempt for attempt in unheard if (attempt.talk_s or 0.0) < SHORT_S]
    outcomes = Counter(str(attempt.outcome) for attempt in evidence.attempts)
    at_once = [
        delay
        for attempt in connected
        if attempt.agents_free and (delay := _audio_delay_s(joined[attempt.attempt_id])) is not None
    ]
    in_use = [(leg.invited_at, _end(leg)) for leg in legs]
    talks = _talks([joined[attempt.attempt_id] for attempt in connected])
    held_s = longest(in_use, talks, least=(evidence.floor.lines, evidence.floor.agents))
    answers = Answers(connected=len(connected), abandoned=outcomes[Outcome.ABANDONED])
    return Verdict(
        leads=len(evidence.kinds),
        attempts=len(evidence.attempts),
        outcomes=dict(sorted(outcomes.items())),
        connected=len(connected),
        abandoned=outcomes[Outcome.ABANDONED],
        abandonment_rate=united_states(answers).rate,
        answer_to_bridge_ms=quantiles_ms(at_once),
        wait_for_agent_ms=quantiles_ms(
            [attempt.wait_s for attempt in connected if attempt.wait_s is not None]
        ),
        two_way_audio=len(heard),
        too_short_to_hear=len(short),
        peak_lines=peak(in_use),
        peak_talking=peak(talks),
        held_s=round(held_s, 1),
        anomalies=evidence.anomalies,
        problems=[
            *_wrong_outcomes(evidence),
            *_wrong_calls(evidence, legs),
            *_silent(unheard),
            *_not_full(evidence.floor, held_s),
        ],
    )


def quantiles_ms(seconds: Sequence[float]) -> Quantiles:
    """Return median, 99 % quantile and largest.

    Source:
        Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996, type 7.
    """
    if not seconds:
        return Quantiles(None, None, None)
    ordered = sorted(seconds)

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        low = math.floor(place)
        high = min(low + 1, len(ordered) - 1)
        return round(1000 * (ordered[low] + (place - low) * (ordered[high] - ordered[low])), 1)

    return Quantiles(at(0.5), at(0.99), at(1.0))


def peak(spans: Iterable[tuple[float, float]]) -> int:
    """Return how many spans (from, until) there were at once at the most; one ends before another begins."""
    changes = sorted(change for begins, ends in spans for change in ((begins, 1), (ends, -1)))
    most = now = 0
    for _, change in changes:
        now += change
        most = max(most, now)
    return most


def longest(*kinds: Iterable[tuple[float, float]], least: Sequence[int]) -> float:
    """Return the longest time without a break in which of each kind of spans at least so many were there."""
    changes = sorted(
        (at, by, kind)
        for kind, spans in enumerate(kinds)
        for begins, ends in spans
        for at, by in ((begins, 1), (ends, -1))
    )
    now = [0] * len(kinds)
    since: float | None = None
    found = 0.0
    for at, by, kind in changes:
        now[kind] += by
        if all(count >= wanted for count, wanted in zip(now, least, strict=True)):
            since = at if since is None else since
        elif since is not None:
            found, since = max(found, at - since), None
    return found


def carrier_legs(events: Sequence[Event]) -> list[_Leg]:
    """Return the calls at the carrier in the order of their INVITEs."""
    ended = {event.leg: event for event in events if isinstance(event, Ended)}
    return [
        _Leg(event.at, event.number, ended.get(event.leg)) for event in events if isinstance(event, Invited)
    ]


def _leg_of(attempt: Attempt, legs: Iterable[_Leg]) -> _Leg | None:
    until = math.inf if attempt.ended_at is None else attempt.ended_at
    mine = (
        leg for leg in legs if leg.number == attempt.number and attempt.started_at <= leg.invited_at <= until
    )
    return next(mine, None)


def _end(leg: _Leg) -> float:
    return math.inf if leg.ended is None else leg.ended.at


def _audio_delay_s(leg: _Leg | None) -> float | None:
    ended = None if leg is None else leg.ended
    if ended is None or ended.answered_at is None or ended.first_peer_audio_at is None:
        return None
    return ended.first_peer_audio_at - ended.answered_at


def _talks(legs: Iterable[_Leg | None]) -> list[tuple[float, float]]:
    return [
        (leg.ended.first_peer_audio_at, leg.ended.at)
        for leg in legs
        if leg is not None and leg.ended is not None and leg.ended.first_peer_audio_at is not None
    ]


def _both_heard(leg: _Leg | None, phones: Sequence[Event]) -> bool:
    """Whether customer and one phone each heard the other's tones long enough, at the same time."""
    ended = None if leg is None else leg.ended
    if ended is None or ended.answered_at is None:
        return False
    sent_by = {event.number: event.sent_pair for event in phones if isinstance(event, Ended)}
    of_phones = [heard for heard in ended.heard if family_of(heard.pair) is Family.PHONES]
    seconds: defaultdict[str, float] = defaultdict(float)
    for event in phones:
        if isinstance(event, Segment) and event.heard.pair == ended.sent_pair:
            overlaps = event.heard.first_at <= ended.at and event.heard.last_at >= ended.answered_at
            seconds[sent_by.get(event.number, "")] += event.heard.seconds if overlaps else 0
    return any(heard.seconds >= HEARD_S and seconds[heard.pair] >= HEARD_S for heard in of_phones)


def _wrong_outcomes(evidence: Evidence) -> list[str]:
    last = {attempt.number: attempt for attempt in evidence.attempts}
    problems = []
    for number, kind in evidence.kinds.items():
        attempt = last.get(number)
        if attempt is None:
            if not evidence.cut_short:
                problems.append(f"{number} ({kind}) was never called")
        elif attempt.outcome not in EXPECTED[Kind(kind)]:
            problems.append(f"{number} ({kind}) came to {attempt.outcome}, attempt {attempt.attempt_id}")
    return problems


def _wrong_calls(evidence: Evidence, legs: Sequence[_Leg]) -> list[str]:
    calls = Counter(leg.number for leg in legs)
    attempts = Counter(attempt.number for attempt in evidence.attempts)
    problems = [
        f"{number} got {count} calls for {attempts[number]} attempts on record"
        for number, count in calls.items()
        if count > attempts[number]
    ]
    return problems + [f"the call to {leg.number} never ended" for leg in legs if leg.ended is None]


def _silent(unheard: Iterable[Attempt]) -> list[str]:
    return [
        f"{attempt.number} talked for {attempt.talk_s or 0:.1f} s without audio both ways, "
        f"attempt {attempt.attempt_id}"
        for attempt in unheard
        if (attempt.talk_s or 0.0) >= SHORT_S
    ]


def _not_full(floor: Floor, held_s: float) -> list[str]:
    if held_s >= floor.held_s:
        return []
    wanted = f"{floor.agents} talks and {floor.lines} lines at once"
    return [f"{wanted} were held for {held_s:.1f} s, not for {floor.held_s:.0f} s"]
