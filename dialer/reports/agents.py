"""What a campaign's agents did with their time: talk, wrap-up, waiting, pauses."""

import msgspec
from sqlalchemy import ColumnElement, Connection, case, func, select

from dialer.core.ids import CampaignId
from dialer.core.presence_states import OVER, PausedBy
from dialer.core.preview_states import PreviewOutcome
from dialer.core.states import AgentState, Outcome
from dialer.reports.adherence import NOT_LOGGED_IN, Adherence, Span, adherence
from dialer.reports.table import Column, Report, Unit, Value, share
from dialer.storage import schema

TOLERANCE_S = 1.0
"""A wrap-up that lasts longer than its time by less is not over it: timers fire late on a busy machine. A guess."""

_NOTE = (
    "calls: connected ones of this campaign, as previews and skips are of it; times: from its first attempt to its last, whatever the agent "
    "worked for; occupancy = (talk + wrap-up) / (talk + wrap-up + ready); utilisation = (talk + wrap-up) / "
    "logged in; paused: by the agent's own doing, by_system: by the dialer's; wrap_ups_over: wrap-ups that "
    "lasted longer than their line of business gives; pauses_over: pauses that went over the limit of their code; "
    "previews: leads shown before the call, skips: those not called by choice; "
    "busy codes: seconds in pauses of each code."
)
_ROSTER_NOTE = (
    "rostered: shifts without breaks; adherence = in shift / rostered, in shift: of the rostered time, logged in and "
    "in no pause of the agent's own; late: from the beginning of a shift to the log-in; early: from the last log-out "
    "to the end of a shift."
)


class AgentTime(msgspec.Struct, frozen=True, kw_only=True):
    """One agent's calls, and seconds in each state."""

    agent: str
    calls: int
    seconds: dict[AgentState, float]
    by_system_s: float = 0.0
    """Of the paused time, what the system made of it."""
    wrap_ups: int = 0
    wrap_ups_over: int = 0
    """Wrap-ups that lasted longer than their line of business gives."""
    pauses_over: int = 0
    """Pauses that lasted longer than their code allows."""
    previews: int = 0
    """Leads that the agent was shown before the call."""
    skips: int = 0
    busy_codes: dict[str, float] = {}
    """Seconds in pauses, by code."""
    roster: Adherence = Adherence()

    def of(self, state: AgentState) -> float:
        """Return the seconds in a state."""
        return self.seconds.get(state, 0.0)

    @property
    def handle_s(self) -> float:
        """Talk and wrap-up."""
        return self.of(AgentState.TALKING) + self.of(AgentState.RECONNECTING) + self.of(AgentState.WRAP_UP)

    @property
    def logged_in_s(self) -> float:
        """The time in every state in which the phone is up."""
        return sum(seconds for state, seconds in self.seconds.items() if state not in NOT_LOGGED_IN)


def occupancy(time: AgentTime) -> float | None:
    """Return the share of the time available for calls that calls took.

    Source:
        docs/glossary: handle / (handle + ready).
    """
    return share(time.handle_s, time.handle_s + time.of(AgentState.READY))


def utilisation(time: AgentTime) -> float | None:
    """Return the share of the whole shift that calls took.

    Source:
        docs/glossary: handle / logged in, pauses included.
    """
    return share(time.handle_s, time.logged_in_s)


