"""Tables of what is on record about calls beside the calls themselves: their life, their messages, what was written."""

from sqlalchemy import Column, Index

from dialer.storage.columns import (
    BIG_ID,
    counted_id,
    optional_seconds,
    optional_text,
    seconds,
    text,
    text_id,
    workspace_id,
)
from dialer.storage.tables import partial_index as _partial_index
from dialer.storage.tables import table as _table

# Who was called to a talk beside its customer and its agent. Evidence, too: nothing that it hangs on keeps it.
guest = _table(
    "guest",
    counted_id(),
    workspace_id(checked=False),
    text("address", None),  # E.164 or a SIP URI
    text("who", None),  # asked for it
    seconds("asked_at"),
    *(optional_text(name) for name in ("kind", "attempt_id", "leg_id", "outcome")),
    Column("agent_id", BIG_ID),
    *(optional_seconds(name) for name in ("called_at", "joined_at", "ended_at")),
)
Index("guest_by_attempt", guest.c.attempt_id)

# What agents and others wrote about a call: a note, or the answers of a form as JSON. No other table holds such words.
note = _table(
    "note",
    counted_id(),
    workspace_id(checked=False),
    seconds("at"),
    *(text(name, None) for name in ("kind", "text", "who")),
    *(optional_text(name) for name in ("call_id", "attempt_id")),
    *(Column(name, BIG_ID) for name in ("lead_id", "agent_id")),
)
Index("note_by_attempt", note.c.attempt_id)
Index("note_by_lead", note.c.lead_id)

# What an agent who receives a customer was given to read before: written first, the customer comes after.
handover = _table(
    "handover",
    text_id(),
    workspace_id(checked=False),
    *(text(name, None) for name in ("way", "call_id")),
    text("snapshot", "{}"),  # JSON of the ids of what was there to read
    seconds("at"),
    optional_seconds("ended_at"),
    *(optional_text(name) for name in ("outcome", "attempt_id")),
    *(Column(name, BIG_ID, nullable=False) for name in ("agent_id", "to_agent_id")),
)
Index("handover_by_agent", handover.c.to_agent_id, handover.c.at)
Index("handover_by_call", handover.c.call_id)

# A lead that an agent was shown before the call, and what the agent decided.
preview = _table(
    "preview",
    text_id(),
    workspace_id(checked=False),
    *(Column(name, BIG_ID, nullable=False) for name in ("campaign_id", "lead_id", "agent_id")),
    seconds("at"),
    optional_seconds("ended_at"),
    *(optional_text(name) for name in ("outcome", "attempt_id")),
    text("reason"),  # the agent's words, or why nobody decided
)
Index("preview_by_campaign", preview.c.campaign_id, preview.c.at)
Index("preview_by_lead", preview.c.lead_id, preview.c.at)
_partial_index("preview_open", preview.c.workspace_id, where=preview.c.ended_at.is_(None))

# No foreign keys: these two are evidence, which must not be lost because something else is missing.
journal = _table(
    "journal",
    counted_id(),
    workspace_id(checked=False),
    seconds("at"),
    text("kind", None),
    optional_text("attempt_id"),
    optional_text("leg_id"),
    Column("agent_id", BIG_ID),
    text("detail"),
)
Index("journal_by_attempt", journal.c.attempt_id)

sip_message = _table(
    "sip_message",
    counted_id(),
    workspace_id(checked=False),
    text("leg_id", None),
    seconds("at"),
    text("direction", None),
    text("text", None),
)
Index("sip_message_by_leg", sip_message.c.leg_id)
