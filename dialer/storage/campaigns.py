"""Campaigns as they are kept: what is called, how, and what the last run said of it."""

import msgspec
from sqlalchemy import Connection, RowMapping, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from dialer.core.ids import CampaignId
from dialer.core.settings import CampaignSettings
from dialer.core.states import CampaignState
from dialer.errors import ConfigError
from dialer.storage import schema
from dialer.storage.rows import unknown


class CampaignRow(msgspec.Struct, frozen=True, kw_only=True):
    """One campaign."""

    campaign_id: CampaignId
    name: str
    list_id: int
    list_name: str
    settings: CampaignSettings
    state: CampaignState
    reason: str
    until_at: float | None
    """Until when it waits, for a retry or for the calling window."""


def create(
    connection: Connection,
    workspace_id: int,
    *,
    name: str,
    list_id: int,
    settings: CampaignSettings,
    at: float,
) -> CampaignId:
    """Keep a new campaign, stopped; the id in `settings` is not read.

    Raises:
        ConfigError: If the name is taken.
    """
    statement = insert(schema.campaign).values(
        workspace_id=workspace_id,
        name=name,
        list_id=list_id,
        settings=_text(settings),
        state=CampaignState.STOPPED,
        made_at=at,
    )
    try:
        return CampaignId(connection.execute(statement.returning(schema.campaign.c.id)).scalar_one())
    except IntegrityError as error:
        raise ConfigError(f"there is a campaign {name!r} already: choose another name") from error


def change(connection: Connection, campaign_id: CampaignId, settings: CampaignSettings) -> None:
    """Keep a campaign's new settings; a run goes by them once it is told."""
    statement = update(schema.campaign).where(schema.campaign.c.id == campaign_id)
    connection.execute(statement.values(settings=_text(settings)))


_COLUMNS = ("campaign_id", "name")
"""Settings that have a column of their own."""


def _text(settings: CampaignSettings) -> str:
    builtins = msgspec.to_builtins(settings)
    kept = {key: value for key, value in builtins.items() if key not in _COLUMNS}
    return msgspec.json.encode(kept).decode()


def every(connection: Connection, workspace_id: int) -> list[CampaignRow]:
    """Return the campaigns, by name."""
    found = connection.execute(_campaigns(workspace_id).order_by(schema.campaign.c.name))
    return [_row(row) for row in found.mappings()]


def find(connection: Connection, workspace_id: int, name: str) -> CampaignRow:
    """Return the campaign of that name.

    Raises:
        ConfigError: If there is none; the text names those that there are.
    """
    row = (
        connection.execute(_campaigns(workspace_id).where(schema.campaign.c.name == name))
        .mappings()
        .one_or_none()
    )
    if row is None:
        known = (campaign.name for campaign in every(connection, workspace_id))
        raise unknown("campaign", name, known=known, remedy="make one with `dialer campaign create`")
    return _row(row)


def _campaigns(workspace_id: int) -> Select[tuple[object, ...]]:
    join = schema.campaign.join(schema.lead_list, schema.campaign.c.list_id == schema.lead_list.c.id)
    columns = (schema.campaign, schema.lead_list.c.name.label("list_name"))
    return select(*columns).select_from(join).where(schema.campaign.c.workspace_id == workspace_id)


def _row(kept: RowMapping) -> CampaignRow:
    settings = msgspec.json.decode(kept["settings"])
    return CampaignRow(
        campaign_id=CampaignId(kept["id"]),
        name=kept["name"],
        list_id=kept["list_id"],
        list_name=kept["list_name"],
        settings=msgspec.convert(
            settings | {"campaign_id": kept["id"], "name": kept["name"]}, CampaignSettings
        ),
        state=CampaignState(kept["state"]),
        reason=kept["reason"],
        until_at=kept["until_at"],
    )