def agents(connection: Connection, campaign_id: CampaignId, *, campaign: str, at: float) -> Report:
    """Return the report of every agent who was logged in meanwhile; `at` ends what still goes on."""
    kept = schema.attempt.c
    borders = select(
        func.min(kept.started_at), func.max(func.coalesce(kept.ended_at, at)), func.max(kept.workspace_id)
    ).where(kept.campaign_id == campaign_id)
    first_at, last_at, workspace_id = connection.execute(borders).one()
    if first_at is None:
        return tabulate([], campaign=campaign)
    calls = _calls(connection, campaign_id)
    span = (first_at, last_at)
    pauses_over = _pauses_over(connection, workspace_id, span)
    seconds = _seconds(connection, workspace_id, span, at)
    pauses = _pauses(connection, workspace_id, span, at)
    wrap_ups = _wrap_ups(connection, workspace_id, span, at)
    previews = _previews(connection, campaign_id)
    kept_to = adherence(connection, workspace_id, span, at=at)
    names = select(schema.agent.c.id, schema.agent.c.name).where(schema.agent.c.workspace_id == workspace_id)
    times = [
        AgentTime(
            agent=name,
            calls=calls.get(agent_id, 0),
            seconds=seconds.get(agent_id, {}),
            by_system_s=sum(pauses.get((agent_id, True), {}).values()),
            wrap_ups=wrap_ups.get(agent_id, (0, 0))[0],
            wrap_ups_over=wrap_ups.get(agent_id, (0, 0))[1],
            pauses_over=pauses_over.get(agent_id, 0),
            previews=previews.get(agent_id, (0, 0))[0],
            skips=previews.get(agent_id, (0, 0))[1],
            busy_codes=pauses.get((agent_id, False), {}),
            roster=kept_to.get(agent_id, Adherence()),
        )
        for agent_id, name in connection.execute(names.order_by(schema.agent.c.name))
    ]
    shown = [time for time in times if time.calls or time.logged_in_s or time.roster.rostered_s]
    return tabulate(shown, campaign=campaign)


def tabulate(times: list[AgentTime], *, campaign: str) -> Report:
    """Return the times with the shares that follow from them."""
    return Report(
        name="agents",
        campaign=campaign,
        columns=(
            Column("agent"),
            Column("calls", Unit.COUNT),
            *(
                Column(name, Unit.SECONDS)
                for name in ("talk_s", "wrap_up_s", "ready_s", "paused_s", "by_system_s", "logged_in_s")
            ),
            Column("occupancy", Unit.SHARE),
            Column("utilisation", Unit.SHARE),
            Column("wrap_ups", Unit.COUNT),
            Column("wrap_ups_over", Unit.COUNT),
            Column("pauses_over", Unit.COUNT),
            Column("previews", Unit.COUNT),
            Column("skips", Unit.COUNT),
            Column("preview_s", Unit.SECONDS),
            Column("busy_codes"),
            *(Column(name, Unit.SECONDS) for name in ("rostered_s", "in_shift_s", "late_s", "early_s")),
            Column("adherence", Unit.SHARE),
        ),
        rows=tuple(_row(time) for time in times),
        notes=(_NOTE, _ROSTER_NOTE),
    )


def _row(time: AgentTime) -> tuple[Value, ...]:
    codes = "; ".join(f"{code} {seconds:.0f} s" for code, seconds in sorted(time.busy_codes.items()))
    return (
        time.agent,
        time.calls,
        time.of(AgentState.TALKING),
        time.of(AgentState.WRAP_UP),
        time.of(AgentState.READY),
        time.of(AgentState.PAUSED) - time.by_system_s,
        time.by_system_s,
        time.logged_in_s,
        occupancy(time),
        utilisation(time),
        time.wrap_ups,
        time.wrap_ups_over,
        time.pauses_over,
        time.previews,
        time.skips,
        time.of(AgentState.PREVIEWING),
        codes,
        *time.roster,
        time.roster.adherence,
    )


def _calls(connection: Connection, campaign_id: CampaignId) -> dict[int, int]:
    kept = schema.attempt.c
    statement = (
        select(kept.agent_id, func.count())
        .where(kept.campaign_id == campaign_id, kept.outcome == Outcome.CONNECTED)
        .group_by(kept.agent_id)
    )
    return {agent_id: count for agent_id, count in connection.execute(statement) if agent_id is not None}


