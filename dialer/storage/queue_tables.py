"""Calls of queues: what callers of ours wait for, and who is called back instead."""

from sqlalchemy import Boolean, Column, Index

from dialer.storage.columns import (
    BIG_ID,
    optional_seconds,
    optional_text,
    seconds,
    text,
    text_id,
    workspace_id,
)
from dialer.storage.tables import partial_index, table

queue_call = table(
    "queue_call",
    text_id(),
    workspace_id(checked=False),
    text("queue", None),
    text("trunk"),
    optional_text("leg_id"),
    Column("inbound", Boolean, nullable=False),  # else we call somebody back
    optional_text("number"),  # E.164; null: withheld
    text("attributes", "{}"),
    seconds("started_at"),
    seconds("waiting_since"),  # the place in the queue, which one who is called back keeps
    optional_seconds("answered_at"),  # by us, or by whom we call back
    optional_seconds("bridged_at"),
    optional_seconds("ended_at"),
    optional_text("outcome"),
    Column("agent_id", BIG_ID),
    optional_seconds("wait_s"),
    optional_seconds("talk_s"),
    optional_text("disposition"),
    optional_seconds("disposed_at"),
    # Whoever rather was called back asked for it then; until somebody is, or nobody could be.
    optional_seconds("callback_asked_at"),
    optional_text("callback_fate"),
    optional_text("callback_of"),  # the call by which it was asked for
)
Index("queue_call_by_queue", queue_call.c.workspace_id, queue_call.c.queue, queue_call.c.started_at)
partial_index("queue_call_open", queue_call.c.workspace_id, where=queue_call.c.ended_at.is_(None))
partial_index(
    "queue_call_to_return",
    queue_call.c.workspace_id,
    where=queue_call.c.callback_asked_at.is_not(None) & queue_call.c.callback_fate.is_(None),
)
