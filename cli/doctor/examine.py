"""One examination: gathers the facts in the order in which a remedy may need the one before."""

from collections.abc import Sequence
from pathlib import Path

from cli.asterisk import examining as switches
from cli.doctor import clock, disk, machine, sip, work
from cli.doctor.clock import ClockFacts
from cli.doctor.database import opened
from cli.doctor.findings import Finding, ok, warning
from cli.doctor.work import CampaignFacts
from dialer.config import Config
from dialer.live.clock import Clock
from dialer.live.lease import Holder, holder
from dialer.reports import readiness
from dialer.storage import agents, campaigns, trunks
from dialer.storage.agents import AgentRow
from dialer.storage.database import Database


def examine(config: Config, url: str) -> list[Finding]:
    """Return what was found, of everything there is to look at; nothing is changed."""
    with opened(url) as (database, first):
        workspace = None if database is None else _workspace(database, config)
        run = None if database is None or workspace is None else _holder(database, workspace)
        found = [first, *_disks(config, database), *_machine(config, run)]
        if database is None:
            return [*found, *_clock({}, None), *_far_ends(config, [])]
        if workspace is None:
            remedy = "`dialer leads import` uses it first; or set run.workspace to the right name"
            found.append(warning("workspace", f"nobody has used {config.run.workspace!r} yet", remedy))
            return [*found, *_clock({}, None), *_far_ends(config, [])]
        return [*found, *_workspace_findings(config, database, workspace, run)]


def _workspace(database: Database, config: Config) -> int | None:
    with database.read() as connection:
        return readiness.workspace_id(connection, config.run.workspace)


def _holder(database: Database, workspace: int) -> Holder | None:
    return holder(database, workspace, clock=Clock())


def _disks(config: Config, database: Database | None) -> list[Finding]:
    folders = {"recordings": config.sip.recordings}
    beside = database.folder if database is not None else None
    if beside is not None:
        folders["database"] = beside
    folders["log"] = config.run.log_dir or (beside or Path()) / "dialer-logs"
    facts = [disk.gather(use, folder) for use, folder in sorted(folders.items())]
    return [disk.judge(one, least_free_mb=config.doctor.least_free_mb) for one in facts]


def _far_ends(config: Config, people: Sequence[AgentRow]) -> list[Finding]:
    """Ask whom calls go through; phones are Asterisk's matter where it calls them."""
    if config.uses_asterisk:
        return switches.examine(config)
    return sip.examine(config.sip, config.trunks, people)


def _machine(config: Config, run: Holder | None) -> list[Finding]:
    found = [] if config.uses_asterisk else [machine.judge_library(), machine.judge_network(config)]
    if run is None and not config.uses_asterisk:
        found.append(machine.judge_ports(machine.gather_ports(config)))
    if config.sip.safe_harbour is not None:
        found.append(machine.judge_message(machine.gather_message(config.sip.safe_harbour)))
    if not config.trunks:
        remedy = "add a [trunks.NAME] table with its host to dialer.toml and name the file with --config"
        found.append(warning("configuration", "no trunk is configured: no call can be placed", remedy))
    return found


def _clock(newest: dict[str, float], run_says: float | None) -> list[Finding]:
    return clock.judge(
        ClockFacts(
            now=clock.gather_now(),
            kept_in_time=clock.gather_kept_in_time(),
            newest=newest,
            run_says=run_says,
        )
    )


def _workspace_findings(
    config: Config, database: Database, workspace: int, run: Holder | None
) -> list[Finding]:
    at = clock.gather_now()
    with database.read() as connection:
        lease = readiness.lease(connection, workspace)
        newest = readiness.newest_times(connection, workspace)
        listed = readiness.do_not_call_age(connection, workspace)
        states = trunks.every(connection, workspace)
        halted = readiness.halt_reason(connection, workspace)
        people = agents.every(connection, workspace)
        asked = readiness.starts_asked(connection, workspace)
        rows = [
            CampaignFacts(
                campaign=row,
                hopper=readiness.hopper_content(connection, row.campaign_id, at=at),
                start_asked=row.campaign_id in asked,
            )
            for row in campaigns.every(connection, workspace)
        ]
    if lease is not None and run is None:
        newest["lease"] = lease.renewed_at
    return [
        *_clock(newest, lease.renewed_at if lease is not None and run is not None else None),
        machine.judge_run(lease, run),
        work.judge_halt(halted),
        *_far_ends(config, people),
        *work.judge_trunk_states(states),
        work.judge_agents(people, runs=run is not None),
        work.judge_do_not_call(*listed, at=at, most_days=config.doctor.do_not_call_days),
        *(found for row in rows for found in work.judge_campaign(row, trunks=config.trunks, at=at)),
        *([] if rows else [ok("campaigns", "there is none; `dialer campaign create` makes one")]),
    ]