def _pauses_over(connection: Connection, workspace_id: int, span: Span) -> dict[int, int]:
    kept = schema.journal.c
    # They are about no attempt, which leaves the few entries to look at that the index has without one.
    statement = (
        select(kept.agent_id, func.count())
        .where(kept.attempt_id.is_(None), kept.kind == OVER)
        .where(kept.workspace_id == workspace_id, kept.at.between(*span))
        .group_by(kept.agent_id)
    )
    return {agent_id: count for agent_id, count in connection.execute(statement) if agent_id is not None}


def _previews(connection: Connection, campaign_id: CampaignId) -> dict[int, tuple[int, int]]:
    """Return how many leads of a campaign each agent was shown, and how many of them it skipped."""
    kept = schema.preview.c
    is_skip = case((kept.outcome == PreviewOutcome.SKIPPED, 1), else_=0)
    statement = (
        select(kept.agent_id, func.count(), func.sum(is_skip))
        .where(kept.campaign_id == campaign_id)
        .group_by(kept.agent_id)
    )
    return {agent_id: (count, skips) for agent_id, count, skips in connection.execute(statement)}


def _seconds(
    connection: Connection, workspace_id: int, span: Span, at: float
) -> dict[int, dict[AgentState, float]]:
    kept = schema.agent_period.c
    statement = (
        select(kept.agent_id, kept.state, func.sum(_inside(span, at)))
        .where(*_touching(workspace_id, span, at))
        .group_by(kept.agent_id, kept.state)
    )
    seconds: dict[int, dict[AgentState, float]] = {}
    for agent_id, state, total in connection.execute(statement):
        seconds.setdefault(agent_id, {})[AgentState(state)] = total
    return seconds


def _pauses(
    connection: Connection, workspace_id: int, span: Span, at: float
) -> dict[tuple[int, bool], dict[str, float]]:
    """Return the seconds of pauses by code, for each agent and whether it was the system that paused."""
    kept = schema.agent_period.c
    by_system = case((kept.paused_by == PausedBy.SYSTEM, 1), else_=0)
    statement = (
        select(kept.agent_id, by_system, kept.reason, func.sum(_inside(span, at)))
        .where(*_touching(workspace_id, span, at), kept.state == AgentState.PAUSED)
        .group_by(kept.agent_id, by_system, kept.reason)
    )
    found: dict[tuple[int, bool], dict[str, float]] = {}
    for agent_id, is_system, code, total in connection.execute(statement):
        found.setdefault((agent_id, bool(is_system)), {})[code] = total
    return found


def _wrap_ups(connection: Connection, workspace_id: int, span: Span, at: float) -> dict[int, tuple[int, int]]:
    """Return how many wrap-ups began, and how many of them lasted longer than they were to."""
    kept = schema.agent_period.c
    is_over = func.coalesce(kept.ended_at, at) > kept.until_at + TOLERANCE_S
    statement = (
        select(kept.agent_id, func.count(), func.sum(case((is_over, 1), else_=0)))
        .where(kept.workspace_id == workspace_id, kept.state == AgentState.WRAP_UP)
        .where(kept.started_at.between(*span))
        .group_by(kept.agent_id)
    )
    return {agent_id: (count, over) for agent_id, count, over in connection.execute(statement)}


def _inside(span: Span, at: float) -> ColumnElement[float]:
    """Return how long a period is inside a span; `at` ends one that still goes on."""
    kept, ended_at = schema.agent_period.c, _ended_at(at)
    from_at = case((kept.started_at < span[0], span[0]), else_=kept.started_at)
    return case((ended_at > span[1], span[1]), else_=ended_at) - from_at


def _touching(workspace_id: int, span: Span, at: float) -> tuple[ColumnElement[bool], ...]:
    kept = schema.agent_period.c
    return kept.workspace_id == workspace_id, kept.started_at < span[1], _ended_at(at) > span[0]


def _ended_at(at: float) -> ColumnElement[float]:
    return func.coalesce(schema.agent_period.c.ended_at, at)
