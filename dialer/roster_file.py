"""A roster as people write it: CSV with a header, or TOML with [[shifts]] tables; local times, each of which must be one instant.

Every line that cannot be taken is told with its place and its reason; a file that has one changes nothing.
"""

import csv
import io
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import msgspec

from dialer.core.ids import AgentId
from dialer.core.shift import Shift
from dialer.errors import ConfigError

COLUMNS = ("agent", "begins", "ends", "zone", "breaks")
_REQUIRED = ("agent", "begins", "ends")

LONGEST_H = 24
"""No shift lasts longer: a date that was mistyped is refused, not kept."""


class Entry(msgspec.Struct, frozen=True):
    """A shift of a file."""

    place: str
    shift: Shift
    zone: str
    """By whose clock it was written."""


class Fault(NamedTuple):
    """Why a line of a file is no shift."""

    place: str
    text: str


class _UnusableError(Exception):
    """A value is not what it should be; the text says what to write."""


def read(path: Path, *, agents: Mapping[str, AgentId], zone: str) -> tuple[list[Entry], list[Fault]]:
    """Read a roster.

    Args:
        path: A file whose name ends in `.toml`, or else CSV.
        agents: Those that there are, by name.
        zone: For shifts that name none.

    Returns:
        The shifts, and what is wrong with the others, both in the order of the file.

    Raises:
        ConfigError: If it is no such file at all.
    """
    entries: list[Entry] = []
    faults: list[Fault] = []
    of_agent: dict[AgentId, list[Entry]] = {}
    for place, row in _rows(path):
        try:
            found = _entry(place, row, agents, zone)
            others = of_agent.setdefault(found.shift.agent_id, [])
            _check_overlap(found, others)
        except _UnusableError as error:
            faults.append(Fault(place, str(error)))
        else:
            entries.append(found)
            others.append(found)
    return entries, faults


# --- the two forms -----------------------------------------------------------------------------------


def _rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: this is no text in UTF-8: save it as such") from error
    return _of_toml(path, text) if path.suffix.lower() == ".toml" else _of_csv(path, text)


