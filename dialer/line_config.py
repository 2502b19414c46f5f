"""What the configuration says of queues: lines of business whose customers call."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from dialer.core.allocation.capacity import Channel
from dialer.core.ids import QueueName
from dialer.core.rules.dispositions import DIGITS
from dialer.core.settings import Accept, Overflow, QueueSettings, RecordingMode, WrapUp
from dialer.errors import ConfigError

# Source: what an AGI argument, a label of a metric and a file name all take as it is.
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)

_Q = QueueSettings(name=QueueName(""))

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]


class QueueConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of business whose customers call."""

    trunk: str = ""
    """The trunk or group that its callers come by, and that they are called back through; a queue of text has none."""
    label: str = ""
    """What people call it; empty: its name."""
    channel: Channel = Channel.VOICE
    """What its customers come by."""
    accept: Accept = _Q.accept
    """Whether agents are asked before text is theirs: `auto` or `ask`."""
    offer_s: Annotated[float, msgspec.Meta(gt=0)] = _Q.offer_s
    """How long an agent has to accept text."""
    workflow: str = _Q.workflow
    """Which agents take its calls, and when others do; empty: all."""
    priority_s: Seconds = _Q.priority_s
    """Head start: its calls are served as if they had come so much earlier."""
    inbound_wait_s: Annotated[float, msgspec.Meta(gt=0)] = _Q.inbound_wait_s
    """How long a caller waits before `overflow`. A guess; how many hang up meanwhile settles it."""
    overflow: Overflow = _Q.overflow
    """What then becomes of the call: `message`, `dialplan` (it goes on there), `callback` or `queue`."""
    overflow_to: str = _Q.overflow_to
    """The other queue, or the recording of `asterisk.messages` that is the message; empty: the safe-harbour message."""
    announce_every_s: Seconds = _Q.announce_every_s
    """Seconds between two announcements of the place in the line and the expected wait; 0: none."""
    callback_key: str = _Q.callback_key
    """The key by which a caller asks to be called back instead of waiting; empty: none."""
    callback_message: str = _Q.callback_message
    """The recording of `asterisk.messages` that confirms it; empty: a tone."""
    callback_tries: Annotated[int, msgspec.Meta(ge=1)] = _Q.callback_tries
    """How often somebody is called back who does not answer. A guess."""
    callback_wait_min: Seconds = _Q.callback_wait_min
    """Minutes between two tries. A guess."""
    caller_id: str = _Q.caller_id
    """Shown to whoever is called back; E.164. Empty: the trunk's."""
    service_level_s: Annotated[float, msgspec.Meta(gt=0)] = _Q.service_level_s
    """Calls answered within so long count for the service level."""
    service_level_share: Share = _Q.service_level_share
    """The share that should be. Source: 80 % within 20 s is the usual aim of call centres; no rule asks for it."""
    handle_s: Annotated[float, msgspec.Meta(gt=0)] = _Q.handle_s
    """Seconds that a call takes an agent, until the run has learned it from talks. A guess."""
    wrap_up_s: Seconds = _Q.wrap_up_s
    """The agent's time for notes after a talk."""
    wrap_up: WrapUp = _Q.wrap_up
    """What ends it: `optional` (the agent or the seconds), `timed` (the seconds alone), `mandatory` (the agent, after the
    seconds) or `disposed` (as the first, but not before the call is disposed of)."""
    wrap_up_more_s: Seconds = _Q.wrap_up_more_s
    """How many seconds more an agent may ask for in one wrap-up."""
    dispose_ends_wrap_up: bool = _Q.dispose_ends_wrap_up
    """A disposition ends the wrap-up."""
    default_disposition: str = _Q.default_disposition
    """The code that stands for the choice of an agent who made none; empty: none does."""
    record: RecordingMode = _Q.record
    """Which talks are recorded from their beginning: `off`, `on`, `announced` or `by_consent`."""
    one_party_regions: tuple[str, ...] = _Q.one_party_regions
    """ISO 3166 codes of numbers where one side's consent to a recording is enough."""

    def __post_init__(self) -> None:
        if (self.channel is Channel.TEXT) == bool(self.trunk):
            raise ValueError(
                "trunk is for calls: name it where channel is voice or video, leave it out where it is text"
            )
        if self.callback_key and self.callback_key not in DIGITS:
            raise ValueError(f"callback_key is {self.callback_key!r}: write one of 0 to 9")
        if self.overflow is Overflow.QUEUE and not self.overflow_to:
            raise ValueError('overflow = "queue" needs overflow_to: name the other queue')

    def settings(self, name: str) -> QueueSettings:
        """Return what the engine must know of it."""
        given = {key: getattr(self, key) for key in self.__struct_fields__}
        return QueueSettings(name=QueueName(name), **given)


def queue_settings(queues: Mapping[str, QueueConfig]) -> tuple[QueueSettings, ...]:
    """Return what the engine must know of the queues."""
    return tuple(queue.settings(name) for name, queue in queues.items())


def check_queues(
    path: Path,
    queues: Mapping[str, QueueConfig],
    *,
    routes: Collection[str] | None,
    recordings: Collection[str],
) -> None:
    """Refuse queues of a file that name what is not there.

    Args:
        path: The file.
        queues: By name.
        routes: Trunks and groups that queues' callers can come by; None: the dialer's own SIP, by which none do.
        recordings: The messages that there are.

    Raises:
        ConfigError: With the place and the remedy.
    """
    try:
        _check(queues, routes, recordings)
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from error


def _check(
    queues: Mapping[str, QueueConfig], routes: Collection[str] | None, recordings: Collection[str]
) -> None:
    for name, queue in queues.items():
        where = f"queues.{name}"
        if not _NAME.fullmatch(name):
            raise ValueError(f"{where}: write the name of small letters, digits, `_` and `-`, at most 40")
        if queue.trunk and routes is None:
            raise ValueError(
                f"{where}.trunk: calls of queues come from the dialplan of an Asterisk, and no trunk has a server: "
                "let the trunks' `server` name one, or leave trunk away for a queue of text"
            )
        if queue.trunk and routes is not None and queue.trunk not in routes:
            raise ValueError(
                f"{where}.trunk: there is no trunk or group {queue.trunk!r}: add it, or name one of {', '.join(routes)}"
            )
        for key, recording in (
            ("overflow_to", queue.overflow_to if queue.overflow is Overflow.MESSAGE else ""),
            ("callback_message", queue.callback_message),
        ):
            if recording and recording not in recordings:
                raise ValueError(f"{where}.{key}: there is no asterisk.messages.{recording}: add it")
        _check_overflow(where, name, queues)


def _check_overflow(where: str, name: str, queues: Mapping[str, QueueConfig]) -> None:
    """Callers go from queue to queue, but never round and round."""
    passed = [name]
    while (queue := queues[passed[-1]]).overflow is Overflow.QUEUE:
        if queue.overflow_to not in queues:
            raise ValueError(
                f"{where}.overflow_to: there is no [queues.{queue.overflow_to}]: add it, or name another"
            )
        if queue.overflow_to in passed:
            raise ValueError(
                f"{where}.overflow_to: callers would go round: {', '.join([*passed, queue.overflow_to])}; let one of them overflow "
                "to a message, the dialplan or a callback"
            )
        passed.append(queue.overflow_to)
