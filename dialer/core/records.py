"""What a round leaves in the database: facts for recovery and reports, never read back by a running engine."""

from dialer.core.agentless_records import AgentlessRecord
from dialer.core.allocation.capacity import Channel
from dialer.core.allocation.task_facts import Attributes
from dialer.core.guest_states import GuestKind
from dialer.core.ids import (
    AgentId,
    AttemptId,
    CallId,
    CampaignId,
    GuestId,
    HandoverId,
    LeadId,
    LegId,
    QueueName,
    RequestId,
    TaskId,
    TrunkName,
)
from dialer.core.pacing.decision import PacingDecided
from dialer.core.presence_states import PausedBy
from dialer.core.preview_records import PreviewRecord
from dialer.core.queue_records import QueueRecord
from dialer.core.record import Record
from dialer.core.rules.machine_detection import Verdict
from dialer.core.states import AgentState, CampaignState, EndCause, Outcome, TrunkState
from dialer.core.task_states import TaskMove, TaskState
from dialer.core.transfer_states import HandoverOutcome, Way


class AttemptStarted(Record, frozen=True, kw_only=True):
    """A try at a lead begins, with its call and the customer's leg."""

    attempt_id: AttemptId
    call_id: CallId
    leg_id: LegId
    campaign_id: CampaignId
    lead_id: LeadId
    trunk: TrunkName
    caller_id: str = ""
    consent_for: str | None = None
    """The seller to whose calls without an agent the number must have consented; None: an agent calls."""


class CallStarted(Record, frozen=True, kw_only=True):
    """An attempt goes on with a new call, on another trunk; the one before is over."""

    attempt_id: AttemptId
    call_id: CallId
    leg_id: LegId
    lead_id: LeadId
    trunk: TrunkName
    caller_id: str = ""
    consent_for: str | None = None
    """As the attempt's."""


class AgentLegStarted(Record, frozen=True, kw_only=True):
    """An agent's phone is about to be called."""

    leg_id: LegId
    agent_id: AgentId


class LegClosed(Record, frozen=True, kw_only=True):
    """A leg is gone."""

    leg_id: LegId
    cause: EndCause
    dialing_at: float | None = None
    ringing_at: float | None = None
    answered_at: float | None = None
    sip_code: int | None = None
    q850: int | None = None
    text: str = ""


class AttemptEnded(Record, frozen=True, kw_only=True):
    """What became of an attempt, and of its lead: `retry_at` None finishes the lead."""

    attempt_id: AttemptId
    call_id: CallId | None
    campaign_id: CampaignId
    lead_id: LeadId
    outcome: Outcome
    cause: EndCause | None = None
    sip_code: int | None = None
    q850: int | None = None
    agent_id: AgentId | None = None
    ringing_at: float | None = None
    answered_at: float | None = None
    bridged_at: float | None = None
    ring_s: float | None = None
    """From the first ringing to the answer or the end."""
    wait_s: float | None = None
    """From the answer to the bridge, the message or the hang-up."""
    talk_s: float | None = None
    agents_free: int | None = None
    """Agents free at the moment of the answer."""
    retry_at: float | None = None
    counted: bool = True
    """Whether the attempt counts against the lead's limits."""
    carrier_fault: bool = False
    """Whether it does not count because the carrier is to blame."""
    promised: bool | None = None
    """Whether the next attempt comes before other leads; None: as this one did."""


class AttemptClassified(Record, frozen=True, kw_only=True):
    """Who picked up, as detection says: written at once, as the attempt may never end in order."""

    attempt_id: AttemptId
    verdict: Verdict
    cause: str
    """The switch's own words, such as HUMAN-800-800."""
    after_s: float
    """Seconds from the answer to the verdict."""


class AttemptDisposed(Record, frozen=True, kw_only=True):
    """What an agent, or the campaign's default, says came of an attempt; replaces what was said before."""

    attempt_id: AttemptId
    campaign_id: CampaignId
    lead_id: LeadId
    agent_id: AgentId
    disposition: str
    retry_at: float | None = None
    """When the lead is due again; None finishes it."""
    promised: bool = False
    """Whether it then comes before other leads."""
    block: bool = False
    """Whether the number goes on the do-not-call list."""
    ended: bool
    """Whether the attempt has ended: this settles the lead then, else `AttemptEnded` will, likewise."""


class InboundStarted(Record, frozen=True, kw_only=True):
    """Somebody who was called calls one of our caller ids back, and we take the call."""

    call_id: CallId
    leg_id: LegId
    attempt_id: AttemptId
    """The last one at this lead; it is over."""
    lead_id: LeadId
    trunk: TrunkName
    caller_id: str


class InboundEnded(Record, frozen=True, kw_only=True):
    """An inbound call is over."""

    call_id: CallId
    outcome: Outcome
    agent_id: AgentId | None = None
    wait_s: float | None = None
    talk_s: float | None = None


class NumberBlocked(Record, frozen=True, kw_only=True):
    """A lead's number goes on the do-not-call list, because the person asked for it by a key."""

    attempt_id: AttemptId
    lead_id: LeadId
    digit: str


class GuestCalled(Record, frozen=True, kw_only=True):
    """Somebody is about to be called to an agent's talk; who, was written by whoever asked for it."""

    guest_id: GuestId
    leg_id: LegId
    kind: GuestKind
    agent_id: AgentId
    attempt_id: AttemptId | None
    """Of the talk; None: the agent waits for the next one."""


