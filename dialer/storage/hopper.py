"""The hopper: which leads of a campaign may be called next, claimed at a cost that the list's size leaves flat.

A claim reads one (zone group, priority) slot from the front of one index, never several at once: asked for
several, a database sorts all that is due, a thousand times slower at ten million leads. Slots are found by
hopping over the index from one to the next. Only the run that holds the lease claims, so what it knows of
the slots' fronts stays true but for leads that other processes add and leads that come back.
"""

from array import array
from collections.abc import Collection, Iterable
from typing import Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    select,
    update,
)

from dialer.core.ids import CampaignId, LeadId, ZoneGroupId
from dialer.core.lead import Lead
from dialer.core.rules.number_kinds import NumberKind
from dialer.core.states import Outcome
from dialer.storage.database import Database
from dialer.storage.fence import Fence
from dialer.storage.rows import new_rows
from dialer.storage.schema import HopperState, do_not_call, hopper, lead
from dialer.storage.zone_groups import zones_of

CLAIM_MAX: Final = 1_000
"""Most leads one claim takes; far below what SQLite binds in one statement (32,766)."""

PROMISED: Final = -1
"""The priority of leads that somebody promised to call; the others have 0, and the lowest comes first."""

FILL_CHUNK: Final = 2_000
"""Most rows that a commit beside a run may hold: 50,000 delay other commits by 80-130 ms (measured)."""

COUNTED: Final = 2_000
"""Leads that are left are counted so far: 0.2 ms. A budget of 3 % is not held up by the end of a list before its last 400 answers."""

# How long leads that came back early may wait behind others. A guess: far below any retry rule's minutes,
# and the hops of a hundred slots (5 ms) stay invisible.
_RESCAN_S: Final = 5.0

# Written out rather than bound, because the partial indexes are used for the literal alone.
READY = hopper.c.state == literal_column(str(int(HopperState.READY)))
IN_FLIGHT = hopper.c.state == literal_column(str(int(HopperState.IN_FLIGHT)))
OF_CAMPAIGN = hopper.c.campaign_id == bindparam("campaign")
_SLOT = and_(
    READY,
    OF_CAMPAIGN,
    hopper.c.zone_group == bindparam("slot_group"),
    hopper.c.priority == bindparam("slot_priority"),
)

_FIRST_SLOT = (
    select(hopper.c.zone_group, hopper.c.priority, hopper.c.due_at)
    .where(READY, OF_CAMPAIGN)
    .order_by(hopper.c.zone_group, hopper.c.priority, hopper.c.due_at)
    .limit(1)
)
_LEFT = select(func.count()).select_from(
    select(hopper.c.lead_id).where(READY, OF_CAMPAIGN).limit(COUNTED).subquery()
)
# Two steps, because SQLite answers `(zone_group, priority) > (?, ?)` by reading the whole slot before it.
_NEXT_PRIORITY = _FIRST_SLOT.where(
    hopper.c.zone_group == bindparam("slot_group"), hopper.c.priority > bindparam("slot_priority")
)
_NEXT_GROUP = _FIRST_SLOT.where(hopper.c.zone_group > bindparam("slot_group"))
_FRONT = select(hopper.c.due_at).where(_SLOT).order_by(hopper.c.due_at).limit(1)
_CLAIM = (
    update(hopper)
    .where(
        OF_CAMPAIGN,
        hopper.c.lead_id.in_(
            select(hopper.c.lead_id)
            .where(_SLOT, hopper.c.due_at <= bindparam("now"))
            .order_by(hopper.c.due_at)
            .limit(bindparam("count"))
        ),
    )
    .values(state=HopperState.IN_FLIGHT, instance=bindparam("claimed_by"), claimed_at=bindparam("now"))
    .returning(hopper.c.lead_id)
)
_LEADS = (
    select(
        lead.c.id.label("lead_id"),
        hopper.c.zone_group,
        lead.c.region,
        lead.c.kind,
        hopper.c.attempts,
        hopper.c.tries,
        hopper.c.priority,
        hopper.c.faults,
        hopper.c.faults_day,
        do_not_call.c.number.is_not(None).label("do_not_call"),
    )
    .select_from(
        hopper.join(lead, lead.c.id == hopper.c.lead_id).outerjoin(
            do_not_call,
            and_(do_not_call.c.workspace_id == lead.c.workspace_id, do_not_call.c.number == lead.c.phone),
        )
    )
    .where(OF_CAMPAIGN, hopper.c.lead_id.in_(bindparam("leads", expanding=True)))
    .order_by(hopper.c.due_at, hopper.c.lead_id)
)
_GIVE_BACK = (
    update(hopper)
    .where(OF_CAMPAIGN, hopper.c.lead_id == bindparam("lead"), IN_FLIGHT)
    .values(state=HopperState.READY, instance=None, claimed_at=None)
)
_ABSENT = ~exists().where(OF_CAMPAIGN, hopper.c.lead_id == lead.c.id)
_ZERO: ColumnElement[int] = literal_column("0")
_FILL = new_rows(hopper).from_select(
    ["campaign_id", "lead_id", "workspace_id", "zone_group", "priority", "due_at", "state"],
    select(
        bindparam("campaign", type_=hopper.c.campaign_id.type),
        lead.c.id,
        lead.c.workspace_id,
        lead.c.zone_group,
        _ZERO,
        bindparam("now", type_=hopper.c.due_at.type),
        _ZERO,
    ).where(
        lead.c.id.in_(bindparam("leads", expanding=True)),
        _ABSENT,
    ),
)

