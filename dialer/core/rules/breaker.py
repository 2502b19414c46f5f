"""When a trunk is taken out of use, and how long it is left alone before the next probe."""

from collections.abc import Sequence

from dialer.core.settings import TrunkSettings


def remembered(recent: Sequence[bool], settings: TrunkSettings, *, fault: bool) -> list[bool]:
    """Return the last calls with one more: whether each was a fault, oldest first."""
    return [*recent, fault][-settings.breaker_calls :]


def trips(recent: Sequence[bool], settings: TrunkSettings) -> bool:
    """Return whether so many of the last calls were faults that the trunk is taken out of use."""
    return sum(recent) >= settings.breaker_faults


def next_wait_s(wait_s: float, settings: TrunkSettings) -> float:
    """Return the wait before the next probe; `wait_s` is that before the one that failed, 0 if there was none."""
    if wait_s <= 0:
        return settings.probe_after_s
    return max(settings.probe_after_s, min(2 * wait_s, settings.probe_at_most_s))
