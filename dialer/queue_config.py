"""What the configuration says of queues of Asterisk's whose members take the dialer's calls."""

import msgspec


class AsteriskQueue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A queue whose members are agents; who is in it and who pauses is the queue's affair."""

    server: str
    """The `[asterisk.servers.NAME]` that it is at."""
    queue: str = ""
    """Its name there, if it is another than here."""
