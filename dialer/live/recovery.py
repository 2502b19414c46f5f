"""What a start finds: the database says where an earlier run stopped, the switch what is left of its legs.

Claims that no attempt followed cost nothing and go back. Calls and phones whose legs the switch still holds are told to
the engine, which goes on with them; other open attempts get an outcome from it. The rows of legs that are no more are
closed here.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, case, exists, select, update

from dialer.core.events import (
    AnyEvent,
    CampaignDefined,
    RunStarted,
    ShiftsLoaded,
    TrunkDefined,
    WorkflowDefined,
)
from dialer.core.floor.roster import KNOWN_S
from dialer.core.ids import AgentId
from dialer.core.settings import TrunkSettings
from dialer.core.states import AgentState
from dialer.live import open_queue_calls, open_work
from dialer.live.clock import Clock
from dialer.live.lease import Lease
from dialer.storage import (
    agents,
    campaigns,
    guests,
    handovers,
    hopper,
    inbound,
    pacing,
    previews,
    roster,
    tallies,
    tasks,
    trunks,
    workflows,
)
from dialer.storage.database import Database
from dialer.storage.schema import HopperState, agent_period, attempt, workspace
from dialer.storage.schema import hopper as hopper_table
from dialer.survivors import Survivor


class Configured(NamedTuple):
    """What the configuration says that a start goes by."""

    trunks: Sequence[TrunkSettings] = ()
    """What is kept of others is forgotten."""
    queues: Collection[str] = ()
    zone: str = "UTC"
    """Whose midnight ends the day's counts."""


NOTHING = Configured()


def load(
    database: Database,
    lease: Lease,
    *,
    clock: Clock,
    configured: Configured = NOTHING,
    survivors: Sequence[Survivor] = (),
) -> list[AnyEvent]:
    """Put right what an earlier run left, and return what the engine must know, in order.

    `survivors` are the legs that the switch knows of; a leg whose end it remembers is none that lives.

    Raises:
        LeaseLostError: If another run took the workspace over meanwhile.
        StorageError: If the database cannot be used.
    """
    workspace_id = lease.fence.workspace_id
    now = clock.now()
    with database.write() as connection:
        lease.fence.check(connection)
        _return_claims(connection, workspace_id)
        trunks_there = {trunk.name for trunk in configured.trunks}
        left = open_work.read(connection, workspace_id, survivors, trunks=trunks_there)
        in_queues = open_queue_calls.read(
            connection, workspace_id, survivors, trunks=trunks_there, queues=configured.queues
        )
        open_work.close(connection, workspace_id, left, in_queues, at=now)
        open_queue_calls.close(connection, workspace_id, in_queues, at=now)
        inbound.close_open(connection, workspace_id, at=now)
        guests.close_open(connection, workspace_id, at=now)
        handovers.close_open(connection, workspace_id, at=now)
        previews.close_open(connection, workspace_id, at=now)
        if lease.previous_until is not None:
            _close_periods(
                connection, workspace_id, lease.previous_until, talking=left.talking(in_queues.legs)
            )
        halted = connection.scalar(select(workspace.c.halted_at).where(workspace.c.id == workspace_id))
        return [
            RunStarted(
                at=now, instance=lease.fence.instance, halted=halted is not None, zone=configured.zone
            ),
            *_trunks(connection, workspace_id, configured.trunks, now),
            *(
                WorkflowDefined(at=now, workflow=row.workflow)
                for row in workflows.in_use(connection, workspace_id)
            ),
            *(
                CampaignDefined(
                    at=now,
                    campaign=row.settings,
                    state=row.state,
                    tally=tallies.read(connection, row.settings, zone=configured.zone, at=now),
                    learned=pacing.learned(connection, row.campaign_id),
                )
                for row in campaigns.every(connection, workspace_id)
            ),
            *(left.agent(row, at=now) for row in agents.every(connection, workspace_id)),
            *left.calls(connection, at=now),
            *tasks.left_open(connection, workspace_id, at=now),
            *_roster(connection, workspace_id, now),
            *in_queues.events(at=now),
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


def _roster(connection: Connection, workspace_id: int, now: float) -> list[ShiftsLoaded]:
    """Return the roster around now; nothing if there is none for later either."""
    if not roster.between(connection, workspace_id, now - KNOWN_S, float("inf")):
        return []
    found = roster.between(connection, workspace_id, now - KNOWN_S, now + KNOWN_S)
    return [ShiftsLoaded(at=now, shifts=tuple(each.shift for each in found))]


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


def _close_periods(
    connection: Connection, workspace_id: int, alive_until: float, *, talking: Collection[AgentId]
) -> None:
    # Nobody waited while nothing ran, and only whose talks the switch kept up talked; the engine opens new periods.
    started_at = agent_period.c.started_at
    connection.execute(
        update(agent_period)
        .where(
            agent_period.c.workspace_id == workspace_id,
            agent_period.c.ended_at.is_(None),
            agent_period.c.state != AgentState.LOGGED_OUT,
            agent_period.c.agent_id.not_in(talking),
        )
        .values(ended_at=case((started_at > alive_until, started_at), else_=alive_until))
    )
