"""A store with a campaign that runs and called its only lead once, so that the lead may call back."""

from sqlalchemy import insert, update

from dialer.core.settings import CampaignSettings
from dialer.core.states import CampaignState
from dialer.storage import campaigns, schema
from tests.stores import make_store, number

OURS = "+12125550199"
"""The campaign's caller id."""


def make_called_once(directory):
    """Return the store; the attempt is `old-1`, through the trunk `carrier`."""
    made = make_store(f"sqlite:///{directory}/dialer.db")
    (lead_id,) = made.add_leads(1)
    about = {"workspace_id": made.workspace_id, "started_at": 5.0, "ended_at": 6.0}
    settings = CampaignSettings(campaign_id=made.campaign_id, trunk="carrier", caller_id=OURS)
    attempt = {"id": "old-1", "campaign_id": made.campaign_id, "lead_id": lead_id, "list_id": made.list_id}
    call = {"id": "old-2", "attempt_id": "old-1", "trunk": "carrier", "caller_id": OURS, "number": number(0)}
    with made.database.write() as connection:
        connection.execute(update(schema.campaign).values(state=CampaignState.RUNNING))
        campaigns.change(connection, made.campaign_id, settings)
        connection.execute(insert(schema.attempt), [attempt | about])
        connection.execute(insert(schema.call), [call | about])
    return made
