"""Zone groups: the sets of time zones that numbers may lie in, each named by one small id.

A number's zone is often not known but one of several; a call is lawful only if every zone of its set is
within the window, so the hopper is kept by set.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from dialer.core.ids import ZoneGroupId
from dialer.storage.rows import ensure
from dialer.storage.schema import zone_group

_SEPARATOR = ","


def ensure_zone_group(connection: Connection, workspace_id: int, zones: Iterable[str]) -> ZoneGroupId:
    """Return the id of a set of zone names, kept if it is new; the empty set means an unknown zone."""
    joined = _SEPARATOR.join(sorted(set(zones)))
    return ZoneGroupId(ensure(connection, zone_group, {"workspace_id": workspace_id, "zones": joined}))


def zones_of(connection: Connection, groups: Iterable[ZoneGroupId]) -> dict[ZoneGroupId, tuple[str, ...]]:
    """Return the sorted zone names of each group."""
    query = select(zone_group.c.id, zone_group.c.zones).where(zone_group.c.id.in_(sorted(groups)))
    return {
        ZoneGroupId(group): tuple(zones.split(_SEPARATOR)) if zones else ()
        for group, zones in connection.execute(query)
    }
