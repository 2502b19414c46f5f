"""What the engine remembers: agents, campaigns, calls, legs and trunks of one workspace.

Plain data, written to JSON as a whole for the log's snapshots. Nothing here decides anything.
"""

from dataclasses import dataclass, field

import msgspec

from dialer.core.allocation.capacity import Channel
from dialer.core.allocation.profile import Profile, SharedLimits
from dialer.core.allocation.workflow import Workflow
from dialer.core.business import Callback, Campaign, Queue
from dialer.core.ids import (
    NO_QUEUE,
    AgentId,
    AttemptId,
    CallId,
    CampaignId,
    LegId,
    QueueName,
    TaskId,
    TimerId,
    TrunkName,
    ZoneGroupId,
)
from dialer.core.lead import Lead
from dialer.core.messages import MessageVersion
from dialer.core.pacing.forecast.evidence import Evidence
from dialer.core.presence_states import ClientState, PausedBy
from dialer.core.preview import Preview
from dialer.core.rules.agentless import AgentlessSettings
from dialer.core.rules.machine_detection import AmdSettings
from dialer.core.settings import (
    ClientRule,
    PauseCode,
)
from dialer.core.states import (
    AgentState,
    CallState,
    EndCause,
    Outcome,
    Presence,
    RecordingState,
)
from dialer.core.talk_parties import Guest, Transfer
from dialer.core.task import Task
from dialer.core.ways import Link, Trunk


@dataclass(slots=True, frozen=True)
class Disposal:
    """What was said to have come of a talk, and what follows for the lead."""

    disposition: str
    retry_at: float | None
    """None finishes the lead."""
    promised: bool


@dataclass(slots=True, frozen=True)
class Attempt:
    """One try at a lead of a campaign."""

    attempt_id: AttemptId
    campaign_id: CampaignId
    lead: Lead


@dataclass(slots=True)
class Talk:
    """What an agent's wrap-up is about."""

    call_id: CallId
    attempt: Attempt | None
    """None: of a queue."""
    queue: QueueName
    until: float
    """When the time for the wrap-up is over."""
    more_s: float = 0.0
    """By how much that was put off."""
    disposition: str = ""
    is_over: bool = False
    """Whether only the disposition is missing."""
    evidence: Evidence | None = None
    """What was known of the call before anybody spoke."""

    @property
    def attempt_id(self) -> AttemptId | None:
        """Return which attempt it was of."""
        return None if self.attempt is None else self.attempt.attempt_id


@dataclass(slots=True)
class Member:
    """What is known of an agent that another system owns."""

    member: str
    """What the switch calls it."""
    presence: Presence = Presence.AWAY
    reason: str = ""
    wrap_up_s: float = 0.0
    rests_until: float = 0.0
    """Until then none is offered, after one that was not taken."""


@dataclass(slots=True, frozen=True)
class Pause:
    """Why an agent takes no work, and who said so."""

    reason: str
    by: PausedBy = PausedBy.REQUEST


@dataclass(slots=True)
class Agent:
    """A person who takes calls."""

    agent_id: AgentId
    state: AgentState = AgentState.LOGGED_OUT
    reason: str = ""
    profile: Profile = field(default_factory=Profile)
    leg_id: LegId | None = None
    """The phone's leg: nailed up from log-in to log-out."""
    video_leg: LegId | None = None
    """The last leg of the phone that carried video; if it is the present one, the agent can serve video calls."""
    server: str = ""
    """Where that leg is, of a switch that has several servers; it stays the same while the agent is free."""
    since: float = 0.0
    """When the state began."""
    call_id: CallId | None = None
    talk: Talk | None = None
    """The one that was, while the agent is in wrap-up, or will be once the phone is up again."""
    free_since: float = 0.0
    offers: list[TaskId] = field(default_factory=list)
    """Text that the agent is asked about; `allocation.in_hand` alone changes this and what follows."""
    tasks: list[TaskId] = field(default_factory=list)
    """Text that the agent works on."""
    volume: int = 0
    """The weights of both, summed up."""
    given: int = 0
    """The number of the last task, of any channel, that the agent was given; they are counted through."""
    today: int = 0
    """Tasks that the agent served since the workspace's midnight; who is joined again with a customer serves it once."""
    lapses: int = 0
    """Offers in a row that the agent let lapse."""
    paused_by: PausedBy = PausedBy.NOBODY
    pause_when_up: Pause | None = None
    """What a log-in ends in; None: ready at once."""
    pause_next: Pause | None = None
    """What begins when the present call and its wrap-up end."""
    log_out_next: bool = False
    phone_tries: int = 0
    wrap_up_s: float = 0.0
    """Of the talk in which the phone was lost."""
    member: Member | None = None
    """Of an agent that another system owns; its leg is up for one call only."""
    client: ClientState = ClientState.ACTIVE
    starred_at: float | None = None
    """When the phone's * was pressed, while the key that it changes is awaited."""


@dataclass(slots=True)
class Leg:
    """One channel at the switch, of a call or of an agent's phone."""

    leg_id: LegId
    call_id: CallId | None = None
    agent_id: AgentId | None = None
    dialing_at: float | None = None
    ringing_at: float | None = None
    answered_at: float | None = None
    spoke_at: float | None = None
    """When the far end's voice was first heard, if the switch tells."""


@dataclass(slots=True)
class AgentlessCall:
    """What a call says instead of an agent."""

    settings: AgentlessSettings
    """As they were when it was placed."""
    began_at: float | None = None
    over_at: float | None = None


