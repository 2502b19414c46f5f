"""What an operator can set about campaigns and trunks; every default stands here and nowhere else."""

from enum import StrEnum
from typing import Annotated

import msgspec

from dialer.core.allocation.capacity import Channel
from dialer.core.ids import NO_TRUNK, CampaignId, QueueName, TrunkName
from dialer.core.presence_states import ClientState
from dialer.core.preview_states import PreviewTimeout
from dialer.core.rules.agentless import AgentlessSettings
from dialer.core.rules.dispositions import DEFAULT_DISPOSITIONS, Disposition
from dialer.core.rules.machine_detection import AmdSettings
from dialer.core.states import Outcome

HANDLE_S = 180.0
"""What a call takes an agent where nobody knows better. A guess."""


class PacingMode(StrEnum):
    """How many calls are started for the agents who are free."""

    PROGRESSIVE = "progressive"
    RATIO = "ratio"
    PREDICTIVE = "predictive"
    PREVIEW = "preview"
    AGENTLESS = "agentless"
    ADAPTIVE = "adaptive"  # a dial level, in simulations alone: to compare the others with


class AbandonWindow(StrEnum):
    """The stretch of time for which a campaign's limit of abandoned calls holds."""

    DAY = "day"
    THIRTY_DAYS = "30 days"


class Inbound(StrEnum):
    """What becomes of calls to a campaign's caller id."""

    AGENTS = "agents"
    MESSAGE = "message"


class RecordingMode(StrEnum):
    """Which talks are recorded from their beginning."""

    OFF = "off"
    ON = "on"  # every one
    ANNOUNCED = "announced"  # every one, once the customer heard that it is
    BY_CONSENT = "by_consent"  # those for which the consent of one side is enough


class Overflow(StrEnum):
    """What becomes of a queue's caller for whom nobody came in time."""

    MESSAGE = "message"
    DIALPLAN = "dialplan"  # the call goes on there
    CALLBACK = "callback"
    QUEUE = "queue"  # another one


class RetryRule(msgspec.Struct, frozen=True):
    """How often an outcome may occur before the lead is finished, and the wait before the next attempt."""

    attempts: int
    minutes: float


DEFAULT_RETRY: dict[Outcome, RetryRule] = {
    # A guess in the range that call centres use; answer rates by waiting time would settle it.
    Outcome.BUSY: RetryRule(3, 10),
    Outcome.NO_ANSWER: RetryRule(3, 120),
    Outcome.DECLINED: RetryRule(1, 0),
    Outcome.UNREACHABLE: RetryRule(3, 120),
    Outcome.SWITCHED_OFF: RetryRule(3, 240),
    Outcome.SUSPENDED: RetryRule(2, 1440),
    Outcome.CONGESTION: RetryRule(5, 5),
    Outcome.FAILED: RetryRule(3, 15),
    Outcome.UNKNOWN: RetryRule(3, 30),
    Outcome.MACHINE: RetryRule(3, 240),
    Outcome.SKIPPED: RetryRule(3, 60),
}


class WrapUp(StrEnum):
    """What ends an agent's time for notes after a talk."""

    OPTIONAL = "optional"  # the agent at any moment, else its time
    TIMED = "timed"  # its time alone
    MANDATORY = "mandatory"  # the agent, once its time is over
    DISPOSED = "disposed"  # as optional, but not before the call is disposed of


class LineSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the calls of any line of business share, a campaign or a queue."""

    name: str = ""
    workflow: str = ""
    """Who may take its tasks, by the name of a workflow; empty: anybody."""
    priority_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 0.0
    """A head start: its tasks rank as if they had come so much earlier."""
    attributes: dict[str, str | int | float | bool] = {}
    """What expressions know of each of its tasks, unless the task itself says otherwise."""
    caller_id: str = ""
    ring_s: float = 25.0
    """How long a number may ring. At least 15 s: US 16 CFR 310.4(b)(4)(ii), also Ofcom's policy of 2017."""
    post_dial_s: float = 10.0
    """Allowance for the network before the first ringing. A guess; measured post-dial delays settle it."""
    connect_within_s: float = 2.0
    """A live-answered call is abandoned after this. Source: 16 CFR 310.4(b)(4)(iii)."""
    wrap_up_s: float = 10.0
    inbound_wait_s: float = 30.0
    """How long somebody who calls waits for an agent before the message. A guess; how many hang up meanwhile settles it."""
    record: RecordingMode = RecordingMode.OFF
    """Which talks are recorded from their beginning."""
    one_party_regions: tuple[str, ...] = ()
    """ISO 3166 codes of numbers where one side's consent to a recording is enough; everywhere else all must."""
    dispositions: tuple[Disposition, ...] = DEFAULT_DISPOSITIONS
    default_disposition: str = ""
    """Code that stands for the choice of an agent who made none when the wrap-up ended; empty: none does."""
    wrap_up: WrapUp = WrapUp.OPTIONAL
    """What ends the agent's time for notes: the agent or the seconds; the seconds alone; the agent, after the seconds; as
    the first, but not before the call is disposed of."""
    wrap_up_more_s: float = 0.0
    """How many seconds more an agent may ask for in one wrap-up; 0: none."""
    dispose_ends_wrap_up: bool = False
    """Whether a disposition ends the wrap-up; without it the agent's remaining seconds are for notes."""


