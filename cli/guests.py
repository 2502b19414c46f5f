"""Whoever a command wants called to a talk: a row that alone knows the address, so that no request and no log does."""

from cli.ask import who
from cli.options import Workplace
from dialer.core.ids import GuestId
from dialer.live.clock import Clock
from dialer.storage import guests


def keep(place: Workplace, address: str) -> GuestId:
    """Put an E.164 number or a SIP URI on record, to be called if a run agrees.

    Raises:
        StorageError: If the database cannot be written.
    """
    with place.database.write() as connection:
        return guests.add(connection, place.workspace_id, address, who=who(), at=Clock().now())
