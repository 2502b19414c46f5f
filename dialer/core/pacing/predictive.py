"""Predictive pacing: campaigns that forecast, in one race over all calls in progress and all agents of theirs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dialer.core.allocation import reservation, routing
from dialer.core.allocation.agent_sets import EVERYBODY
from dialer.core.allocation.reach import Within
from dialer.core.business import Campaign
from dialer.core.floor import roster
from dialer.core.ids import AgentId, CampaignId, SetId
from dialer.core.pacing import inbound_work, observing, turns
from dialer.core.pacing.forecast.counts import Count, certain, poisson, sum_of
from dialer.core.pacing.forecast.decide import Decision, Entrant, decide, risk_allowed
from dialer.core.pacing.forecast.demand import NOBODY, InProgress, demand
from dialer.core.pacing.forecast.durations import Floats
from dialer.core.pacing.forecast.outlook import Outlook
from dialer.core.pacing.forecast.supply import Busy, freed, freed_at_mean, in_time_s
from dialer.core.pacing.forecast.tables import HORIZONS
from dialer.core.pacing.in_flight import call_takes_s, free_of, within_of
from dialer.core.rules.machine_detection import ClockStart
from dialer.core.settings import CampaignSettings, PacingMode
from dialer.core.states import AgentState, CallState
from dialer.core.step import Step
from dialer.core.work import flight, trunks
from dialer.core.work.lines import settings_of
from dialer.core.workspace import Call

_OPEN = flight.PENDING | {CallState.ANSWERED}
"""States of calls that may need an agent, or do."""


@dataclass(slots=True)
class _Line:
    """A campaign with calls in progress, or that may start some."""

    campaign: Campaign
    outlook: Outlook
    set_id: SetId
    within: Within
    in_progress: InProgress = field(default_factory=InProgress)


@dataclass(slots=True)
class _Hands:
    """The agents of a set who are busy, by what with."""

    talking: defaultdict[CampaignId, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrapping_up: defaultdict[CampaignId, list[float]] = field(default_factory=lambda: defaultdict(list))
    with_callers: list[float] = field(default_factory=list)
    """The mean duration of the work of each agent who serves a queue."""


def decisions(
    step: Step, able: Sequence[Campaign], running: Sequence[Campaign], *, at_most: int
) -> list[tuple[Entrant, Decision]]:
    """Return how many calls each campaign shall start, and what that follows from.

    Args:
        step: The step of now.
        able: The campaigns that forecast.
        running: All that run: whatever they do, they share agents.
        at_most: What the trunks hold.
    """
    lines = _lines(step, running)
    for line in lines.values():
        line.outlook.settle(step.at)
    seconds = step.tables.common_horizons({one: line.outlook for one, line in lines.items()})
    race = _Race(step, lines, seconds, for_s=call_takes_s(list(running)))
    others = [one for one in turns.sharing(running) if one.settings.mode is not PacingMode.PREDICTIVE]
    there = [*able, *others]
    turns.catch_up(there)
    entrants = [race.entrant(one, there) for one in there]
    return list(zip(entrants, decide(entrants, at_most=at_most), strict=True))[: len(able)]


def _lines(step: Step, running: Iterable[Campaign]) -> dict[CampaignId, _Line]:
    lines = {
        one.settings.campaign_id: _Line(
            one, observing.outlook_of(step, one), routing.first_set(step, one.settings), within_of(step, one)
        )
        for one in running
    }
    for call in step.workspace.calls.values():
        if call.state not in _OPEN or call.attempt is None:
            continue
        line = lines.get(call.attempt.campaign_id)
        if line is not None:
            _enter(step, line, call)
    return lines


def _enter(step: Step, line: _Line, call: Call) -> None:
    state, there = call.state, line.in_progress
    if call.agentless is not None:
        return  # no agent is needed for it
    if state in flight.UNANSWERED:
        if call.inbound:
            there.waiting += 1
        elif not call.previewed:  # for one that was shown, an agent is kept
            there.rings(step.at - call.started_at, _score(call))
    elif state is CallState.CLASSIFYING:
        answered_at = step.workspace.legs[call.leg_id].answered_at or step.at
        there.is_heard(answered_at - call.started_at, step.at - answered_at, _score(call))
    elif reservation.is_waiting(call):
        there.waiting += 1


def _score(call: Call) -> float:
    return 0.0 if call.attempt is None else call.attempt.lead.score


def _next_calls(campaign: Campaign, outlook: Outlook, new: Floats) -> list[Floats]:
    """Return of each lead at hand, in the order of calling, the chances that its call needs an agent; of one, if they are alike.

    Each with its own score: where the next lead's stood for all, one who seldom answers had a burst of calls started.
    """
    scores = [lead.score for lead in reversed(campaign.buffer)]
    odds = outlook.learned.odds
    return [odds.share(score) * new for score in scores] if any(scores) else [odds.share() * new]


class _Race:
    """What all entrants have in common."""

    def __init__(self, step: Step, lines: dict[CampaignId, _Line], seconds: Floats, *, for_s: float) -> None:
        self._step = step
        self._lines = lines
        self._seconds = seconds
        self._for_s = for_s
        self._tables = {
            one: step.tables.tables(one, line.outlook, seconds, later_s=_later_s(line.campaign.settings))
            for one, line in lines.items()
        }
        self._demand = {
            one: demand(line.outlook.learned, self._tables[one], line.in_progress)
            for one, line in lines.items()
        }
        self._sets = {line.set_id: _members(step, line.set_id) for line in lines.values()}
        self._callers = _callers(step, seconds)
        self._kept: Counter[SetId] = Counter()
        for set_id, agents in inbound_work.kept(step):
            self._kept[set_id] += agents
        self._supply: dict[tuple[SetId, frozenset[str]], Count] = {}

    def entrant(self, campaign: Campaign, race: Sequence[Campaign]) -> Entrant:
        """Return what a campaign enters a race with."""
        campaign_id, settings = campaign.settings.campaign_id, campaign.settings
        line = self._lines[campaign_id]
        outlook, share = line.outlook, line.outlook.learned.odds.share()
        shares = {one: self._share(line.set_id, other.set_id) for one, other in self._lines.items()}
        needed, in_progress = [], float(self._kept[line.set_id])
        for one, weight in shares.items():
            if weight:
                needed.append(self._demand[one].part(weight))
                in_progress += weight * self._lines[one].in_progress.calls
        if line.set_id in self._callers:
            needed.append(self._callers[line.set_id])
        free = free_of(self._step, line.set_id, for_s=self._for_s, within=line.within)
        allowed = risk_allowed(
            outlook,
            observing.window_of(self._step, campaign, outlook),
            at=self._step.at,
            at_stake=share * max(0.0, in_progress - free),
        )
        return Entrant(
            free=free,
            supply=self._supply_of(line),
            demand=sum_of(needed, none=NOBODY),
            next_calls=_next_calls(campaign, outlook, self._tables[campaign_id].new),
            turn=campaign.turn,
            step=share * turns.of_an_answer(campaign, race),
            weight=settings.weight,
            at_most=min(len(campaign.buffer), trunks.room_of_route(self._step, settings.trunk)),
            in_progress=in_progress,
            knows=outlook.learned.odds.known(self._step.at),
            price=allowed.risk,
            is_spent=allowed.is_spent,
            own=line.in_progress.calls,
            forecasts=settings.mode is PacingMode.PREDICTIVE,
            shares=[shares[one.settings.campaign_id] for one in race],
        )

    def _share(self, own: SetId, other: SetId) -> float:
        """Return the share of what the calls of another set need that the agents of this one are expected to take."""
        members, there = self._sets[own], self._sets[other]
        if own == other or members is None:
            return 1.0
        if there is None:
            return len(members) / max(1, len(self._step.workspace.agents))
        return len(members & there) / max(1, len(there))

    def _supply_of(self, line: _Line) -> Count:
        asked = line.set_id, line.within.servers
        if asked not in self._supply:
            self._supply[asked] = self._make_supply(self._sets[line.set_id], line.within)
        return self._supply[asked]

    def _make_supply(self, members: frozenset[AgentId] | None, within: Within) -> Count:
        hands = _hands(self._step, members, within, for_s=self._for_s)
        found = [freed_at_mean(hands.with_callers, self._seconds)] if hands.with_callers else []
        for one in hands.talking | hands.wrapping_up:
            made = self._tables.get(one)
            if made is not None:
                busy = Busy(hands.talking.get(one, ()), hands.wrapping_up.get(one, ()))
                found.append(freed(made, busy))
        return sum_of(found, none=NOBODY)


def _members(step: Step, set_id: SetId) -> frozenset[AgentId] | None:
    """Return who is in a set; None: everybody."""
    return None if set_id == EVERYBODY else frozenset(step.sets.members(set_id))


def _hands(step: Step, members: frozenset[AgentId] | None, within: Within, *, for_s: float) -> _Hands:
    """Return the agents who are busy, one look at each: on a large floor this is a tenth of all work."""
    hands, known = _Hands(), bool(step.workspace.roster)
    at, calls, queues = step.at, step.workspace.calls, step.workspace.queues
    for agent in step.workspace.agents.values():
        talks = agent.state is AgentState.TALKING
        if not (talks or agent.state is AgentState.WRAP_UP):
            continue
        if agent.pause_next is not None or agent.log_out_next or agent.server not in within:
            continue
        if (members is not None and agent.agent_id not in members) or (
            known and roster.leaves_soon(step, agent, for_s)
        ):
            continue
        of = calls.get(agent.call_id) if talks and agent.call_id is not None else agent.talk
        if of is None:
            continue
        if of.attempt is not None:
            busy = hands.talking if talks else hands.wrapping_up
            busy[of.attempt.campaign_id].append(at - agent.since)
        elif (queue := queues.get(of.queue)) is not None:
            hands.with_callers.append(queue.handle_s)
    return hands


def _callers(step: Step, seconds: Floats) -> dict[SetId, Count]:
    """Return what callers need of each set, those who wait and those who have not called yet."""
    needed: dict[SetId, Count] = {}
    for call in step.workspace.calls.values():
        if call.queue and reservation.is_waiting(call):
            set_id = routing.first_set(step, settings_of(step, call))
            needed[set_id] = needed.get(set_id, NOBODY).plus(certain(1, HORIZONS))
    for set_id, rate in inbound_work.rates(step):
        needed[set_id] = needed.get(set_id, NOBODY).plus(poisson(rate * seconds))
    return needed


def _later_s(settings: CampaignSettings) -> float:
    """Return how much later than its verdict an answer may have its agent."""
    amd = settings.amd
    if not amd.on or amd.clock is not ClockStart.GREETING_END:
        return in_time_s(settings.connect_within_s, 0.0)
    return in_time_s(settings.connect_within_s, amd.after_greeting_silence_ms / 1000)
