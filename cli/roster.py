"""`dialer roster`: when agents are to be there."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import Shared, example, shared
from cli.output import print_answer, print_rows
from dialer.errors import ConfigError

if TYPE_CHECKING:
    from datetime import datetime

    from dialer.roster_file import Fault
    from dialer.storage.roster import KeptShift

_SHOWN_FAULTS = 20


@click.group()
def roster() -> None:
    """Keep the roster: the shifts of agents and their breaks."""


@roster.command(
    "import",
    short_help="Take in shifts from a CSV or TOML file.",
    epilog=example("dialer roster import march.csv"),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@shared
def import_file(options: Shared, /, file: Path) -> None:
    """Take in shifts: columns agent, begins, ends, zone and breaks, or [[shifts]] tables with these keys.

    They replace what the agents of the file had between its first and last shift of theirs. If a line is wrong, nothing is
    taken.
    """
    from cli.ask import tell
    from dialer import roster_file
    from dialer.core.requests import TakeUpRoster
    from dialer.storage import agents, roster

    config = options.load_config()
    with options.open() as place:
        with place.database.read() as connection:
            known = {row.name: row.agent_id for row in agents.every(connection, place.workspace_id)}
        entries, faults = roster_file.read(file, agents=known, zone=config.run.zone)
        if faults:
            raise ConfigError(_told(file, faults))
        with place.database.write() as connection:
            gone = roster.replace(
                connection, place.workspace_id, ((entry.shift, entry.zone) for entry in entries)
            )
        tell(place, TakeUpRoster())
    agents_there = len({entry.shift.agent_id for entry in entries})
    print_answer(
        f"{len(entries)} shifts of {agents_there} agents are taken in; they replace {gone}.",
        {"shifts": len(entries), "agents": agents_there, "replaced": gone},
        as_json=options.json,
    )


def _told(file: Path, faults: list["Fault"]) -> str:
    shown = "; ".join(f"{fault.place}: {fault.text}" for fault in faults[:_SHOWN_FAULTS])
    more = len(faults) - _SHOWN_FAULTS
    rest = f"; and {more} more" if more > 0 else ""
    return f"{file}: {shown}{rest}. Nothing was taken in: mend them and import the file again"


@roster.command(
    short_help="Show who is to be there on a day.",
    epilog=example("dialer roster show", "dialer roster show --day 2027-03-01"),
)
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="By the zone of [run]; default: today.")
@shared
def show(options: Shared, /, day: "datetime | None") -> None:
    """Show the shifts of which a part lies in a day, each by the clock it was written by, and who is on shift now."""
    from dialer.live.clock import Clock
    from dialer.storage import roster

    now = Clock().now()
    begins_at, ends_at = _day(day, options.load_config().run.zone, now)
    with options.open() as place, place.database.read() as connection:
        found = roster.between(connection, place.workspace_id, begins_at, ends_at)
    print_rows(
        (_fields(each, now) for each in found),
        as_json=options.json,
        empty="Nobody is on the roster of that day; `dialer roster import` takes shifts in.",
    )


@roster.command(
    short_help="Forget the shifts of an agent on a day.",
    epilog=example("dialer roster clear anna --day 2027-03-01"),
)
@click.argument("name")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="By the zone of [run]; default: today.")
@shared
def clear(options: Shared, /, name: str, day: "datetime | None") -> None:
    """Forget the shifts of an agent of which a part lies in a day, such as of one who is ill."""
    from cli.ask import tell
    from dialer.core.requests import TakeUpRoster
    from dialer.live.clock import Clock
    from dialer.storage import agents, roster

    begins_at, ends_at = _day(day, options.load_config().run.zone, Clock().now())
    with options.open() as place:
        with place.database.write() as connection:
            agent_id = agents.find(connection, place.workspace_id, name).agent_id
            gone = roster.clear(connection, place.workspace_id, agent_id, from_at=begins_at, until_at=ends_at)
        tell(place, TakeUpRoster())
    print_answer(
        f"{gone} shifts of {name} are forgotten.", {"agent": name, "forgotten": gone}, as_json=options.json
    )


def _day(day: "datetime | None", zone: str, now: float) -> tuple[float, float]:
    """Return the beginning and end of a local day; None is the present one."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from dialer.core.rules.compliance import next_midnight

    place = ZoneInfo(zone)
    day = datetime.fromtimestamp(now, place) if day is None else day
    begins = day.replace(tzinfo=place, hour=0, minute=0, second=0, microsecond=0)
    return begins.timestamp(), next_midnight(zone, at=begins.timestamp())


def _fields(kept: "KeptShift", now: float) -> dict[str, object]:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from dialer.core.floor.roster import on_shift
    from dialer.core.shift import stretches

    def clock(at: float) -> str:
        return datetime.fromtimestamp(at, ZoneInfo(kept.zone)).isoformat(sep=" ", timespec="minutes")

    shift = kept.shift
    return {
        "agent": kept.agent,
        "begins": clock(shift.begins_at),
        "ends": clock(shift.ends_at),
        "breaks": "; ".join(f"{clock(since)[11:16]}-{clock(until)[11:16]}" for since, until in shift.breaks),
        "zone": kept.zone,
        "on_shift_now": on_shift(stretches(shift), at=now),
    }
