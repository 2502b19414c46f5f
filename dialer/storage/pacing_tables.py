"""What pacing leaves: what it has learned of each campaign, and its decisions."""

from sqlalchemy import Column, Double, Index, Integer

from dialer.storage.columns import BIG_ID, counted_id, seconds, text, workspace_id
from dialer.storage.tables import table

# The last word of each campaign's runs. No foreign key: it goes with nothing and is worth nothing without its campaign.
pacing_learned = table(
    "pacing_learned",
    Column("campaign_id", BIG_ID, primary_key=True, autoincrement=False),
    workspace_id(checked=False),
    seconds("at"),
    text("learned", None),  # JSON that `dialer.core.pacing.keeping` reads
)

# For people: nothing reads it back.
pacing_decision = table(
    "pacing_decision",
    counted_id(),
    workspace_id(checked=False),
    Column("campaign_id", BIG_ID, nullable=False),
    seconds("at"),
    text("mode", None),
    *(Column(name, Double, nullable=False) for name in ("free", "soon_free", "waiting_inbound")),
    Column("in_flight", Integer, nullable=False),
    Column("expected_answers", Double, nullable=False),
    *(Column(name, Double) for name in ("price", "budget_left", "abandonment")),
    Column("limit", Double, nullable=False),
    Column("placed", Integer, nullable=False),
    text("reason"),
)
Index("pacing_decision_by_campaign", pacing_decision.c.campaign_id, pacing_decision.c.at)
