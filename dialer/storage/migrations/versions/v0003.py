"""What the allocator knows of agents and work beyond outbound calls."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _calls_of_queues()
    _presence()
    _agentless()
    _pacing()
    _previews()
    op.create_table(
        "note",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=True),
        sa.Column("attempt_id", sa.Text(), nullable=True),
        sa.Column("lead_id", BIG_ID, nullable=True),
        sa.Column("agent_id", BIG_ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_note"),
    )
    op.create_index("note_by_attempt", "note", ["attempt_id"])
    op.create_index("note_by_lead", "note", ["lead_id"])
    op.create_table(
        "handover",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Text(), server_default="{}", nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("attempt_id", sa.Text(), nullable=True),
        sa.Column("agent_id", BIG_ID, nullable=False),
        sa.Column("to_agent_id", BIG_ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_handover"),
    )
    op.create_index("handover_by_agent", "handover", ["to_agent_id", "at"])
    op.create_index("handover_by_call", "handover", ["call_id"])
    op.add_column("agent", sa.Column("profile", sa.Text(), server_default="{}", nullable=False))
    op.create_table(
        "workflow",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_workflow_workspace_id"),
        sa.PrimaryKeyConstraint("workspace_id", "name", "version", name="pk_workflow"),
    )


def _previews() -> None:
    op.create_table(
        "preview",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", BIG_ID, nullable=False),
        sa.Column("lead_id", BIG_ID, nullable=False),
        sa.Column("agent_id", BIG_ID, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("attempt_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_preview"),
    )
    is_open = sa.column("ended_at").is_(None)
    op.create_index("preview_by_campaign", "preview", ["campaign_id", "at"])
    op.create_index("preview_by_lead", "preview", ["lead_id", "at"])
    op.create_index(
        "preview_open", "preview", ["workspace_id"], sqlite_where=is_open, postgresql_where=is_open
    )


def _presence() -> None:
    campaign = sa.table("campaign", sa.column("settings", sa.Text()))
    for before, after in (("true", "disposed"), ("false", "optional")):
        renamed = sa.func.replace(campaign.c.settings, f'"hold_wrap_up":{before}', f'"wrap_up":"{after}"')
        op.execute(sa.update(campaign).values(settings=renamed))
    op.add_column("agent", sa.Column("until_at", sa.Double(), nullable=True))
    op.add_column("agent", sa.Column("paused_by", sa.Text(), server_default="", nullable=False))
    op.add_column("agent", sa.Column("busy_code", sa.Text(), server_default="", nullable=False))
    op.add_column("agent", sa.Column("serving", BIG_ID, server_default="0", nullable=False))
    op.add_column("agent", sa.Column("volume", BIG_ID, server_default="0", nullable=False))
    op.add_column("agent", sa.Column("served", BIG_ID, server_default="0", nullable=False))
    op.add_column("agent", sa.Column("served_until", sa.Double(), nullable=True))
    op.add_column("agent_period", sa.Column("paused_by", sa.Text(), server_default="", nullable=False))
    op.add_column("agent_period", sa.Column("until_at", sa.Double(), nullable=True))
    op.create_table(
        "shift",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", BIG_ID, nullable=False),
        sa.Column("begins_at", sa.Double(), nullable=False),
        sa.Column("ends_at", sa.Double(), nullable=False),
        sa.Column("breaks", sa.Text(), server_default="[]", nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name="fk_shift_agent_id"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_shift_workspace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_shift"),
        sa.UniqueConstraint("agent_id", "begins_at", name="uq_shift_agent_id_begins_at"),
    )
    op.create_index("shift_by_time", "shift", ["workspace_id", "ends_at"])


def _calls_of_queues() -> None:
    op.create_table(
        "queue_call",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("trunk", sa.Text(), server_default="", nullable=False),
        sa.Column("leg_id", sa.Text(), nullable=True),
        sa.Column("inbound", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("attributes", sa.Text(), server_default="{}", nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("waiting_since", sa.Double(), nullable=False),
        sa.Column("taken_at", sa.Double(), nullable=True),
        sa.Column("bridged_at", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("agent_id", BIG_ID, nullable=True),
        sa.Column("wait_s", sa.Double(), nullable=True),
        sa.Column("talk_s", sa.Double(), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("disposed_at", sa.Double(), nullable=True),
        sa.Column("callback_asked_at", sa.Double(), nullable=True),
        sa.Column("callback_fate", sa.Text(), nullable=True),
        sa.Column("callback_of", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_queue_call"),
    )
    kept = sa.table(
        "queue_call", *(sa.column(name) for name in ("ended_at", "callback_asked_at", "callback_fate"))
    )
    to_return = kept.c.callback_asked_at.is_not(None) & kept.c.callback_fate.is_(None)
    for name, where in (("queue_call_open", kept.c.ended_at.is_(None)), ("queue_call_to_return", to_return)):
        op.create_index(name, "queue_call", ["workspace_id"], sqlite_where=where, postgresql_where=where)
    served = sa.table("queue_call", sa.column("agent_id")).c.agent_id.is_not(None)
    op.create_index(
        "queue_call_served",
        "queue_call",
        ["workspace_id", "number", "started_at"],
        sqlite_where=served,
        postgresql_where=served,
    )
    op.create_index("queue_call_by_queue", "queue_call", ["workspace_id", "queue", "started_at"])
    _recordings_of_queues()
    _tasks()


def _recordings_of_queues() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.alter_column("recording", "attempt_id", nullable=True)
        op.add_column("recording", sa.Column("queue_call_id", sa.Text(), nullable=True))
        op.create_foreign_key(
            "fk_recording_queue_call_id", "recording", "queue_call", ["queue_call_id"], ["id"]
        )
    else:  # which cannot change a column
        op.drop_index("recording_by_attempt", "recording")
        op.rename_table("recording", "recording_before")
        _make_recording()
        op.execute(
            "INSERT INTO recording (id, workspace_id, attempt_id, started_at, ended_at, failed)"
            " SELECT id, workspace_id, attempt_id, started_at, ended_at, failed FROM recording_before"
        )
        op.drop_table("recording_before")
        op.create_index("recording_by_attempt", "recording", ["attempt_id"])
    op.create_index("recording_by_queue_call", "recording", ["queue_call_id"])


def _make_recording() -> None:
    op.create_table(
        "recording",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=True),
        sa.Column("queue_call_id", sa.Text(), nullable=True),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("failed", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name="fk_recording_attempt_id"),
        sa.ForeignKeyConstraint(["queue_call_id"], ["queue_call.id"], name="fk_recording_queue_call_id"),
        sa.PrimaryKeyConstraint("id", name="pk_recording"),
    )


def _tasks() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("number", BIG_ID, server_default="0", nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("attributes", sa.Text(), server_default="{}", nullable=False),
        sa.Column("workflow", sa.Text(), server_default="", nullable=False),
        sa.Column("version", BIG_ID, server_default="0", nullable=False),
        sa.Column("step", BIG_ID, server_default="0", nullable=False),
        sa.Column("arrived_at", sa.Double(), nullable=False),
        sa.Column("ranked_at", sa.Double(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since_at", sa.Double(), nullable=False),
        sa.Column("agent_id", BIG_ID, nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("worked_s", sa.Double(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
    )
    is_open = sa.column("ended_at").is_(None)
    op.create_index("task_open", "task", ["workspace_id"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("task_by_queue", "task", ["workspace_id", "queue", "arrived_at"])
    op.create_index("task_by_agent", "task", ["agent_id", "arrived_at"])


def _agentless() -> None:
    op.create_table(
        "consent",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("seller", sa.Text(), server_default="", nullable=False),
        sa.Column("seller_key", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Double(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
        sa.UniqueConstraint("workspace_id", "number", "digest", name="uq_consent_workspace_id_number_digest"),
    )
    op.create_table(
        "agentless_call",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", BIG_ID, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("consent_id", BIG_ID, nullable=False),
        sa.Column("caller_id", sa.Text(), server_default="", nullable=False),
        sa.Column("placed_at", sa.Double(), nullable=False),
        sa.Column("began_at", sa.Double(), nullable=True),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Text(), server_default="", nullable=False),
        sa.Column("context", sa.Text(), server_default="", nullable=False),
        sa.Column("to_machine", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("over_at", sa.Double(), nullable=True),
        sa.Column("heard", sa.Boolean(), nullable=True),
        sa.Column("failed", sa.Text(), server_default="", nullable=False),
        sa.Column("opted_out_at", sa.Double(), nullable=True),
        sa.Column("opt_out_key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_agentless_call"),
    )
    op.create_index("agentless_call_by_campaign", "agentless_call", ["campaign_id", "placed_at"])
    op.create_index("agentless_call_by_attempt", "agentless_call", ["attempt_id"])


def _pacing() -> None:
    op.create_table(
        "pacing_learned",
        sa.Column("campaign_id", BIG_ID, nullable=False, autoincrement=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("learned", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", name="pk_pacing_learned"),
    )
    op.create_table(
        "pacing_decision",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", BIG_ID, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("free", sa.Double(), nullable=False),
        sa.Column("soon_free", sa.Double(), nullable=False),
        sa.Column("waiting_inbound", sa.Double(), nullable=False),
        sa.Column("in_flight", sa.Integer(), nullable=False),
        sa.Column("expected_answers", sa.Double(), nullable=False),
        sa.Column("price", sa.Double(), nullable=True),
        sa.Column("budget_left", sa.Double(), nullable=True),
        sa.Column("abandonment", sa.Double(), nullable=True),
        sa.Column("limit", sa.Double(), nullable=False),
        sa.Column("placed", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pacing_decision"),
    )
    op.create_index("pacing_decision_by_campaign", "pacing_decision", ["campaign_id", "at"])
