"""The guard of every write: whoever does not hold the workspace's lease writes nothing."""

import msgspec
from sqlalchemy import Connection, select

from dialer.errors import LeaseLostError
from dialer.storage.schema import lease


class Fence(msgspec.Struct, frozen=True):
    """Which lease a run holds."""

    workspace_id: int
    instance: str
    epoch: int

    def check(self, connection: Connection) -> None:
        """Make sure that the lease is held until the transaction ends.

        Raises:
            LeaseLostError: If another run took it; roll back.
        """
        held = (
            select(lease.c.epoch)
            .where(
                lease.c.workspace_id == self.workspace_id,
                lease.c.instance == self.instance,
                lease.c.epoch == self.epoch,
            )
            .with_for_update(read=True)
        )
        if connection.scalar(held) is None:
            raise LeaseLostError("another run took this workspace over; nothing more is written by this one")
