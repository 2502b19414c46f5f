"""Whether this machine's clock can be right: calling windows and retries go by it."""

import ctypes
import time

import msgspec

from cli.doctor.findings import Finding, failure, ok, warning

_CHECK = "clock"
# When this was written; no clock can be right that is before it.
_EARLIEST_AT = 1_767_225_600.0
# A guess: what two machines that share a database may differ by without harm.
_TOLERANCE_S = 5.0
# Source: linux/timex.h: the state that adjtimex returns while nothing keeps the clock in time.
_TIME_ERROR = 5
_TIMEX_BYTES = 512  # more than struct timex, all zero: read, change nothing

_SET_IT = "set the clock (`timedatectl set-ntp true` where systemd is, or chrony), then start the run again"


class ClockFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the time; instants in seconds since the epoch."""

    now: float
    kept_in_time: bool | None
    """Whether the kernel says that something (NTP) keeps the clock in time; None: it does not say."""
    newest: dict[str, float]
    """The latest instants on record, by what they are of."""
    run_says: float | None = None
    """What time the run that holds the lease had when it renewed that."""


def gather_kept_in_time() -> bool | None:
    """Ask the kernel, which every NTP client tells; no network is needed."""
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (AttributeError, OSError):
        return None
    return None if state < 0 else bool(state != _TIME_ERROR)


def gather_now() -> float:
    """Return the system's time, which a run takes over when it starts."""
    return time.time()


def judge(facts: ClockFacts) -> list[Finding]:
    """Return what is wrong with the clock, one finding for each, or that nothing is."""
    found = [*_against_records(facts), *_against_run(facts)]
    if facts.now < _EARLIEST_AT:
        found.append(failure(_CHECK, f"it is {_day(facts.now)}, before this program was made", _SET_IT))
    if facts.kept_in_time is False:
        found.append(
            warning(
                _CHECK,
                "nothing keeps it in time: it drifts, and calling windows with it",
                f"run NTP: {_SET_IT}",
            )
        )
    return found or [ok(_CHECK, f"{_day(facts.now)}, and nothing on record is later")]


def _against_records(facts: ClockFacts) -> list[Finding]:
    what, latest = max(facts.newest.items(), key=lambda one: one[1], default=("", 0.0))
    ahead_s = latest - facts.now
    if ahead_s <= _TOLERANCE_S:
        return []
    text = (
        f"it is {_day(facts.now)} here, but the database holds a {what} of {_day(latest)}, {_span(ahead_s)} ahead: "
        "the clock is wrong now, or was then"
    )
    return [failure(_CHECK, text, _SET_IT)]


def _against_run(facts: ClockFacts) -> list[Finding]:
    if facts.run_says is None or abs(facts.run_says - facts.now) <= _TOLERANCE_S:
        return []
    way = "ahead of" if facts.run_says > facts.now else "behind"
    text = f"the run is {_span(abs(facts.run_says - facts.now))} {way} the system: it took its time when it started"
    return [failure(_CHECK, text, f"end `dialer run` and start it again; if the system is wrong: {_SET_IT}")]


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))


def _span(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
