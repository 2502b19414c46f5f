"""What keeps calls from being placed, as far as the database knows: hoppers, zones, halts, times, the lease."""

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from dialer.core.ids import CampaignId, ZoneGroupId
from dialer.core.requests import StartCampaign
from dialer.storage import schema
from dialer.storage.rows import record
from dialer.storage.schema import HopperState, RequestState
from dialer.storage.zone_groups import zones_of


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Leads of one zone group that may be called sometime."""

    zone_group: ZoneGroupId
    zones: tuple[str, ...] = ()
    leads: int
    due: int
    """Those whose time has come."""
    next_due_at: float


class HopperContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign's hopper holds."""

    leads: int
    in_flight: int
    waiting: tuple[Waiting, ...]


class LeaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """The workspace's lease as it stands; an empty instance was given back."""

    instance: str
    host: str
    pid: int
    taken_at: float
    renewed_at: float


def workspace_id(connection: Connection, name: str) -> int | None:
    """Return the id of a workspace, None if nobody has used it."""
    return connection.scalar(select(schema.workspace.c.id).where(schema.workspace.c.name == name))


def halt_reason(connection: Connection, workspace: int) -> str | None:
    """Return why all originating is halted, None if it is not."""
    kept = schema.workspace.c
    row = connection.execute(select(kept.halted_at, kept.halt_reason).where(kept.id == workspace)).one()
    return None if row.halted_at is None else row.halt_reason


def hopper_content(connection: Connection, campaign_id: CampaignId, *, at: float) -> HopperContent:
    """Return what a hopper holds; counts every lead, so for people, not for loops."""
    hopper = schema.hopper.c
    of_campaign = hopper.campaign_id == campaign_id
    states = select(hopper.state, func.count()).where(of_campaign).group_by(hopper.state)
    by_state: dict[int, int] = dict(connection.execute(states).all())
    statement = (
        select(
            hopper.zone_group,
            func.count().label("leads"),
            func.count().filter(hopper.due_at <= at).label("due"),
            func.min(hopper.due_at).label("next_due_at"),
        )
        .where(of_campaign, hopper.state == HopperState.READY)
        .group_by(hopper.zone_group)
    )
    groups = [record(row, Waiting) for row in connection.execute(statement).mappings()]
    zones = zones_of(connection, [group.zone_group for group in groups])
    return HopperContent(
        leads=sum(by_state.values()),
        in_flight=by_state.get(HopperState.IN_FLIGHT, 0),
        waiting=tuple(msgspec.structs.replace(one, zones=zones.get(one.zone_group, ())) for one in groups),
    )


def starts_asked(connection: Connection, workspace: int) -> frozenset[int]:
    """Return the campaigns that are to start as soon as a run takes the requests up."""
    kept = schema.request.c
    statement = select(kept.body).where(
        kept.workspace_id == workspace,
        kept.state == RequestState.PENDING,
        kept.kind == StartCampaign.__name__,
    )
    return frozenset(
        msgspec.json.decode(body, type=StartCampaign).campaign_id for body in connection.scalars(statement)
    )


def do_not_call_age(connection: Connection, workspace: int) -> tuple[int, float | None]:
    """Return how many numbers are on the do-not-call list, and when the last one came."""
    kept = schema.do_not_call.c
    row = connection.execute(
        select(func.count(), func.max(kept.added_at)).where(kept.workspace_id == workspace)
    ).one()
    return int(row[0]), row[1]


def newest_times(connection: Connection, workspace: int) -> dict[str, float]:
    """Return the latest instant of each thing that is on record, by what it is."""
    journal, attempt, request = schema.journal.c, schema.attempt.c, schema.request.c
    latest: dict[str, ColumnElement[float]] = {
        # By their id, which is the order they were written in and has an index.
        "journal": select(journal.at).order_by(journal.id.desc()).limit(1).scalar_subquery(),
        "request": select(request.made_at).order_by(request.id.desc()).limit(1).scalar_subquery(),
        "attempt": select(func.max(attempt.started_at))
        .where(attempt.workspace_id == workspace)
        .scalar_subquery(),
        "lead list": select(func.max(schema.lead_list.c.made_at)).scalar_subquery(),
        "campaign": select(func.max(schema.campaign.c.made_at)).scalar_subquery(),
    }
    return {
        what: float(at)
        for what, query in latest.items()
        if (at := connection.scalar(select(query))) is not None
    }


def lease(connection: Connection, workspace: int) -> LeaseRow | None:
    """Return the lease, None if nothing ever ran the workspace."""
    kept = schema.lease.c
    statement = select(kept.instance, kept.host, kept.pid, kept.taken_at, kept.renewed_at)
    row = connection.execute(statement.where(kept.workspace_id == workspace)).mappings().one_or_none()
    return None if row is None else record(row, LeaseRow)
