"""The lease: one run per workspace.

The holder renews its row; whoever takes it counts the epoch up, so that a holder that hung writes nothing
any more. On one machine the kernel is asked instead of the clock: a dead holder is replaced at once, and a
live one never, however late its renewal.
"""

import base64
import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, Select, insert, select, update

from dialer.errors import LeaseHeldError, StorageError
from dialer.live.clock import Clock
from dialer.live.threads import start_thread
from dialer.storage.database import Database
from dialer.storage.fence import RELEASED, Fence
from dialer.storage.schema import lease, workspace

_logger = logging.getLogger(__name__)

# Takeover from another machine takes 2/3 to 1 of it (measured: 2.8 s); shorter ones risk a busy database.
TTL_S: Final = 3.0


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who runs a workspace."""

    instance: str
    host: str
    pid: int
    since_at: float


class Lease:
    """A held lease, renewed by a thread of its own until `release`."""

    def __init__(
        self,
        database: Database,
        fence: Fence,
        *,
        clock: Clock,
        on_lost: Callable[[], None],
        previous_until: float | None,
        ttl_s: float,
    ) -> None:
        self.fence = fence
        self.previous_until = previous_until
        """When the run before this one was last known to be alive."""
        self._database = database
        self._clock = clock
        self._on_lost = on_lost
        self._ttl_s = ttl_s
        self._ended = threading.Event()
        self._thread = start_thread("lease", self._renew, died=lambda *_: self._give_up())

    def release(self) -> None:
        """Let the next run take the workspace at once; this one writes no more.

        Raises:
            StorageError: If it cannot be written; the row then expires.
        """
        self._ended.set()
        self._thread.join()
        self._update(instance=RELEASED, renewed_at=self._clock.now(), expires_at=0.0)

    def lose(self) -> None:
        """Say that the lease was found taken."""
        if not self._ended.is_set():
            _logger.error("another run took the workspace over", extra={"instance": self.fence.instance})
            self._give_up()

    def _give_up(self) -> None:
        self._ended.set()
        self._on_lost()

    def _renew(self) -> None:
        while not self._ended.wait(self._ttl_s / 3):
            now = self._clock.now()
            try:
                held = self._update(renewed_at=now, expires_at=now + self._ttl_s)
            except StorageError as error:
                # Nobody else can write either, or they take over and the next renewal tells.
                _logger.warning("the lease could not be renewed", extra={"cause": str(error)})
                continue
            if not held:
                self.lose()

    def _update(self, **values: object) -> bool:
        mine = (
            lease.c.workspace_id == self.fence.workspace_id,
            lease.c.instance == self.fence.instance,
            lease.c.epoch == self.fence.epoch,
        )
        with self._database.write() as connection:
            return connection.execute(update(lease).where(*mine).values(**values)).rowcount == 1


def take(
    database: Database, workspace_id: int, *, clock: Clock, on_lost: Callable[[], None], ttl_s: float = TTL_S
) -> Lease:
    """Become the one run of a workspace, under a fresh instance id.

    Args:
        database: Where the lease is kept.
        workspace_id: What to run.
        clock: Tells when leases of other machines expire.
        on_lost: Called once, in some thread, if another run takes the workspace over.
        ttl_s: How long it holds without renewal.

    Raises:
        LeaseHeldError: If another run holds it; the text names it.
        StorageError: If the database cannot be written.
    """
    instance = base64.b32encode(secrets.token_bytes(5)).decode().lower()
    now = clock.now()
    with database.write() as connection:
        # The row may not be there yet, and two that see so must not both make it.
        connection.execute(
            select(workspace.c.id).where(workspace.c.id == workspace_id).with_for_update(key_share=True)
        )
        row = connection.execute(_lease_of(workspace_id).with_for_update()).one_or_none()
        if row is not None and _is_held(row, now):
            raise LeaseHeldError(_held_text(connection, workspace_id, row))
        fence = Fence(workspace_id, instance, 1 if row is None else row.epoch + 1)
        values = {
            "instance": instance,
            "epoch": fence.epoch,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "process_started": _process_mark(os.getpid()),
            "taken_at": now,
            "renewed_at": now,
            "expires_at": now + ttl_s,
            "round": 0,
        }
        if row is None:
            connection.execute(insert(lease).values(workspace_id=workspace_id, **values))
        else:
            connection.execute(update(lease).where(lease.c.workspace_id == workspace_id).values(**values))
    previous_until = None if row is None else row.renewed_at
    return Lease(database, fence, clock=clock, on_lost=on_lost, previous_until=previous_until, ttl_s=ttl_s)


def holder(database: Database, workspace_id: int, *, clock: Clock) -> Holder | None:
    """Return who runs a workspace now, if anybody."""
    with database.read() as connection:
        row = connection.execute(_lease_of(workspace_id)).one_or_none()
    if row is None or not _is_held(row, clock.now()):
        return None
    return Holder(instance=row.instance, host=row.host, pid=row.pid, since_at=row.taken_at)


def _lease_of(workspace_id: int) -> Select[Any]:
    return select(lease).where(lease.c.workspace_id == workspace_id)


def _is_held(row: Row[Any], now: float) -> bool:
    if row.instance == RELEASED:
        return False
    boot, _, _ = row.process_started.partition("/")
    if row.host == socket.gethostname() and boot == _boot_id():
        return bool(_process_mark(row.pid) == row.process_started)
    return bool(row.expires_at > now)


def _held_text(connection: Connection, workspace_id: int, row: Row[Any]) -> str:
    name = connection.scalar(select(workspace.c.name).where(workspace.c.id == workspace_id))
    since = datetime.fromtimestamp(row.taken_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return (
        f"workspace {name!r} is run by process {row.pid} on {row.host} since {since}; "
        "end that run first, or run another workspace"
    )


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _process_mark(pid: int) -> str | None:
    """Return what tells a live process from a later one of the same pid; None if there is none."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass  # it lives, as somebody else
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return f"{_boot_id()}/"
    # The name, in parentheses, may hold anything. Source: proc_pid_stat(5), fields 3 and 22.
    fields = stat.rpartition(")")[2].split()
    state, started = fields[0], fields[19]
    return None if state in {"Z", "X"} else f"{_boot_id()}/{started}"
