"""The guard of every write: whoever does not hold the workspace's lease writes nothing."""

import msgspec
from sqlalchemy import Connection, select, update

from dialer.errors import LeaseLostError
from dialer.storage.schema import lease

RELEASED = ""
"""The instance in the row of a lease that nobody holds."""


class Fence(msgspec.Struct, frozen=True):
    """Which lease a run holds."""

    workspace_id: int
    instance: str
    epoch: int

    def check(self, connection: Connection) -> int:
        """Make sure that the lease is held until the transaction ends.

        Returns:
            The last round on record, 0 if there is none.

        Raises:
            LeaseLostError: If another run took it; roll back.
        """
        held = (
            select(lease.c.round)
            .where(
                lease.c.workspace_id == self.workspace_id,
                lease.c.instance == self.instance,
                lease.c.epoch == self.epoch,
            )
            .with_for_update()
        )
        found = connection.scalar(held)
        if found is None:
            raise LeaseLostError("another run took this workspace over; nothing more is written by this one")
        return int(found)

    def record(self, connection: Connection, round_: int) -> None:
        """Put on record that this transaction writes the rounds up to `round_`; after `check`."""
        connection.execute(
            update(lease).where(lease.c.workspace_id == self.workspace_id).values(round=round_)
        )
