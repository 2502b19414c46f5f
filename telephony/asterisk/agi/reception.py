"""Who calls a queue: what the dialplan says of the call is kept, and only its key goes on to the run.

The caller's number and the attributes never travel over the manager interface, and nothing of them becomes a command, a
header, a name of a file or part of an expression: storage has them, by bound values.
"""

import re
import secrets
import unicodedata
from collections.abc import Container, Sequence
from typing import Final

import msgspec

from dialer.core.ids import CallId, QueueName
from dialer.leads.numbers import BadNumber, Normaliser
from dialer.live.clock import Clock
from dialer.live.lease import holder
from dialer.storage import queue_calls
from dialer.storage.database import Database
from telephony.asterisk.agi.channel import Channel

ASKED, CLOSED, UNKNOWN = "asked", "closed", "unknown"
"""What the dialplan is told in DIALER_QUEUED: a run is told of the call; none lives; there is no such queue."""

MOST_ATTRIBUTES: Final = 20
LONGEST: Final = 200
"""Characters of a value. Guesses: more than a form of a voice menu has."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


def attributes_of(arguments: Sequence[str]) -> dict[str, str]:
    """Return what `name=value` arguments say; what is none, or too much, is left out.

    Names are of small letters, digits and `_`. Values keep all signs but those that nobody can see.
    """
    found: dict[str, str] = {}
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if equals and _NAME.fullmatch(name) and len(found) < MOST_ATTRIBUTES:
            found.setdefault(name, _visible(value))
    return found


def _visible(value: str) -> str:
    kept = (sign for sign in value if unicodedata.category(sign)[0] != "C")
    return "".join(kept)[:LONGEST].strip()


class Reception:
    """Keeps who calls a queue, for the run to take.

    Args:
        database: Where calls are kept.
        workspace_id: Which.
        queues: Those of the configuration, by name.
        numbers: Reads callers' numbers.
        clock: The world's.
    """

    def __init__(
        self,
        database: Database,
        workspace_id: int,
        queues: Container[str],
        *,
        numbers: Normaliser,
        clock: Clock,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._queues = queues
        self._numbers = numbers
        self._clock = clock

    def take(self, channel: Channel) -> dict[str, str]:
        """Keep a call; the first argument is the queue, the others are attributes."""
        queue, *given = [*channel.arguments, ""]
        if queue not in self._queues:
            return {"DIALER_QUEUED": UNKNOWN, "DIALER_CALL": ""}
        lives = holder(self._database, self._workspace_id, clock=self._clock) is not None
        found = self._numbers.read(channel.env.get("agi_callerid", ""))
        call_id = CallId(f"q{secrets.token_hex(10)}")
        caller = queue_calls.Caller(call_id=call_id, queue=QueueName(queue), attributes=attributes_of(given))
        if not isinstance(found, BadNumber):
            number, facts = found
            caller = msgspec.structs.replace(caller, number=number, region=facts.region)
        with self._database.write() as connection:
            queue_calls.arrive(
                connection, self._workspace_id, caller, is_left=not lives, at=self._clock.now()
            )
        return {"DIALER_QUEUED": ASKED if lives else CLOSED, "DIALER_CALL": call_id}
