"""What queues have to do: calls, with who is called back instead of waiting, and text sessions."""

from sqlalchemy import Boolean, Column, Index, Integer

from dialer.storage.columns import (
    BIG_ID,
    count,
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
    text("region"),  # of the number, ISO 3166
    text("attributes", "{}"),
    seconds("started_at"),
    seconds("waiting_since"),  # the place in the queue, which one who is called back keeps
    optional_seconds("taken_at"),  # by a run; null: nobody was there
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
# Whoever calls again may have the agent of last time.
partial_index(
    "queue_call_served",
    queue_call.c.workspace_id,
    queue_call.c.number,
    queue_call.c.started_at,
    where=queue_call.c.agent_id.is_not(None),
)
partial_index("queue_call_open", queue_call.c.workspace_id, where=queue_call.c.ended_at.is_(None))
partial_index(
    "queue_call_to_return",
    queue_call.c.workspace_id,
    where=queue_call.c.callback_asked_at.is_not(None) & queue_call.c.callback_fate.is_(None),
)

task = table(
    "task",
    text_id(),
    workspace_id(checked=False),
    count("number"),
    text("channel", None),
    Column("weight", Integer, nullable=False),
    text("queue", None),
    text("attributes", "{}"),
    text("workflow"),
    count("version"),
    count("step"),
    seconds("arrived_at"),
    seconds("ranked_at"),  # its place, which it keeps
    text("state", None),
    seconds("since_at"),
    Column("agent_id", BIG_ID),  # who was asked, works on it, or did at the end
    optional_seconds("ended_at"),
    optional_seconds("worked_s"),  # by the last agent
    optional_text("ended_by"),
    text("result"),
)
partial_index("task_open", task.c.workspace_id, where=task.c.ended_at.is_(None))
Index("task_by_queue", task.c.workspace_id, task.c.queue, task.c.arrived_at)
Index("task_by_agent", task.c.agent_id, task.c.arrived_at)
