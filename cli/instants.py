"""Instants as people write them: ISO times with an offset, with the name of a zone, or by the lead's own clock."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

import click

_REMEDY = "write it as 2027-03-01T15:00, with an offset such as -05:00 or a zone such as America/New_York if need be"


def instant(text: str, zones: Sequence[str]) -> float:
    """Return an instant in seconds since the epoch.

    Args:
        text: `2027-03-01T15:00`, `2027-03-01T15:00-05:00` or `2027-03-01 15:00 America/New_York`.
        zones: Where the lead may be; a time without offset and zone is read there.

    Raises:
        click.BadParameter: If it is no time, or it is not the same instant in all the zones.
    """
    written, _, zone = text.strip().rpartition(" ")
    if zone not in available_timezones():
        written, zone = text.strip(), ""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time: {_REMEDY}") from None
    if moment.tzinfo is not None:
        return moment.timestamp()
    places = [zone] if zone else [name for name in zones if name in available_timezones()]
    instants = {moment.replace(tzinfo=ZoneInfo(name)).timestamp() for name in places}
    if len(instants) != 1 or (len(places) < len(zones) and not zone):
        where = f"the number may be in {', '.join(zones)}" if zones else "the number's zone is not known"
        raise click.BadParameter(f"{text!r} could be several times, as {where}: {_REMEDY}")
    return instants.pop()
