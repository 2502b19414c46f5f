"""What the allocator knows of agents and work beyond outbound calls."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _presence()
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
    op.add_column("agent", sa.Column("profile", sa.Text(), server_default="{}", nullable=False))


def _presence() -> None:
    op.add_column("agent", sa.Column("paused_by", sa.Text(), server_default="", nullable=False))
    op.add_column("agent", sa.Column("busy_code", sa.Text(), server_default="", nullable=False))
    op.add_column("agent", sa.Column("serving", BIG_ID, server_default="0", nullable=False))
    op.add_column("agent", sa.Column("volume", BIG_ID, server_default="0", nullable=False))
    op.add_column("agent", sa.Column("served", BIG_ID, server_default="0", nullable=False))
    op.add_column("agent", sa.Column("served_until", sa.Double(), nullable=True))
    op.add_column("agent_period", sa.Column("paused_by", sa.Text(), server_default="", nullable=False))
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