class CampaignSettings(LineSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One campaign's settings. Times of day are minutes after local midnight."""

    campaign_id: CampaignId
    trunk: TrunkName
    priority_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 30.0
    """Whoever is called has to have an agent within seconds, and so comes before those who called half a minute earlier. A guess."""
    mode: PacingMode = PacingMode.PROGRESSIVE
    ratio: float = 1.0
    """Calls per free agent, >= 1; used by ratio pacing."""
    abandon_limit: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.03
    """Share of live answers that predictive pacing may abandon. Source: 16 CFR 310.4(b)(4)(i)."""
    abandon_window: AbandonWindow = AbandonWindow.DAY
    """For which stretch of time that holds; by the day is stricter than any rule asks."""
    score_attribute: str = ""
    """Column of the list with the log-odds by which each lead's chance of an answer exceeds that of others; empty: none."""
    weight: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    """Campaigns that share agents start calls in proportion to it, as far as their limits allow."""
    preview_s: Annotated[float, msgspec.Meta(ge=1, le=86_400)] = 60.0
    """How long an agent has to decide about a lead in preview. A guess: to read a page; how long decisions take settles it."""
    preview_timeout: PreviewTimeout = PreviewTimeout.PAUSE
    """What happens then: the lead is called, or skipped, or the agent is paused and the lead goes back as it was. By default the
    last, as whoever does not decide may not be there: a call would reach a person whom nobody speaks to, and skips would use the list up."""
    preview_yields: bool = False
    """Whether a customer on the phone whom nobody else can take may have an agent who is shown a lead; the lead goes back."""
    window_opens_min: int = 8 * 60
    """The calling window in every zone of the number. Source: 47 CFR 64.1200(c)(1)."""
    window_closes_min: int = 21 * 60
    countries: tuple[str, ...] = ()
    """ISO 3166 codes that may be called; empty means every country."""
    default_zone: str | None = None
    """Stands in for a number whose zone is not known; without it such a number is refused."""
    max_attempts: int = 10
    faults_per_day: int = 5
    """Attempts a lead and UTC day that may end by a fault of the carrier's and cost the lead nothing; then it
    waits for the next day. 0: they count as any other. A guess: an outage of an hour and a quarter."""
    inbound: Inbound = Inbound.AGENTS
    """Who takes calls to the campaign's caller id while it runs: its agents, or a message as at other times."""
    retry: dict[Outcome, RetryRule] = msgspec.field(default_factory=lambda: dict(DEFAULT_RETRY))
    amd: AmdSettings = AmdSettings()
    agentless: AgentlessSettings = AgentlessSettings()

    @property
    def needs_agents(self) -> bool:
        """Return whether its calls are for agents."""
        return self.mode is not PacingMode.AGENTLESS

    @property
    def consent_for(self) -> str | None:
        """Return to whose calls a lead must have consented; None: to nobody's."""
        return None if self.needs_agents else self.agentless.seller


class Accept(StrEnum):
    """How agents take text."""

    AUTO = "auto"  # it is theirs at once
    ASK = "ask"  # they accept or decline each


class QueueSettings(LineSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One queue's settings."""

    name: QueueName
    accept: Accept = Accept.AUTO
    """Whether agents are asked before text is theirs; calls are never asked about, as their phones stay up."""
    offer_s: Annotated[float, msgspec.Meta(gt=0)] = 20.0
    """How long an agent has to accept, before text is offered to somebody else. A guess; how many lapse settles it."""
    trunk: TrunkName = NO_TRUNK
    """The trunk or group that its callers come by, and that they are called back through; empty: nobody calls."""
    label: str = ""
    channel: Channel = Channel.VOICE
    inbound_wait_s: float = 300.0
    """How long a caller waits before `overflow`. A guess; how many hang up meanwhile settles it."""
    overflow: Overflow = Overflow.MESSAGE
    overflow_to: str = ""
    """The other queue, or the message's recording."""
    announce_every_s: float = 30.0
    callback_key: str = ""
    """Empty: nobody can ask to be called back."""
    callback_message: str = ""
    callback_tries: int = 3
    callback_wait_min: float = 10.0
    service_level_s: float = 20.0
    service_level_share: float = 0.8
    handle_s: float = HANDLE_S
    """What a call takes an agent, until it is learned."""


class PauseCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reason for which agents pause."""

    code: str
    label: str = ""
    digit: str = ""
    """The key that chooses it after `*`; empty: none."""
    limit_s: float | None = None
    """A longer pause is put on record; None: no limit."""


class ClientRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a state of an agent's client makes of the agent."""

    client: ClientState
    pause: str
    """The code of the pause."""
    after_s: float = 0.0
    """How long the client has to stay so."""
    ready_again: bool = True
    """Whether the client's return ends the pause."""


class TrunkSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What pacing must know of a trunk.

    Source of the breaker's defaults: Envoy's outlier detection ejects a host after 5 faults in a row
    (`consecutive_5xx`). Its waits of 30 to 300 s are shortened here, because agents sit idle meanwhile and one
    call a minute harms no carrier; the waits are a guess.
    """

    name: TrunkName
    lines: int = 30
    calls_per_second: float = 10.0
    group: str = ""
    """Campaigns that name the group use its trunks in the order of the file."""
    breaker_faults: int = 5
    """So many faults of the carrier's among the last `breaker_calls` calls take the trunk out of use."""
    breaker_calls: int = 5
    probe_after_s: float = 10.0
    """The wait before the first probe call; it doubles with each that fails."""
    probe_at_most_s: float = 60.0
    daily_minutes: float | None = None
    """Answered minutes of a UTC day; then no call is started. None: no limit."""
    longest_call_min: float = 240.0
    """A call is ended so long after its answer. A guess: forgotten calls end, talks do not."""
    detects_machines: bool = False
    """Whether its switch has answering machine detection."""
    has_dialplan: bool = False
    """Whether its switch has contexts that calls may go to."""
    caller_id: str = ""
    """Shown for campaigns that name none."""
    server: str = ""
    """Where its customers' legs are, of a switch that has several servers; empty: the switch has but one."""


class LinkSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The way between two servers of a switch: its crossings join customers at one with agents at the other."""

    servers: tuple[str, str]
    slots: int = 30
    """Crossings at a time, of both directions together. A guess: as many as a trunk has lines, 3 Mbit/s each way."""
    delay_ms: float = 25.0
    """How much longer the bridge of a customer with an agent takes by it. Source: measured on one machine with Asterisk 22.10,
    median 27 ms against 2 ms at one server, 40 joins each."""
