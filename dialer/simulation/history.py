"""What is on record of a campaign, as far as a scenario can be estimated from it; reads, and never writes."""

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection, Row, select

from dialer.core.ids import AgentId, CampaignId
from dialer.core.rules.dispositions import Disposition, Flag
from dialer.core.rules.machine_detection import Verdict
from dialer.core.states import AgentState, Outcome
from dialer.storage import schema

LATEST = 100_000
"""So many attempts are read, the latest ones: what an hour of the past was like matters less, and memory ends."""


class PastAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt that is over. Instants since the epoch, durations in seconds."""

    started_at: float
    ended_at: float
    outcome: Outcome
    agent_id: AgentId | None = None
    ringing_at: float | None = None
    answered: bool = False
    bridged: bool = False
    ring_s: float | None = None
    """From the first ringing to the answer or the end."""
    wait_s: float | None = None
    """From the answer to the bridge, the message or the hang-up."""
    talk_s: float | None = None
    verdict: Verdict | None = None
    verdict_s: float | None = None
    """From the answer to the verdict."""
    said: Flag | None = None
    """What the agent's disposition says of who it was: a person, a machine, or nothing."""


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A while that an agent spent in one state."""

    agent_id: AgentId
    state: AgentState
    from_at: float
    until_at: float
    of_campaign: bool
    """Whether an attempt of the campaign's was its cause."""


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What there is, in the order of time."""

    attempts: tuple[PastAttempt, ...]
    periods: tuple[Period, ...]
    """Of agents who had a talk of the campaign's, from its first attempt to its last."""


def read_history(
    connection: Connection, campaign_id: CampaignId, dispositions: Collection[Disposition]
) -> History:
    """Return what is on record of a campaign.

    Args:
        connection: Reads only.
        campaign_id: Which.
        dispositions: The campaign's: their flags tell people from machines.
    """
    kept = schema.attempt.c
    said = {each.code: flag for each in dispositions for flag in _KINDS if flag in each.flags}
    statement = (
        select(schema.attempt)
        .where(kept.campaign_id == campaign_id, kept.ended_at.is_not(None), kept.outcome.is_not(None))
        .order_by(kept.started_at.desc())
        .limit(LATEST)
    )
    attempts = [_attempt(row, said) for row in connection.execute(statement)]
    attempts.reverse()
    return History(attempts=tuple(attempts), periods=tuple(_periods(connection, campaign_id, attempts)))


_KINDS = (Flag.PERSON, Flag.MACHINE)


def _attempt(row: Row[tuple[object, ...]], said: dict[str, Flag]) -> PastAttempt:
    kept = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return PastAttempt(
        started_at=kept["started_at"],
        ended_at=kept["ended_at"],
        outcome=Outcome(kept["outcome"]),
        agent_id=kept["agent_id"],
        ringing_at=kept["ringing_at"],
        answered=kept["answered_at"] is not None,
        bridged=kept["bridged_at"] is not None,
        ring_s=kept["ring_s"],
        wait_s=kept["wait_s"],
        talk_s=kept["talk_s"],
        verdict=Verdict(kept["amd_verdict"]) if kept["amd_verdict"] else None,
        verdict_s=kept["amd_s"],
        said=said.get(kept["disposition"] or ""),
    )


def _periods(
    connection: Connection, campaign_id: CampaignId, attempts: Collection[PastAttempt]
) -> list[Period]:
    agents = sorted({one.agent_id for one in attempts if one.agent_id is not None and one.bridged})
    if not agents:
        return []
    first_at = min(one.started_at for one in attempts)
    last_at = max(one.ended_at for one in attempts)
    kept, attempt = schema.agent_period.c, schema.attempt.c
    statement = (
        select(kept.agent_id, kept.state, kept.started_at, kept.ended_at, attempt.campaign_id)
        .select_from(schema.agent_period.outerjoin(schema.attempt, attempt.id == kept.attempt_id))
        .where(kept.agent_id.in_(agents), kept.started_at < last_at, kept.started_at >= first_at - _BEFORE_S)
        .order_by(kept.started_at)
    )
    return [
        Period(
            agent_id=AgentId(agent),
            state=AgentState(state),
            from_at=max(from_at, first_at),
            until_at=min(last_at if until_at is None else until_at, last_at),
            of_campaign=campaign == campaign_id,
        )
        for agent, state, from_at, until_at, campaign in connection.execute(statement)
        if until_at is None or until_at > first_at
    ]


_BEFORE_S = 86_400.0
"""Nobody is in one state for longer than a day before a campaign begins and counts for it."""
