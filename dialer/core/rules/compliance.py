"""Whether a lead may be called now. Each refusal says why; local time is known here and nowhere else."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from dialer.core.ids import ZoneGroupId
from dialer.core.lead import Lead
from dialer.core.rules.agentless import NO_CONSENT
from dialer.core.rules.number_kinds import NEVER_CALLED
from dialer.core.settings import CampaignSettings

DAY_MIN = 24 * 60
_UNKNOWN_ZONE = "Etc/Unknown"


class Refusal(msgspec.Struct, frozen=True):
    """A lead may not be called, for good or until `retry_at`."""

    reason: str
    retry_at: float | None = None


class Window(msgspec.Struct, frozen=True):
    """Whether calling is allowed, and until when that stays so (epoch seconds; infinite: for good)."""

    is_open: bool
    until: float


ALWAYS = Window(True, float("inf"))


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _instant(midnight: datetime, days: int, minute: int) -> float:
    day = (midnight + timedelta(days=days)).replace(hour=0, minute=0)
    if minute >= DAY_MIN:
        return (day + timedelta(days=1)).timestamp()
    return day.replace(hour=minute // 60, minute=minute % 60).timestamp()


def last_midnight(name: str, *, at: float) -> float:
    """Return the last midnight before an instant, or at it, by a zone's clock; by UTC if there is no such zone."""
    local = datetime.fromtimestamp(at, _zone(name) or UTC)
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp()


def next_midnight(name: str, *, at: float) -> float:
    """Return the first midnight after an instant by a zone's clock; by UTC if there is no such zone."""
    local = datetime.fromtimestamp(at, _zone(name) or UTC)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return (midnight + timedelta(days=1)).timestamp()


def window_in_zone(zone: ZoneInfo, opens_min: int, closes_min: int, at: float) -> Window:
    """Return one zone's window at an instant; minutes are after local midnight, closing excluded."""
    local = datetime.fromtimestamp(at, zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    opens, closes = _instant(midnight, 0, opens_min), _instant(midnight, 0, closes_min)
    if at < opens:
        return Window(False, opens)
    if at < closes:
        return Window(True, closes)
    return Window(False, _instant(midnight, 1, opens_min))


def calling_window(zones: Sequence[str], opens_min: int, closes_min: int, at: float) -> Window:
    """Return the window that is open in *every* zone at once; an unknown zone keeps it closed for good."""
    if opens_min <= 0 and closes_min >= DAY_MIN:
        return ALWAYS
    known = [zone for zone in map(_zone, zones) if zone is not None]
    if not known or len(known) < len(zones):
        return Window(False, float("inf"))
    now = [window_in_zone(zone, opens_min, closes_min, at) for zone in known]
    if all(window.is_open for window in now):
        return Window(True, min(window.until for window in now))
    # The next instant at which the last closed zone opens is a candidate; others may have closed by then.
    candidate = at
    for _ in range(2 * len(known) + 2):
        shut = [
            w.until
            for w in (window_in_zone(z, opens_min, closes_min, candidate) for z in known)
            if not w.is_open
        ]
        if not shut:
            return Window(False, candidate)
        candidate = max(shut)
    return Window(False, float("inf"))


def longest_unanswered_s(settings: CampaignSettings) -> float:
    """Return the longest time from dialing to an answer: ringing may begin just before the number is given up."""
    return settings.post_dial_s + 2 * settings.ring_s


def window_of(settings: CampaignSettings, zones: Sequence[str] | None, *, at: float) -> Window:
    """Return a campaign's window for a number of these zones at any instant, also a coming one."""
    return calling_window(
        _known_or_default(zones, settings.default_zone),
        settings.window_opens_min,
        settings.window_closes_min,
        at,
    )


class CallingWindows:
    """Calling windows by group of zones, computed once per opening or closing."""

    def __init__(self) -> None:
        self._cache: dict[tuple[ZoneGroupId, str | None, int, int], Window] = {}

    def of(
        self, settings: CampaignSettings, group: ZoneGroupId, zones: Sequence[str] | None, *, at: float
    ) -> Window:
        """Return a group's window at an instant."""
        key = (group, settings.default_zone, settings.window_opens_min, settings.window_closes_min)
        window = self._cache.get(key)
        if window is None or at >= window.until:
            window = self._cache[key] = window_of(settings, zones, at=at)
        return window


def _known_or_default(zones: Sequence[str] | None, default: str | None) -> Sequence[str]:
    if zones and _UNKNOWN_ZONE not in zones:
        return zones
    return (default,) if default else (_UNKNOWN_ZONE,)


def refusal(lead: Lead, settings: CampaignSettings, window: Window, *, at: float) -> Refusal | None:
    """Return why a lead may not be called at `at`, or None if it may."""
    if lead.do_not_call:
        return Refusal("do-not-call list")
    if settings.consent_for is not None and not lead.consented:
        return Refusal(NO_CONSENT)
    if lead.kind in NEVER_CALLED:
        return Refusal(f"number kind {lead.kind}")
    if settings.countries and lead.region not in settings.countries:
        return Refusal(f"country {lead.region} not allowed")
    if lead.attempts >= settings.max_attempts and not lead.promised:
        return Refusal("most attempts reached")
    return _refusal_by_time(settings, window, at=at)


def _refusal_by_time(settings: CampaignSettings, window: Window, *, at: float) -> Refusal | None:
    if not window.is_open:
        if window.until == float("inf"):
            return Refusal("time zone unknown")
        return Refusal("calling window closed", window.until)
    if at + longest_unanswered_s(settings) > window.until:
        # It would be open again at the earliest after the closing; the hopper's next look finds the instant.
        return Refusal("calling window closes", window.until)
    return None