_Slot = tuple[int, ZoneGroupId]  # priority first: slots sort best first


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What one claim found; the fields are those of `LeadsLoaded`."""

    leads: tuple[Lead, ...]
    zone_groups: dict[ZoneGroupId, tuple[str, ...]]
    next_due_at: float | None
    """When the first unclaimed lead of an open group is due; not later than now if some were left."""
    remaining: bool
    left: int | None


class Hopper:
    """The hoppers of one workspace, as the run that holds `fence` claims from them."""

    def __init__(self, fence: Fence) -> None:
        self._fence = fence
        self._fronts: dict[CampaignId, dict[_Slot, float]] = {}
        self._scanned_at: dict[CampaignId, float] = {}
        self._left: dict[CampaignId, int] = {}
        self._zones: dict[ZoneGroupId, tuple[str, ...]] = {}

    def forget(self) -> None:
        """Read everything anew, because a transaction with claims was rolled back."""
        self._fronts.clear()

    def claim(
        self,
        connection: Connection,
        campaign_id: CampaignId,
        *,
        count: int,
        closed: Collection[ZoneGroupId],
        at: float,
    ) -> Claim:
        """Take up to `count` leads that are due, best priority first, outside the closed zone groups."""
        wanted = min(count, CLAIM_MAX)
        scanned = campaign_id not in self._fronts or at - self._scanned_at[campaign_id] > _RESCAN_S
        if scanned:
            self._scan(connection, campaign_id, at)
        leads = self._take(connection, campaign_id, count=wanted, closed=closed, at=at)
        if not scanned and (len(leads) < wanted or not self._fronts[campaign_id]):  # some may have come back
            self._scan(connection, campaign_id, at)
            leads += self._take(connection, campaign_id, count=wanted - len(leads), closed=closed, at=at)
        fronts = self._fronts[campaign_id]
        groups = {group for _, group in fronts} | {found.zone_group for found in leads}
        return Claim(
            leads=tuple(leads),
            zone_groups=self._zones_of(connection, groups),
            next_due_at=min(
                (due_at for (_, group), due_at in fronts.items() if group not in closed), default=None
            ),
            remaining=bool(fronts),
            left=self._count_off(campaign_id, len(leads)),
        )

    def _count_off(self, campaign_id: CampaignId, claimed: int) -> int | None:
        """Return how many leads are left now that some more are claimed, None if they are more than were counted."""
        left = self._left[campaign_id]
        if left >= COUNTED:
            return None
        self._left[campaign_id] = max(0, left - claimed)
        return self._left[campaign_id]

    def _scan(self, connection: Connection, campaign_id: CampaignId, at: float) -> None:
        fronts: dict[_Slot, float] = {}
        row = connection.execute(_FIRST_SLOT, {"campaign": campaign_id}).first()
        while row is not None:
            group, priority, due_at = row
            fronts[priority, ZoneGroupId(group)] = due_at
            here = {"campaign": campaign_id, "slot_group": group, "slot_priority": priority}
            row = (
                connection.execute(_NEXT_PRIORITY, here).first()
                or connection.execute(_NEXT_GROUP, {"campaign": campaign_id, "slot_group": group}).first()
            )
        self._fronts[campaign_id] = fronts
        self._left[campaign_id] = connection.scalar(_LEFT, {"campaign": campaign_id}) or 0
        self._scanned_at[campaign_id] = at

    def _take(
        self,
        connection: Connection,
        campaign_id: CampaignId,
        *,
        count: int,
        closed: Collection[ZoneGroupId],
        at: float,
    ) -> list[Lead]:
        fronts = self._fronts[campaign_id]
        leads: list[Lead] = []
        due = (slot for slot, due_at in fronts.items() if due_at <= at and slot[1] not in closed)
        for slot in sorted(due, key=lambda slot: (slot[0], fronts[slot], slot[1])):
            if len(leads) == count:
                break
            priority, group = slot
            here = {"campaign": campaign_id, "slot_group": group, "slot_priority": priority}
            mark = {"now": at, "count": count - len(leads), "claimed_by": self._fence.instance}
            claimed = connection.scalars(_CLAIM, here | mark).all()
            leads += leads_of(connection, campaign_id, claimed)
            front = connection.scalar(_FRONT, here)
            if front is None:
                del fronts[slot]
            else:
                fronts[slot] = front
        return leads

    def _zones_of(
        self, connection: Connection, groups: Collection[ZoneGroupId]
    ) -> dict[ZoneGroupId, tuple[str, ...]]:
        if unknown := [group for group in groups if group not in self._zones]:
            self._zones |= zones_of(connection, unknown)
        return {group: self._zones[group] for group in sorted(groups)}


def leads_of(connection: Connection, campaign_id: CampaignId, lead_ids: Collection[LeadId]) -> list[Lead]:
    """Return what the engine knows of leads in a campaign's hopper, the longest due first."""
    if not lead_ids:
        return []
    return [
        Lead(
            lead_id=row.lead_id,
            zone_group=row.zone_group,
            region=row.region,
            kind=NumberKind(row.kind),
            attempts=row.attempts,
            tries=msgspec.json.decode(row.tries, type=dict[Outcome, int]),
            faults=row.faults,
            faults_day=row.faults_day,
            do_not_call=bool(row.do_not_call),
            promised=row.priority <= PROMISED,
        )
        for row in connection.execute(_LEADS, {"campaign": campaign_id, "leads": list(lead_ids)})
    ]


def give_back(connection: Connection, campaign_id: CampaignId, lead_ids: Iterable[LeadId]) -> None:
    """Undo claims; they cost the leads nothing."""
    rows = [{"campaign": campaign_id, "lead": lead_id} for lead_id in lead_ids]
    if rows:
        connection.execute(_GIVE_BACK, rows)


def fill(database: Database, campaign_id: CampaignId, list_id: int, *, at: float) -> int:
    """Put every lead of a list that is not there yet into a campaign's hopper, due at once.

    Commits every `FILL_CHUNK` rows, so that a run beside it is not held up.

    Returns:
        How many were put in.
    """
    query = select(lead.c.id).where(lead.c.list_id == list_id, _ABSENT).order_by(lead.c.id)
    with database.read() as connection:
        ids = array("q", connection.scalars(query, {"campaign": campaign_id}))
    for start in range(0, len(ids), FILL_CHUNK):
        with database.write() as connection:
            connection.execute(
                _FILL, {"campaign": campaign_id, "now": at, "leads": list(ids[start : start + FILL_CHUNK])}
            )
    return len(ids)
