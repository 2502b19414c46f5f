"""What a start finds: the database alone says where an earlier run stopped.

Claims that no attempt followed cost nothing and go back. Open attempts are told to the engine, which gives
them an outcome. Legs cannot have outlived their process, so their rows are closed here.
"""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, case, exists, select, update

from dialer.core.events import (
    AgentDefined,
    AnyEvent,
    AttemptLeftOpen,
    CampaignDefined,
    RunStarted,
    TrunkDefined,
)
from dialer.core.ids import AttemptId, CallId
from dialer.core.settings import TrunkSettings
from dialer.core.states import AgentState, EndCause
from dialer.live.clock import Clock
from dialer.live.lease import Lease
from dialer.storage import agents, campaigns, hopper, inbound, trunks
from dialer.storage.database import Database
from dialer.storage.schema import HopperState, agent_period, attempt, call, leg, workspace
from dialer.storage.schema import hopper as hopper_table


def load(
    database: Database, lease: Lease, *, clock: Clock, settings: Sequence[TrunkSettings] = ()
) -> list[AnyEvent]:
    """Put right what an earlier run left, and return what the engine must know, in order.

    `settings` are those of the configuration's trunks; what is kept of others is forgotten.

    Raises:
        LeaseLostError: If another run took the workspace over meanwhile.
        StorageError: If the database cannot be used.
    """
    workspace_id = lease.fence.workspace_id
    now = clock.now()
    with database.write() as connection:
        lease.fence.check(connection)
        _return_claims(connection, workspace_id)
        _close_legs(connection, workspace_id, now)
        inbound.close_open(connection, workspace_id, at=now)
        if lease.previous_until is not None:
            _close_periods(connection, workspace_id, lease.previous_until)
        halted = connection.scalar(select(workspace.c.halted_at).where(workspace.c.id == workspace_id))
        return [
            RunStarted(at=now, instance=lease.fence.instance, halted=halted is not None),
            *_trunks(connection, workspace_id, settings, now),
            *(
                CampaignDefined(at=now, campaign=row.settings, state=row.state)
                for row in campaigns.every(connection, workspace_id)
            ),
            *(
                AgentDefined(at=now, agent_id=row.agent_id, state=row.state, reason=row.reason)
                for row in agents.every(connection, workspace_id)
            ),
            *_left_open(connection, workspace_id, now),
        ]


def _trunks(
    connection: Connection, workspace_id: int, settings: Sequence[TrunkSettings], now: float
) -> list[TrunkDefined]:
    trunks.forget_others(connection, workspace_id, [trunk.name for trunk in settings])
    left = {row.name: row for row in trunks.every(connection, workspace_id)}
    events = []
    for trunk in settings:
        event = TrunkDefined(at=now, trunk=trunk)
        if row := left.get(trunk.name):
            event = TrunkDefined(
                at=now,
                trunk=trunk,
                state=row.state,
                reason=row.reason,
                used_day=row.used_day,
                used_s=row.used_s,
            )
        events.append(event)
    return events


def _return_claims(connection: Connection, workspace_id: int) -> None:
    followed = exists().where(
        attempt.c.lead_id == hopper_table.c.lead_id,
        attempt.c.campaign_id == hopper_table.c.campaign_id,
        attempt.c.ended_at.is_(None),
    )
    connection.execute(
        update(hopper_table)
        .where(hopper.IN_FLIGHT, hopper_table.c.workspace_id == workspace_id, ~followed)
        .values(state=HopperState.READY, instance=None, claimed_at=None)
    )


def _close_legs(connection: Connection, workspace_id: int, now: float) -> None:
    connection.execute(
        update(leg)
        .where(leg.c.ended_at.is_(None), leg.c.workspace_id == workspace_id)
        .values(ended_at=now, cause=EndCause.LOST)
    )


def _close_periods(connection: Connection, workspace_id: int, alive_until: float) -> None:
    # Nobody talked or waited while nothing ran; the engine opens new periods when phones are up again.
    started_at = agent_period.c.started_at
    connection.execute(
        update(agent_period)
        .where(
            agent_period.c.workspace_id == workspace_id,
            agent_period.c.ended_at.is_(None),
            agent_period.c.state != AgentState.LOGGED_OUT,
        )
        .values(ended_at=case((started_at > alive_until, started_at), else_=alive_until))
    )


def _left_open(connection: Connection, workspace_id: int, now: float) -> list[AttemptLeftOpen]:
    query = (
        select(
            attempt.c.id,
            attempt.c.campaign_id,
            attempt.c.lead_id,
            attempt.c.started_at,
            attempt.c.disposition,
            attempt.c.retry_at,
            call.c.id.label("call_id"),
        )
        .select_from(attempt.outerjoin(call, (call.c.attempt_id == attempt.c.id) & call.c.ended_at.is_(None)))
        .where(attempt.c.ended_at.is_(None), attempt.c.workspace_id == workspace_id)
        .order_by(attempt.c.campaign_id, attempt.c.started_at, attempt.c.id)
    )
    events: list[AttemptLeftOpen] = []
    for _, rows in groupby(connection.execute(query).all(), attrgetter("campaign_id")):
        events += _of_one_campaign(connection, list(rows), now)
    return events


def _of_one_campaign(connection: Connection, rows: list[Any], now: float) -> list[AttemptLeftOpen]:
    campaign_id = rows[0].campaign_id
    found = hopper.leads_of(connection, campaign_id, [row.lead_id for row in rows])
    leads = {lead.lead_id: lead for lead in found}
    return [
        AttemptLeftOpen(
            at=now,
            attempt_id=AttemptId(row.id),
            call_id=None if row.call_id is None else CallId(row.call_id),
            campaign_id=campaign_id,
            lead=leads[row.lead_id],
            started_at=row.started_at,
            disposition=row.disposition or "",
            retry_at=row.retry_at,
        )
        for row in rows
    ]
