"""The one place where adapters are wired to worlds."""

import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from cli.campaigns import check_detection
from cli.dialplans import serving
from cli.doctor import machine
from cli.doctor.findings import Health
from cli.switches import start_switch
from dialer import loop
from dialer.config import Config
from dialer.core.engine import Engine
from dialer.core.events import (
    AnyEvent,
    CampaignDefined,
    LimitsDefined,
    LinkDefined,
    MessagesDefined,
    PausesDefined,
    PresenceDefined,
    ShutdownRequested,
)
from dialer.core.queue_events import QueueDefined
from dialer.core.states import CampaignState
from dialer.errors import ConfigError
from dialer.line_config import queue_settings
from dialer.live import lease as leases
from dialer.live import recovery, service
from dialer.live.call_ins import CallIns
from dialer.live.clock import Clock
from dialer.live.definitions import Definitions
from dialer.live.log_files import LogFiles
from dialer.live.members import Members
from dialer.live.pruner import Pruner
from dialer.live.requests import Poller
from dialer.live.service import Watchdog
from dialer.live.world import LiveWorld
from dialer.live.writer import Writer
from dialer.loop import Telephony
from dialer.message_files import versions
from dialer.storage.database import Database, open_database
from dialer.storage.workspaces import ensure_workspace
from dialer.survivors import Outlives
from telephony.sip.priority import prefer_process


def run_dialer(
    config: Config,
    url: str,
    *,
    on_ready: Callable[[], None] | None = None,
    before_commit: Callable[[], None] | None = None,
) -> None:
    """Run a workspace until it is asked to end by SIGTERM or SIGINT.

    Args:
        config: The operator's settings.
        url: Of the database.
        on_ready: Called once calls can be placed.
        before_commit: Called before each commit of rounds; tests slow the database down with it.

    Raises:
        ConfigError: If the settings do not fit each other, the campaigns or this machine.
        LeaseHeldError: If another run holds the workspace.
        StorageError: If the database cannot be used.
        SwitchUnavailableError: If the SIP workers do not start.
        ThreadDiedError: If a part of the run died by an unforeseen error.
    """
    if not config.trunks:
        raise ConfigError(
            "no trunk is configured: add a [trunks.NAME] table with its host to the configuration"
        )
    _check_messages(config)
    clock = Clock()
    world = LiveWorld(clock)
    ending = _Ending(world, clock, config.run.finish_talks_s)
    with ExitStack() as stack:
        prefer_process(5)
        stack.enter_context(ending)
        database = stack.enter_context(closing(open_database(url)))
        workspace_id = ensure_workspace(database, config.run.workspace)
        lease = leases.take(database, workspace_id, clock=clock, on_lost=ending.at_once)
        stack.callback(lease.release)
        writer = Writer(
            database, lease, clock=clock, post=world.post, before_commit=before_commit, died=world.fail
        )
        stack.callback(writer.close)
        call_ins = stack.enter_context(
            closing(CallIns(database, workspace_id, clock=clock, post=world.post, died=world.fail))
        )
        members = stack.enter_context(
            closing(Members(database, workspace_id, clock=clock, post=world.post, died=world.fail))
        )
        switch = stack.enter_context(closing(start_switch(config, clock, world, writer, call_ins, members)))
        _begin(world, config, clock, database, lease=lease, switch=switch)
        log = stack.enter_context(closing(_log(config, database, lease)))
        stack.enter_context(
            closing(
                Poller(
                    database,
                    Definitions(workspace_id, config.run.zone),
                    clock=clock,
                    post=world.post,
                    busy=lambda: world.busy,
                    died=world.fail,
                )
            )
        )
        stack.enter_context(serving(config, database, workspace_id, died=world.fail))
        stack.enter_context(closing(_pruner(config, database, lease, world=world, clock=clock)))
        stack.enter_context(closing(Watchdog(world.feel_pulse, died=world.fail)))
        service.notify_ready()
        if on_ready is not None:
            on_ready()
        loop.run(Engine(), world, log)


