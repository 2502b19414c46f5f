"""Simulated days as if they had been recorded, for what reads a campaign's history."""

from sqlalchemy import insert

from dialer.core.ids import AgentId
from dialer.core.rules.dispositions import Flag
from dialer.core.states import AgentState
from dialer.simulation.day import simulate_day
from dialer.simulation.history import History, PastAttempt, Period
from dialer.simulation.scenario import Mode
from dialer.storage import schema


def past(row, *, at):
    def since(one, other):
        return None if one is None or other is None else one - other

    talked = row.bridged_at is not None
    return PastAttempt(
        started_at=at + row.dialed_at,
        ended_at=at + row.ended_at,
        outcome=row.outcome,
        agent_id=row.agent,
        ringing_at=None if row.rang_at is None else at + row.rang_at,
        answered=row.answered_at is not None,
        bridged=talked,
        ring_s=since(row.answered_at, row.rang_at),
        wait_s=since(row.bridged_at or row.ended_at, row.answered_at),
        talk_s=since(row.ended_at, row.bridged_at),
        verdict=row.verdict,
        verdict_s=since(row.verdict_at, row.answered_at),
        said=(Flag.PERSON if row.is_person else Flag.MACHINE) if talked else None,
    )


def periods(row, *, at):
    if row.agent is None or row.ended_at is None or row.bridged_at is None:
        return
    spans = [(AgentState.TALKING, row.bridged_at, row.ended_at)]
    spans.append((AgentState.READY, row.bridged_at - (row.agent_wait_s or 0.0), row.bridged_at))
    if row.wrap_up_s is not None:
        spans.append((AgentState.WRAP_UP, row.ended_at, row.ended_at + row.wrap_up_s))
    for state, from_at, until_at in spans:
        yield Period(
            agent_id=AgentId(row.agent),
            state=state,
            from_at=at + from_at,
            until_at=at + until_at,
            of_campaign=state is not AgentState.READY,
        )


def history_of(scenario, *, seed=1, at=1_700_000_000.0):
    rows = []
    simulate_day(scenario, seed=seed, mode=Mode.parse("ratio:2"), on_attempt=rows.append)
    rows = sorted((row for row in rows if row.ended_at is not None), key=lambda row: row.dialed_at)
    return History(
        attempts=tuple(past(row, at=at) for row in rows),
        periods=tuple(period for row in rows for period in periods(row, at=at)),
    )


def keep(store, history):
    """Put a history into a database, as the history of its campaign."""
    (lead_id,) = store.add_leads(1)
    agents = sorted({one.agent_id for one in history.periods})
    ids = {agent: store.add_agent(f"agent-{agent}") for agent in agents}
    common = {"workspace_id": store.workspace_id}
    of_campaign = common | {"campaign_id": store.campaign_id, "list_id": store.list_id, "lead_id": lead_id}
    attempts = [
        of_campaign
        | {
            "id": f"past-{number}",
            "agent_id": ids.get(one.agent_id),
            "started_at": one.started_at,
            "ended_at": one.ended_at,
            "outcome": str(one.outcome),
            "ringing_at": one.ringing_at,
            "answered_at": one.started_at if one.answered else None,
            "bridged_at": one.started_at if one.bridged else None,
            "ring_s": one.ring_s,
            "wait_s": one.wait_s,
            "talk_s": one.talk_s,
            "amd_verdict": one.verdict and str(one.verdict),
            "amd_s": one.verdict_s,
            "disposition": {Flag.PERSON: "sale", Flag.MACHINE: "machine"}.get(one.said),
        }
        for number, one in enumerate(history.attempts)
    ]
    periods = [
        common
        | {
            "agent_id": ids[one.agent_id],
            "state": str(one.state),
            "reason": "",
            "attempt_id": "past-0" if one.of_campaign else None,
            "started_at": one.from_at,
            "ended_at": one.until_at,
            "paused_by": "",
        }
        for one in history.periods
    ]
    with store.database.write() as connection:
        connection.execute(insert(schema.attempt), attempts)
        connection.execute(insert(schema.agent_period), periods)
