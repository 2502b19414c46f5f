"""What is on record about calls that a recording or a dialplan answers for us: who consented to them, and what was played.

Both are evidence: rows are added and never taken back, and nothing that they hang on keeps them.
"""

from sqlalchemy import Boolean, Column, Index, UniqueConstraint, false

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
from dialer.storage.tables import table

# Somebody consented to such calls of a seller's, or revoked that; the later word counts.
consent = table(
    "consent",
    counted_id(),
    workspace_id(checked=False),
    text("number", None),  # E.164
    Column("given", Boolean, nullable=False),  # else revoked
    text("seller"),  # as written; of a revocation empty: of every seller
    text("seller_key"),  # by which sellers are compared
    seconds("at"),  # when it was given or revoked
    text("source"),  # how, in the words of whoever recorded it
    text("who", None),
    seconds("recorded_at"),
    text("digest", None),  # of what makes it another one than those there are
    UniqueConstraint("workspace_id", "number", "digest"),
)

# One call of a campaign without agents: by which consent it was placed, and what came of the message.
agentless_call = table(
    "agentless_call",
    text_id(),  # the call's
    workspace_id(checked=False),
    text("attempt_id", None),
    Column("campaign_id", BIG_ID, nullable=False),
    text("number", None),
    Column("consent_id", BIG_ID, nullable=False),
    text("caller_id"),
    seconds("placed_at"),
    optional_seconds("began_at"),  # null: nothing was played
    text("message"),  # name of the recording
    text("version"),  # SHA-256 of its file
    text("context"),  # of the dialplan, instead of a recording
    Column("to_machine", Boolean, nullable=False, server_default=false()),
    optional_seconds("over_at"),
    Column("heard", Boolean),  # to its end; null: nobody can tell
    text("failed"),
    optional_seconds("opted_out_at"),
    optional_text("opt_out_key"),
)
Index("agentless_call_by_campaign", agentless_call.c.campaign_id, agentless_call.c.placed_at)
Index("agentless_call_by_attempt", agentless_call.c.attempt_id)
