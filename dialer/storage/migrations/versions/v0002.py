"""Dispositions, the carrier's faults that a lead met, what a run says of its trunks, its last round, recordings, guests."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("lease", sa.Column("round", BIG_ID, server_default="0", nullable=False))
    op.add_column("hopper", sa.Column("faults", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("hopper", sa.Column("faults_day", sa.Integer(), server_default="0", nullable=False))
    op.add_column("attempt", sa.Column("disposition", sa.Text(), nullable=True))
    op.add_column("attempt", sa.Column("disposed_at", sa.Double(), nullable=True))
    op.add_column("attempt", sa.Column("amd_verdict", sa.Text(), nullable=True))
    op.add_column("attempt", sa.Column("amd_cause", sa.Text(), nullable=True))
    op.add_column("attempt", sa.Column("amd_s", sa.Double(), nullable=True))
    op.add_column("call", sa.Column("inbound", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("call", sa.Column("outcome", sa.Text(), nullable=True))
    op.add_column("call", sa.Column("agent_id", BIG_ID, nullable=True))
    op.add_column("call", sa.Column("wait_s", sa.Double(), nullable=True))
    op.add_column("call", sa.Column("talk_s", sa.Double(), nullable=True))
    op.add_column("agent", sa.Column("to_come", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "trunk",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("since_at", sa.Double(), nullable=False),
        sa.Column("until_at", sa.Double(), nullable=True),
        sa.Column("used_day", sa.Integer(), server_default="0", nullable=False),
        sa.Column("used_s", sa.Double(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_trunk_workspace_id"),
        sa.PrimaryKeyConstraint("workspace_id", "name", name="pk_trunk"),
    )
    op.create_table(
        "recording",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("failed", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name="fk_recording_attempt_id"),
        sa.PrimaryKeyConstraint("id", name="pk_recording"),
    )
    op.create_index("recording_by_attempt", "recording", ["attempt_id"])
    op.create_table(
        "guest",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Double(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("attempt_id", sa.Text(), nullable=True),
        sa.Column("leg_id", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("agent_id", BIG_ID, nullable=True),
        sa.Column("called_at", sa.Double(), nullable=True),
        sa.Column("joined_at", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_guest"),
    )
    op.create_index("guest_by_attempt", "guest", ["attempt_id"])
    campaign = sa.table("campaign", sa.column("settings", sa.Text()))
    for before, after in (("true", '"on"'), ("false", '"off"')):
        renamed = sa.func.replace(campaign.c.settings, f'"record":{before}', f'"record":{after}')
        op.execute(sa.update(campaign).values(settings=renamed))
    if op.get_context().dialect.name == "postgresql":
        # Its rows change often and are never many pages apart: room for new versions, and an early clean-up.
        op.execute("ALTER TABLE hopper SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02)")