class GuestEnded(Record, frozen=True, kw_only=True):
    """Somebody who was called to a talk is gone, or was not reached."""

    guest_id: GuestId
    outcome: Outcome
    joined_at: float | None = None


class HandoverStarted(Record, frozen=True, kw_only=True):
    """An agent is to receive a customer, or to be asked about one, and is given to read what is known."""

    handover_id: HandoverId
    way: Way
    call_id: CallId
    attempt_id: AttemptId | None
    agent_id: AgentId
    """Who hands over."""
    to_agent_id: AgentId


class HandoverEnded(Record, frozen=True, kw_only=True):
    """The customer is the other agent's, or will not be."""

    handover_id: HandoverId
    outcome: HandoverOutcome


class RecordingStarted(Record, frozen=True, kw_only=True):
    """A recording of a call begins."""

    attempt_id: AttemptId | None
    """None: the call is a queue's."""
    call_id: CallId
    file: str
    """Its name, without a directory."""


class RecordingEnded(Record, frozen=True, kw_only=True):
    """A recording is over, or failed."""

    file: str
    failed: str = ""


class TaskAdded(Record, frozen=True, kw_only=True):
    """A text session is there and waits."""

    task_id: TaskId
    number: int
    channel: Channel
    weight: int
    queue: QueueName
    attributes: Attributes
    ranked_at: float
    workflow: str = ""
    version: int = 0
    step: int = 0


class TaskChanged(Record, frozen=True, kw_only=True):
    """A text session is so since `since_at`."""

    task_id: TaskId
    state: TaskState
    since_at: float
    agent_id: AgentId | None
    queue: QueueName
    attributes: Attributes
    workflow: str
    version: int
    step: int


class TaskEnded(Record, frozen=True, kw_only=True):
    """A text session is over."""

    task_id: TaskId
    by: TaskMove
    """`end` or `cancel`."""
    agent_id: AgentId | None
    """Who had it."""
    result: str
    worked_since: float | None
    """When that agent began; None: it had not."""


class LeadRefused(Record, frozen=True, kw_only=True):
    """A rule keeps a lead from being called, for good or until `retry_at`."""

    campaign_id: CampaignId
    lead_id: LeadId
    reason: str
    retry_at: float | None = None


class AgentChanged(Record, frozen=True, kw_only=True):
    """An agent is in a new state since `at`, or something else is to come after it."""

    agent_id: AgentId
    state: AgentState
    reason: str = ""
    attempt_id: AttemptId | None = None
    to_come: str = ""
    """What begins when the present call and its wrap-up end, in words; empty: the next call."""
    begins: bool = True
    """Whether the state began now; if not, only what is said about it is new."""
    until_at: float | None = None
    """When a wrap-up is to be over, if that is by time."""
    paused_by: PausedBy = PausedBy.NOBODY
    busy_code: str = ""
    """Why the agent asked for no work, now or after the present call."""
    serving: int = 0
    """Customers the agent is with."""
    volume: int = 0
    """The weights of the agent's text sessions, summed up."""
    served: int = 0
    """Customers the agent was joined with on this day of the workspace's."""
    served_until: float = 0.0
    """When that day ends."""


class CampaignChanged(Record, frozen=True, kw_only=True):
    """A campaign is in a new state, or what it waits for is another."""

    campaign_id: CampaignId
    state: CampaignState
    reason: str = ""
    until: float | None = None


class PacingLearned(Record, frozen=True, kw_only=True):
    """What pacing has learned of a campaign so far."""

    campaign_id: CampaignId
    learned: str
    """JSON that `pacing.keeping` reads."""


class HaltChanged(Record, frozen=True, kw_only=True):
    """All originating is halted, or no longer."""

    halted: bool
    reason: str = ""


class TrunkChanged(Record, frozen=True, kw_only=True):
    """What there is to say of a trunk since `since_at`, and how much of the day's minutes is used."""

    trunk: TrunkName
    state: TrunkState
    since_at: float
    reason: str = ""
    until: float | None = None
    """When the next probe is due, or the day is over."""
    used_day: int = 0
    """Days since the epoch, UTC."""
    used_s: float = 0.0
    """Answered seconds on that day."""


class RequestAnswered(Record, frozen=True, kw_only=True):
    """A request was carried out or refused; committing this is the acknowledgement."""

    request_id: RequestId
    done: bool
    text: str = ""


class JournalEntry(Record, frozen=True, kw_only=True):
    """One step in the life of an attempt, a leg or an agent; kind `anomaly` marks what should not be."""

    kind: str
    attempt_id: AttemptId | None = None
    leg_id: LegId | None = None
    agent_id: AgentId | None = None
    detail: str = ""


AnyRecord = (
    AttemptStarted
    | CallStarted
    | AgentLegStarted
    | LegClosed
    | AttemptEnded
    | AttemptClassified
    | AttemptDisposed
    | QueueRecord
    | AgentlessRecord
    | InboundStarted
    | InboundEnded
    | NumberBlocked
    | GuestCalled
    | GuestEnded
    | HandoverStarted
    | HandoverEnded
    | PreviewRecord
    | RecordingStarted
    | RecordingEnded
    | TaskAdded
    | TaskChanged
    | TaskEnded
    | LeadRefused
    | AgentChanged
    | CampaignChanged
    | PacingLearned
    | PacingDecided
    | HaltChanged
    | TrunkChanged
    | RequestAnswered
    | JournalEntry
)