def _of_toml(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    shifts = tables.get("shifts")
    if not isinstance(shifts, list) or set(tables) != {"shifts"}:
        raise ConfigError(f"{path}: write one [[shifts]] table for each shift, and nothing else")
    for number, shift in enumerate(shifts, start=1):
        yield f"shift {number}", shift if isinstance(shift, dict) else {}


def _of_csv(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", strict=True)
    try:
        header = [name.strip() for name in reader.fieldnames or ()]
        if missing := [name for name in _REQUIRED if name not in header]:
            raise ConfigError(
                f"{path}: the first line names no column {', '.join(missing)}: write {','.join(COLUMNS)}"
            )
        reader.fieldnames = header
        for row in reader:
            yield f"line {reader.line_num}", row
    except csv.Error as error:
        raise ConfigError(f"{path}: not CSV after line {reader.line_num}: {error}") from error


# --- one shift ---------------------------------------------------------------------------------------


def _entry(place: str, row: Mapping[str, Any], agents: Mapping[str, AgentId], default_zone: str) -> Entry:
    if unknown := [name for name in row if name not in COLUMNS]:
        raise _UnusableError(f"{unknown[0] or 'one value too many'}: a shift has {', '.join(COLUMNS)}")
    if missing := [name for name in _REQUIRED if not row.get(name)]:
        raise _UnusableError(f"{missing[0]} is missing")
    name = _text(row["agent"])
    if name not in agents:
        raise _UnusableError(f"no agent is called {name!r}: `dialer agent list` shows them")
    zone_name = _text(row.get("zone")) or default_zone
    if zone_name not in _zones():
        raise _UnusableError(f"zone is {zone_name!r}: write one such as Europe/Berlin or America/New_York")
    zone = ZoneInfo(zone_name)
    begins = _instant(row["begins"], zone, after=None)
    ends = _instant(row["ends"], zone, after=begins)
    _check_length(begins, ends)
    breaks = tuple(_breaks(row.get("breaks"), zone, begins, ends))
    shift = Shift(
        agent_id=agents[name], begins_at=begins.timestamp(), ends_at=ends.timestamp(), breaks=breaks
    )
    return Entry(place, shift, zone_name)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _text(value: Any) -> str:
    return str(value).strip() if value is not None else ""


def _check_length(begins: datetime, ends: datetime) -> None:
    seconds = ends.timestamp() - begins.timestamp()
    if seconds <= 0:
        raise _UnusableError(f"it ends at {ends:%Y-%m-%d %H:%M}, which is not after its beginning")
    if seconds > LONGEST_H * 3600:
        raise _UnusableError(f"it lasts {seconds / 3600:.0f} h: no shift lasts longer than {LONGEST_H} h")


def _check_overlap(new: Entry, entries: Iterable[Entry]) -> None:
    for other in entries:
        if other.shift.begins_at < new.shift.ends_at and new.shift.begins_at < other.shift.ends_at:
            raise _UnusableError(f"it overlaps {other.place}")


def _breaks(value: Any, zone: ZoneInfo, begins: datetime, ends: datetime) -> Iterator[tuple[float, float]]:
    """Return breaks such as `12:00-12:30;15:00-15:15`, or a list of such."""
    parts = value if isinstance(value, list) else _text(value).split(";")
    last = begins
    for part in (text for each in parts if (text := _text(each))):
        from_text, dash, until_text = part.partition("-")
        if not dash:
            raise _UnusableError(f"break {part!r}: write it as 12:00-12:30, several with ; between")
        break_at = _clock(from_text, zone, after=last)
        until = _clock(until_text, zone, after=break_at)
        if break_at.timestamp() < last.timestamp() or until.timestamp() > ends.timestamp():
            raise _UnusableError(f"break {part!r} is not inside the shift, or not after the break before it")
        yield break_at.timestamp(), until.timestamp()
        last = until


# --- times -------------------------------------------------------------------------------------------


def _instant(value: Any, zone: ZoneInfo, *, after: datetime | None) -> datetime:
    """Return the instant of a local time, of one with an offset, or of a time of day `after` another."""
    moment = value if isinstance(value, datetime | time) else None
    try:
        moment = moment or _parse(_text(value))
    except ValueError:
        raise _UnusableError(f"{_text(value)!r} is no time: write it as 2027-03-01 09:00") from None
    if isinstance(moment, time):
        if after is None:
            raise _UnusableError(f"{_text(value)!r} has no day: write it as 2027-03-01 09:00")
        return _clock(f"{moment:%H:%M:%S}", zone, after=after)
    return moment.astimezone(zone) if moment.tzinfo is not None else _local(moment, zone)


def _parse(text: str) -> datetime | time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text)


def _clock(text: str, zone: ZoneInfo, *, after: datetime) -> datetime:
    """Return the first instant from `after` on at which a clock shows a time of day."""
    try:
        moment = time.fromisoformat(text.strip())
    except ValueError:
        raise _UnusableError(f"{text.strip()!r} is no time of day: write it as 12:00") from None
    day: date = after.date()
    if moment < after.time():
        day += timedelta(days=1)
    return _local(datetime.combine(day, moment), zone)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the one instant at which the clocks of a zone show a time."""
    found = moment.replace(tzinfo=zone, fold=0)
    if found.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        raise _UnusableError(
            f"{moment:%Y-%m-%d %H:%M} is skipped in {zone.key}, as the clocks are put forward"
        )
    if found.utcoffset() != found.replace(fold=1).utcoffset():
        raise _UnusableError(
            f"{moment:%Y-%m-%d %H:%M} is twice in {zone.key}, as the clocks are put back: "
            f"add the offset, as in {found.isoformat(sep=' ', timespec='minutes')}"
        )
    return found