class _Ending:
    """SIGTERM and SIGINT while it is entered: the first lets talks finish, the second does not."""

    def __init__(self, world: LiveWorld, clock: Clock, finish_talks_s: float) -> None:
        self._world = world
        self._clock = clock
        self._within_s = finish_talks_s
        self._before: dict[signal.Signals, Any] = {}

    def at_once(self) -> None:
        """End the run and every call with it."""
        self._within_s = 0.0
        self._ask()

    def _ask(self) -> None:
        service.notify_ending(self._within_s)
        self._world.post(ShutdownRequested(at=self._clock.now(), finish_within_s=self._within_s))
        self._within_s = 0.0

    def __enter__(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            self._before[number] = signal.signal(number, lambda *_: self._ask())

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _check_trunks(events: Sequence[AnyEvent], config: Config) -> None:
    """Refuse to run a started campaign that its trunk is not there for, or cannot serve; it would not call as it should."""
    for event in events:
        if not isinstance(event, CampaignDefined) or event.state is not CampaignState.RUNNING:
            continue
        check_detection(event.campaign, config)
        if event.campaign.trunk not in config.routes():
            raise ConfigError(
                f"a started campaign uses the trunk {event.campaign.trunk!r}, which is not configured: add "
                f"[trunks.{event.campaign.trunk}] or stop the campaign; configured are {', '.join(config.routes())}"
            )


def _check_messages(config: Config) -> None:
    """Refuse to run without a message that people must hear by rule."""
    for key in ("safe_harbour", "recording_announcement"):
        path: Path | None = getattr(config.sip, key)
        if path is None:
            continue
        found = machine.judge_message(machine.gather_message(path))
        if found.health is Health.FAILURE:
            remedy = found.remedy.replace("safe_harbour", key)
            raise ConfigError(
                f"sip.{key}: {found.text}: {remedy}, or leave the key out for the one that ships"
            )


def _pruner(
    config: Config, database: Database, lease: leases.Lease, *, world: LiveWorld, clock: Clock
) -> Pruner:
    return Pruner(
        database,
        lease.fence,
        keep_days=config.run.keep_days,
        clock=clock,
        died=world.fail,
        busy=lambda: world.busy,
    )


def _log(config: Config, database: Database, lease: leases.Lease) -> LogFiles:
    folder = config.run.log_dir or (database.folder or Path()) / "dialer-logs"
    return LogFiles(
        folder, lease.fence.instance, keep=config.run.log_files, file_bytes=config.run.log_file_mb << 20
    )


def _configured(config: Config, now: float) -> list[AnyEvent]:
    """Return what the engine must know of the configuration alone."""
    links = (LinkDefined(at=now, link=link) for link in config.asterisk.link_settings())
    return [
        PausesDefined(at=now, pauses=config.pause_codes()),
        LimitsDefined(at=now, limits=config.shared_limits()),
        PresenceDefined(at=now, rules=config.presence.rules()),
        MessagesDefined(at=now, messages=versions(config.messages())),
        *links,
        *(QueueDefined(at=now, queue=queue) for queue in queue_settings(config.queues)),
    ]


def _begin(
    world: LiveWorld,
    config: Config,
    clock: Clock,
    database: Database,
    *,
    lease: leases.Lease,
    switch: Telephony,
) -> None:
    """Put right what an earlier run left, and have the engine told of it, and of what is configured, before all else."""
    survivors = switch.survivors() if isinstance(switch, Outlives) else ()
    events = recovery.load(
        database,
        lease,
        clock=clock,
        configured=recovery.Configured(config.trunk_settings(), tuple(config.queues), config.run.zone),
        survivors=survivors,
    )
    _check_trunks(events, config)
    started, *rest = events
    world.begin_with(
        [started, *_configured(config, clock.now()), *rest],
        on_record=switch.forget_survivors if isinstance(switch, Outlives) else None,
    )
