"""What a campaign's agents did with their time: talk, wrap-up, waiting, pauses."""

import msgspec
from sqlalchemy import Connection, case, func, select

from dialer.core.floor.pauses import OVER
from dialer.core.ids import CampaignId
from dialer.core.states import AgentState, Outcome
from dialer.reports.table import Column, Report, Unit, share
from dialer.storage import schema

_NOT_LOGGED_IN = (AgentState.LOGGED_OUT, AgentState.LOGGING_IN)
_NOTE = (
    "calls: connected ones of this campaign; times: from its first attempt to its last, whatever the agent "
    "worked for; occupancy = (talk + wrap-up) / (talk + wrap-up + ready); utilisation = (talk + wrap-up) / "
    "logged in; pauses_over: pauses that went over the limit of their code."
)


class AgentTime(msgspec.Struct, frozen=True, kw_only=True):
    """One agent's calls, and seconds in each state."""

    agent: str
    calls: int
    seconds: dict[AgentState, float]
    pauses_over: int = 0
    """Pauses that lasted longer than their code allows."""

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
        return sum(seconds for state, seconds in self.seconds.items() if state not in _NOT_LOGGED_IN)


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
    span = select(
        func.min(kept.started_at), func.max(func.coalesce(kept.ended_at, at)), func.max(kept.workspace_id)
    ).where(kept.campaign_id == campaign_id)
    first_at, last_at, workspace_id = connection.execute(span).one()
    if first_at is None:
        return tabulate([], campaign=campaign)
    calls = _calls(connection, campaign_id)
    pauses_over = _pauses_over(connection, workspace_id, (first_at, last_at))
    seconds = _seconds(connection, workspace_id, (first_at, last_at), at)
    names = select(schema.agent.c.id, schema.agent.c.name).where(schema.agent.c.workspace_id == workspace_id)
    times = [
        AgentTime(
            agent=name,
            calls=calls.get(agent_id, 0),
            seconds=seconds.get(agent_id, {}),
            pauses_over=pauses_over.get(agent_id, 0),
        )
        for agent_id, name in connection.execute(names.order_by(schema.agent.c.name))
    ]
    return tabulate([time for time in times if time.calls or time.logged_in_s], campaign=campaign)


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
                for name in ("talk_s", "wrap_up_s", "ready_s", "paused_s", "logged_in_s")
            ),
            Column("occupancy", Unit.SHARE),
            Column("utilisation", Unit.SHARE),
            Column("pauses_over", Unit.COUNT),
        ),
        rows=tuple(
            (
                time.agent,
                time.calls,
                time.of(AgentState.TALKING),
                time.of(AgentState.WRAP_UP),
                time.of(AgentState.READY),
                time.of(AgentState.PAUSED),
                time.logged_in_s,
                occupancy(time),
                utilisation(time),
                time.pauses_over,
            )
            for time in times
        ),
        notes=(_NOTE,),
    )


def _calls(connection: Connection, campaign_id: CampaignId) -> dict[int, int]:
    kept = schema.attempt.c
    statement = (
        select(kept.agent_id, func.count())
        .where(kept.campaign_id == campaign_id, kept.outcome == Outcome.CONNECTED)
        .group_by(kept.agent_id)
    )
    return {agent_id: count for agent_id, count in connection.execute(statement) if agent_id is not None}


def _pauses_over(connection: Connection, workspace_id: int, span: tuple[float, float]) -> dict[int, int]:
    kept = schema.journal.c
    # They are about no attempt, which leaves the few entries to look at that the index has without one.
    statement = (
        select(kept.agent_id, func.count())
        .where(kept.attempt_id.is_(None), kept.kind == OVER)
        .where(kept.workspace_id == workspace_id, kept.at.between(*span))
        .group_by(kept.agent_id)
    )
    return {agent_id: count for agent_id, count in connection.execute(statement) if agent_id is not None}


def _seconds(
    connection: Connection, workspace_id: int, span: tuple[float, float], at: float
) -> dict[int, dict[AgentState, float]]:
    kept = schema.agent_period.c
    first_at, last_at = span
    ended_at = func.coalesce(kept.ended_at, at)
    # The part of each period inside the span.
    from_at = case((kept.started_at < first_at, first_at), else_=kept.started_at)
    until_at = case((ended_at > last_at, last_at), else_=ended_at)
    statement = (
        select(kept.agent_id, kept.state, func.sum(until_at - from_at))
        .where(kept.workspace_id == workspace_id, kept.started_at < last_at, ended_at > first_at)
        .group_by(kept.agent_id, kept.state)
    )
    seconds: dict[int, dict[AgentState, float]] = {}
    for agent_id, state, total in connection.execute(statement):
        seconds.setdefault(agent_id, {})[AgentState(state)] = total
    return seconds