@dataclass(slots=True)
class Call:
    """One call of a line of business: dialed for an attempt, or inbound."""

    call_id: CallId
    trunk: TrunkName
    leg_id: LegId
    attempt: Attempt | None = None
    """Of a lead who calls us, the last one, which is over; None: the call is a queue's."""
    queue: QueueName = NO_QUEUE
    """Empty: the call is a campaign's."""
    region: str = ""
    """ISO 3166 code of the customer's number; empty: not known."""
    has_number: bool = False
    """Whether somebody who calls a queue could be called back."""
    attributes: dict[str, str] = field(default_factory=dict)
    callback_of: CallId | None = None
    """The call by which somebody asked to be called back, which this one does."""
    server: str = ""
    """Where the customer's leg is, of a switch that has several servers."""
    state: CallState = CallState.REQUESTED
    agent_id: AgentId | None = None
    waiting_since: float = 0.0
    """When the clock of the present wait began: the answer, or the loss of an agent in mid-talk."""
    bridged_at: float | None = None
    last_agent: AgentId | None = None
    served_by: AgentId | None = None
    """Who had this customer in an earlier call, if that is known."""
    wait_s: float | None = None
    talk_ended_at: float | None = None
    agents_free: int | None = None
    outcome: Outcome | None = None
    """Set once it is certain, before the leg ends."""
    tallied: bool = False
    """Whether its campaign's tally has it."""
    heard: EndCause | None = None
    """What an announcement of the network's said; the call was hung up for it."""
    heard_words: str = ""
    disposal: Disposal | None = None
    started_at: float = 0.0
    passed_by: list[AgentId] = field(default_factory=list)
    """Members who were offered it and did not take it."""
    link: str = ""
    """The way between servers that it holds a slot of; empty: none."""
    cut_off: list[str] = field(default_factory=list)
    """Servers to which the way failed once: it is not tried again for this customer."""
    tried: list[TrunkName] = field(default_factory=list)
    """Trunks that failed in this attempt before this call."""
    inbound: bool = False
    """Whether the customer called us."""
    channel: Channel = Channel.VOICE
    """Video, if the caller brings some."""
    blocked: bool = False
    """Whether the person asked by a key to be called no more."""
    agentless: AgentlessCall | None = None
    """None: it is for an agent."""
    carrier_fault: bool = False
    evidence: Evidence | None = None
    """What is known of who picked up, once an agent is needed."""
    amd: AmdSettings | None = None
    """How detection listens; None: it does not."""
    recording: RecordingState = RecordingState.OFF
    file: str = ""
    """Of the recording that runs; empty: none does."""
    recordings: int = 0
    starter: AgentId | None = None
    """Who transferred it, and gets it back if whoever it is going to does not take it."""
    previewed: bool = False
    """Whether it was placed for an agent who had seen the lead, and is kept for it."""
    judged: bool = False
    """Whether the call has told already that its trunk works or not."""

    @property
    def attempt_id(self) -> AttemptId | None:
        """Return which attempt it belongs to."""
        return None if self.attempt is None else self.attempt.attempt_id


@dataclass(slots=True)
class Workspace:
    """Agents, campaigns and queues that share one allocator."""

    instance: str = ""
    counter: int = 0
    halted: bool = False
    finishing: bool = False
    ended: bool = False
    agents: dict[AgentId, Agent] = field(default_factory=dict)
    campaigns: dict[CampaignId, Campaign] = field(default_factory=dict)
    queues: dict[QueueName, Queue] = field(default_factory=dict)
    callbacks: dict[CallId, Callback] = field(default_factory=dict)
    """By the call by which they were asked for."""
    calls: dict[CallId, Call] = field(default_factory=dict)
    legs: dict[LegId, Leg] = field(default_factory=dict)
    guests: dict[LegId, Guest] = field(default_factory=dict)
    transfers: dict[CallId, Transfer] = field(default_factory=dict)
    previews: dict[AgentId, Preview] = field(default_factory=dict)
    """By who is shown them."""
    trunks: dict[TrunkName, Trunk] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    """By the names of both servers."""
    lost_servers: list[str] = field(default_factory=list)
    """Of the switch, those that cannot be reached."""
    zone: str = "UTC"
    """Whose midnight ends the day's counts."""
    day_ends_at: float = 0.0
    tallies_end_at: float = 0.0
    """When the first window of a campaign's tally ends."""
    roster: dict[AgentId, list[tuple[float, float]]] = field(default_factory=dict)
    """When agents who are on the roster are to be there: beginning and end of each part of a shift, in order."""
    roster_read_at: float = 0.0
    pauses: dict[str, PauseCode] = field(default_factory=dict)
    """By code; empty: agents pause for any reason."""
    limits: SharedLimits = field(default_factory=SharedLimits)
    workflows: dict[str, dict[int, Workflow]] = field(default_factory=dict)
    """By name and version."""
    client_rules: dict[ClientState, ClientRule] = field(default_factory=dict)
    """By the state of a client that makes busy."""
    messages: dict[str, MessageVersion] = field(default_factory=dict)
    """By name, the recordings that are configured."""
    zones: dict[ZoneGroupId, tuple[str, ...]] = field(default_factory=dict)
    tasks: dict[TaskId, Task] = field(default_factory=dict)
    last_task: int = 0
    """The number of the task that came last."""
    last_given: int = 0
    """The number of the task that was given last."""
    timers: dict[TimerId, int] = field(default_factory=dict)
    """The generation that counts of each running timer."""
    suspects: dict[str, float] = field(default_factory=dict)
    """What the last audit found and did not repair yet, with when it was found first."""
    pacing_due: bool = False
    """Whether anything changed since pacing ran."""
    paced_at: float = 0.0
    pace_every_s: float = 0.25
    """At most so often."""

    def to_json(self) -> bytes:
        """Return a snapshot."""
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, text: bytes) -> "Workspace":
        """Return the workspace of a snapshot."""
        return msgspec.json.decode(text, type=cls)
