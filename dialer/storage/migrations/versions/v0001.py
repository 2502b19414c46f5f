"""The first schema."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SMALL_ID = sa.SmallInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _make_workspace()
    _make_leads()
    _make_floor()
    _make_calls()


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _make_workspace() -> None:
    op.create_table(
        "workspace",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("halted_at", sa.Double(), nullable=True),
        sa.Column("halt_reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workspace"),
        sa.UniqueConstraint("name", name="uq_workspace_name"),
    )
    op.create_table(
        "lease",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("epoch", BIG_ID, nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("process_started", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.Double(), nullable=False),
        sa.Column("renewed_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_lease_workspace_id"),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_lease"),
    )
    op.create_table(
        "request",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("answered_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_request_workspace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_request"),
        sa.UniqueConstraint(
            "workspace_id", "idempotency_key", name="uq_request_workspace_id_idempotency_key"
        ),
    )
    op.create_index(
        "request_pending",
        "request",
        ["workspace_id", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )


def _make_leads() -> None:
    op.create_table(
        "zone_group",
        sa.Column("id", SMALL_ID, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("zones", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_zone_group_workspace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_zone_group"),
        sa.UniqueConstraint("workspace_id", "zones", name="uq_zone_group_workspace_id_zones"),
    )
    op.create_table(
        "lead_list",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_lead_list_workspace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_lead_list"),
        sa.UniqueConstraint("workspace_id", "name", name="uq_lead_list_workspace_id_name"),
    )
    op.create_table(
        "lead",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("list_id", BIG_ID, nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("zone_group", sa.SmallInteger(), nullable=False),
        sa.Column("attributes", sa.Text(), server_default="{}", nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["lead_list.id"], name="fk_lead_list_id"),
        sa.PrimaryKeyConstraint("id", name="pk_lead"),
        sa.UniqueConstraint("list_id", "phone", name="uq_lead_list_id_phone"),
    )
    op.create_table(
        "import_job",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("list_id", BIG_ID, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("line", BIG_ID, server_default="0", nullable=False),
        sa.Column("offset", BIG_ID, server_default="0", nullable=False),
        sa.Column("rows", BIG_ID, server_default="0", nullable=False),
        sa.Column("imported", BIG_ID, server_default="0", nullable=False),
        sa.Column("duplicates", BIG_ID, server_default="0", nullable=False),
        sa.Column("rejected", BIG_ID, server_default="0", nullable=False),
        sa.Column("rejects_file", sa.Text(), server_default="", nullable=False),
        sa.Column("rejects_offset", BIG_ID, server_default="0", nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("finished_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["list_id"], ["lead_list.id"], name="fk_import_job_list_id"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_import_job_workspace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_import_job"),
    )
    op.create_index(
        "import_job_unfinished",
        "import_job",
        ["list_id", "fingerprint"],
        unique=True,
        **_where("finished_at IS NULL"),
    )
    op.create_table(
        "do_not_call",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("added_at", sa.Double(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_do_not_call_workspace_id"),
        sa.PrimaryKeyConstraint("workspace_id", "number", name="pk_do_not_call"),
        sqlite_with_rowid=False,
    )


def _make_floor() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("list_id", BIG_ID, nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="stopped", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("until_at", sa.Double(), nullable=True),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["lead_list.id"], name="fk_campaign_list_id"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_campaign_workspace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
        sa.UniqueConstraint("workspace_id", "name", name="uq_campaign_workspace_id_name"),
    )
    op.create_table(
        "hopper",
        sa.Column("campaign_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("lead_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("zone_group", sa.SmallInteger(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("tries", sa.Text(), server_default="{}", nullable=False),
        sa.Column("instance", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "lead_id", name="pk_hopper"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "hopper_claim",
        "hopper",
        ["campaign_id", "zone_group", "priority", "due_at"],
        unique=False,
        **_where("state = 0"),
    )
    op.create_index("hopper_in_flight", "hopper", ["workspace_id"], unique=False, **_where("state = 1"))
    op.create_table(
        "agent",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="logged_out", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("since_at", sa.Double(), nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_agent_workspace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_agent"),
        sa.UniqueConstraint("workspace_id", "name", name="uq_agent_workspace_id_name"),
    )
    op.create_table(
        "agent_period",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", BIG_ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=True),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name="fk_agent_period_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_agent_period"),
    )
    op.create_index("agent_period_by_time", "agent_period", ["agent_id", "started_at"], unique=False)
    op.create_index(
        "agent_period_open", "agent_period", ["agent_id"], unique=True, **_where("ended_at IS NULL")
    )


def _make_calls() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", BIG_ID, nullable=False),
        sa.Column("lead_id", BIG_ID, nullable=False),
        sa.Column("list_id", BIG_ID, nullable=False),
        sa.Column("agent_id", BIG_ID, nullable=True),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("sip_code", sa.SmallInteger(), nullable=True),
        sa.Column("q850", sa.SmallInteger(), nullable=True),
        sa.Column("ringing_at", sa.Double(), nullable=True),
        sa.Column("answered_at", sa.Double(), nullable=True),
        sa.Column("bridged_at", sa.Double(), nullable=True),
        sa.Column("ring_s", sa.Double(), nullable=True),
        sa.Column("wait_s", sa.Double(), nullable=True),
        sa.Column("talk_s", sa.Double(), nullable=True),
        sa.Column("agents_free", sa.Integer(), nullable=True),
        sa.Column("retry_at", sa.Double(), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name="fk_attempt_agent_id"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_attempt_campaign_id"),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name="fk_attempt_lead_id"),
        sa.ForeignKeyConstraint(["list_id"], ["lead_list.id"], name="fk_attempt_list_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    op.create_index("attempt_by_campaign", "attempt", ["campaign_id", "started_at"], unique=False)
    op.create_index("attempt_by_lead", "attempt", ["lead_id"], unique=False)
    op.create_index("attempt_open", "attempt", ["workspace_id"], unique=False, **_where("ended_at IS NULL"))
    op.create_table(
        "call",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("trunk", sa.Text(), nullable=False),
        sa.Column("caller_id", sa.Text(), server_default="", nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name="fk_call_attempt_id"),
        sa.PrimaryKeyConstraint("id", name="pk_call"),
    )
    op.create_index("call_by_attempt", "call", ["attempt_id"], unique=False)
    op.create_index(
        "call_in_progress", "call", ["workspace_id", "number"], unique=True, **_where("ended_at IS NULL")
    )
    op.create_table(
        "leg",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=True),
        sa.Column("agent_id", BIG_ID, nullable=True),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("dialing_at", sa.Double(), nullable=True),
        sa.Column("ringing_at", sa.Double(), nullable=True),
        sa.Column("answered_at", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("sip_code", sa.SmallInteger(), nullable=True),
        sa.Column("q850", sa.SmallInteger(), nullable=True),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name="fk_leg_agent_id"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_leg_call_id"),
        sa.PrimaryKeyConstraint("id", name="pk_leg"),
    )
    op.create_index("leg_by_call", "leg", ["call_id"], unique=False)
    op.create_index("leg_open", "leg", ["workspace_id"], unique=False, **_where("ended_at IS NULL"))
    op.create_table(
        "journal",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=True),
        sa.Column("leg_id", sa.Text(), nullable=True),
        sa.Column("agent_id", BIG_ID, nullable=True),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
    )
    op.create_index("journal_by_attempt", "journal", ["attempt_id"], unique=False)
    op.create_table(
        "sip_message",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("leg_id", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sip_message"),
    )
    op.create_index("sip_message_by_leg", "sip_message", ["leg_id"], unique=False)
