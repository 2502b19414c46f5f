"""What the allocator knows of agents and work beyond outbound calls."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    pass
