"""What a simulated day came to. Times are seconds after the counted day began, durations seconds, rates shares.

An attempt counts where it was decided: at its bridge, or without one at its end. *People* are those who really are some,
which only a simulator knows; what detection took them for is the verdict.
"""

import msgspec

from dialer.core.rules.machine_detection import Verdict
from dialer.core.states import Outcome

LIMIT = 0.03
"""Of the abandonment rate. Source: 16 CFR 310.4(b)(4)(i); Ofcom's policy of 2016 likewise."""

HALF_HOUR_S = 1800.0
LEAST_ANSWERS = 20
"""A half hour with fewer people tells nothing of a rate. A guess: at 3 %, more than one abandoned of 20 is chance in 12 % of cases."""


class AttemptRow(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt, with whatever of it happened."""

    campaign: str
    lead: int
    dialed_at: float
    rang_at: float | None = None
    answered_at: float | None = None
    verdict: Verdict | None = None
    verdict_at: float | None = None
    bridged_at: float | None = None
    ended_at: float | None = None
    """Of the call; None: it was still up when the day ended."""
    agent: int | None = None
    outcome: Outcome | None = None
    wait_s: float | None = None
    """The customer's, by the rule's clock."""
    is_person: bool = False
    """Whether a person really picked up; without an answer, would have."""
    agent_wait_s: float | None = None
    """How long the agent had been without a call when this one came."""
    wrap_up_s: float | None = None


class Minute(msgspec.Struct, frozen=True, kw_only=True):
    """One minute of the counted day, `at` its end."""

    at: float
    utilisation: float
    """Talk and wrap-up over the time logged in without breaks; 0 if nobody was."""
    agents: int
    """There without a break, at its end."""
    in_flight: int
    """Calls dialed that are neither ended nor joined with an agent, at its end."""
    abandoned: int
    """People, within it, as those connected."""
    connected: int


class Tally(msgspec.Struct, kw_only=True):
    """Counts of attempts, of one campaign or all."""

    attempts: int = 0
    """Dialed within the day."""
    answered_live: int = 0
    """Calls that were to have an agent: abandoned, connected or hung up waiting, people or not."""
    connected: int = 0
    """People."""
    abandoned: int = 0
    """People."""
    hung_up_waiting: int = 0
    """Before an agent or the rule's limit."""
    machines_connected: int = 0
    """Machines that detection missed or nobody listened for."""
    machines_abandoned: int = 0
    people_misjudged: int = 0
    """People who were hung up on as machines."""
    worst_30min: float = 0.0
    """The highest abandonment rate of any half hour, by the minute, in which at least 20 people were abandoned or connected;
    0 if there was none."""

    @property
    def abandonment_rate(self) -> float:
        """Return the share of people abandoned, of those abandoned or connected. Source: docs/pacing.md."""
        people = self.abandoned + self.connected
        return self.abandoned / people if people else 0.0

    @property
    def over_limit(self) -> bool:
        """Return whether more than 3 % were abandoned."""
        return self.abandonment_rate > LIMIT


class DayResult(Tally, kw_only=True):
    """A whole day."""

    seed: int
    agents_s: float = 0.0
    """Agents' time logged in, without breaks: handled_s + waiting_s."""
    handled_s: float = 0.0
    """Talk and wrap-up."""
    waiting_s: float = 0.0
    """Free, or reserved for a call that is being joined."""
    paused_s: float = 0.0
    wait_total_s: float = 0.0
    """Of the waits that a call ended within the day, from the moment the agent was free."""
    waits: int = 0
    calls_peak: int = 0
    """The most calls dialed that are neither ended nor joined with an agent."""
    lines_peak: int = 0
    """The most calls that are not ended."""
    events: int = 0
    """Handled by the engine, warm-up included."""
    virtual_s: float = 0.0
    """Likewise."""
    campaigns: dict[str, Tally] = msgspec.field(default_factory=dict)
    """By name."""

    @property
    def utilisation(self) -> float:
        """Return talk and wrap-up over the time logged in without breaks."""
        return self.handled_s / self.agents_s if self.agents_s else 0.0

    @property
    def wait_s(self) -> float:
        """Return the mean wait of an agent from one call to the next."""
        return self.wait_total_s / self.waits if self.waits else 0.0
