"""What the engine remembers of ways to others: trunks to carriers, links between servers."""

from dataclasses import dataclass, field

from dialer.core.ids import CallId
from dialer.core.settings import LinkSettings, TrunkSettings
from dialer.core.states import TrunkState


@dataclass(slots=True)
class Trunk:
    """A route to a carrier, its use, and whether it works."""

    settings: TrunkSettings
    lines_used: int = 0
    tokens: float = 1.0
    """Calls that may start at `tokens_at`; grows by `calls_per_second`."""
    tokens_at: float = 0.0
    state: TrunkState = TrunkState.UP
    reason: str = ""
    since_at: float = 0.0
    until: float | None = None
    """When the next probe is due, or the day is over."""
    recent: list[bool] = field(default_factory=list)
    """Of the last calls, oldest first: whether each was a fault of the carrier's."""
    probe: CallId | None = None
    probe_wait_s: float = 0.0
    probes_failed: int = 0
    used_day: int = 0
    """Days since the epoch, UTC."""
    used_s: float = 0.0
    """Seconds on that day of answered calls that are over."""
    lost: str = ""
    """Why its switch cannot be reached; empty: it can."""


@dataclass(slots=True)
class Link:
    """The way between two servers, and its use."""

    settings: LinkSettings
    used: int = 0
    failures: int = 0
    """Joins in a row that did not come about."""
    out: bool = False
    """Whether nobody is joined by it for a while, as the last ones were not."""
