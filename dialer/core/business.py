"""Lines of business as the engine remembers them: campaigns, queues, and who is to be called back.

Plain data of the workspace. Nothing here decides anything.
"""

from dataclasses import dataclass, field

from dialer.core.ids import CallId, QueueName
from dialer.core.lead import Lead
from dialer.core.pacing.dial_level import DialLevel
from dialer.core.pacing.forecast.outlook import Outlook
from dialer.core.rules.abandonment import Tally
from dialer.core.settings import HANDLE_S, CampaignSettings, QueueSettings
from dialer.core.states import CampaignState


@dataclass(slots=True)
class Campaign:
    """What is called for."""

    settings: CampaignSettings
    state: CampaignState = CampaignState.STOPPED
    reason: str = ""
    until: float | None = None
    said_at: float = 0.0
    """When `reason` and `until` were last put on record."""
    buffer: list[Lead] = field(default_factory=list)
    """Claimed leads, the next one last."""
    obstacle: bool = False
    """Whether `reason` is about trunks or the floor, and stands before every other."""
    in_flight: int = 0
    """Calls that are not answered yet."""
    in_flight_at: dict[str, int] = field(default_factory=dict)
    """The same by server."""
    open_attempts: int = 0
    fetching: bool = False
    fetch_was_last: bool = False
    """Whether no attempt was open when the running fetch was asked for."""
    fetch_after: float = 0.0
    leads_left: int | None = None
    """How many leads nobody has claimed; None: more than are counted."""
    outlook: Outlook | None = None
    """What pacing has learned and expects; None: nothing yet."""
    decided_at: float = 0.0
    """When a decision of pacing was last put on record."""
    learned: str = ""
    """What pacing has learned, as it is on record; empty: nothing is."""
    kept_at: float = 0.0
    """When that was last looked at."""
    turn: float = 0.0
    """Answers expected of the calls started so far, by weight; `pacing.turns` alone changes it."""
    tally: Tally = field(default_factory=Tally)
    """How the calls of the present window went; `work.tallies` alone changes it."""
    dial_level: DialLevel | None = None
    """Of a campaign that is paced by one."""


@dataclass(slots=True)
class Queue:
    """A line of business whose customers call us."""

    settings: QueueSettings
    handle_s: float = HANDLE_S
    """Mean time that a call takes an agent, as learned so far."""
    since_at: float = 0.0
    """When the run began to watch who calls it."""
    arrivals: list[float] = field(default_factory=list)
    """When the callers of the last minutes came."""


@dataclass(slots=True)
class Callback:
    """Somebody who is to be called back."""

    call_id: CallId
    """By which they asked for it."""
    queue: QueueName
    waiting_since: float
    region: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    tries: int = 0
    """Calls in vain so far."""
