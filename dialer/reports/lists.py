"""The lead lists and what stands in them."""

import msgspec
from sqlalchemy import Connection, func, select

from dialer.storage import schema
from dialer.storage.rows import record, unknown


class LeadList(msgspec.Struct, frozen=True, kw_only=True):
    """A list and its size."""

    list_id: int
    name: str
    leads: int
    made_at: float


class ListedLead(msgspec.Struct, frozen=True, kw_only=True):
    """A lead as people see it."""

    lead_id: int
    phone: str
    region: str
    kind: str
    zones: str
    """Names of the number's time zones, joined by commas."""
    attributes: dict[str, str]


def lists(connection: Connection, workspace_id: int) -> list[LeadList]:
    """Return the lists, by name."""
    kept = schema.lead_list.c
    size = select(func.count()).where(schema.lead.c.list_id == kept.id).scalar_subquery()
    statement = (
        select(kept.id.label("list_id"), kept.name, size.label("leads"), kept.made_at)
        .where(kept.workspace_id == workspace_id)
        .order_by(kept.name)
    )
    return [record(row, LeadList) for row in connection.execute(statement).mappings()]


def find_list(connection: Connection, workspace_id: int, name: str) -> LeadList:
    """Return the list of that name.

    Raises:
        ConfigError: If there is none; the text names those that there are.
    """
    found = lists(connection, workspace_id)
    for lead_list in found:
        if lead_list.name == name:
            return lead_list
    known = (lead_list.name for lead_list in found)
    raise unknown("lead list", name, known=known, remedy="make one with `dialer leads import`")


def leads(connection: Connection, list_id: int, *, limit: int) -> list[ListedLead]:
    """Return the first leads of a list, in the order of their import."""
    lead, group = schema.lead, schema.zone_group
    statement = (
        select(lead.c.id, lead.c.phone, lead.c.region, lead.c.kind, group.c.zones, lead.c.attributes)
        .select_from(lead.join(group, group.c.id == lead.c.zone_group))
        .where(lead.c.list_id == list_id)
        .order_by(lead.c.id)
        .limit(limit)
    )
    return [
        ListedLead(
            lead_id=row.id,
            phone=row.phone,
            region=row.region,
            kind=row.kind,
            zones=row.zones,
            attributes=msgspec.json.decode(row.attributes, type=dict[str, str]),
        )
        for row in connection.execute(statement)
    ]
