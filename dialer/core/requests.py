"""What other processes can ask of a running floor, through the one `request` table."""

import msgspec

from dialer.core.allocation.capacity import Channel
from dialer.core.allocation.task_facts import Attributes, Said, Weight, check_attributes
from dialer.core.allocation.workflow import WorkflowStep
from dialer.core.guest_states import Supervision
from dialer.core.ids import NO_QUEUE, AgentId, CampaignId, GuestId, QueueName, TaskId, TrunkName
from dialer.core.presence_states import ClientMove
from dialer.core.states import RecordingMove
from dialer.core.transfer_states import Arrangement, Way


class RequestBase(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="request", tag=True, forbid_unknown_fields=True
):
    """Something a person or a program asks for."""


class StartCampaign(RequestBase, frozen=True, kw_only=True):
    """Begin or go on calling."""

    campaign_id: CampaignId


class PauseCampaign(RequestBase, frozen=True, kw_only=True):
    """Start no more calls for now; those that ring are served."""

    campaign_id: CampaignId


class StopCampaign(RequestBase, frozen=True, kw_only=True):
    """Start no more calls; those that ring are served."""

    campaign_id: CampaignId


class LogIn(RequestBase, frozen=True, kw_only=True):
    """Call an agent's phone; once it is up the agent is paused, or ready if asked so."""

    agent_id: AgentId
    ready: bool = False


class LogOut(RequestBase, frozen=True, kw_only=True):
    """End an agent's shift; a talk is finished first."""

    agent_id: AgentId


class MakeReady(RequestBase, frozen=True, kw_only=True):
    """Remove an agent's pause, or end the wrap-up."""

    agent_id: AgentId


class PauseAgent(RequestBase, frozen=True, kw_only=True):
    """Give an agent no more work, after the present call if there is one."""

    agent_id: AgentId
    reason: str


class ClientTold(RequestBase, frozen=True, kw_only=True):
    """The program that an agent works with says what happens there."""

    agent_id: AgentId
    what: ClientMove


class Dispose(RequestBase, frozen=True, kw_only=True):
    """Say what came of the agent's talk: the present one, or the one that the wrap-up is about."""

    agent_id: AgentId
    code: str
    callback_at: float | None = None
    """When the lead shall be called back, seconds since the epoch; None: after the disposition's wait."""


class CallLead(RequestBase, frozen=True, kw_only=True):
    """Call the lead that an agent is shown, for that agent."""

    agent_id: AgentId


class SkipLead(RequestBase, frozen=True, kw_only=True):
    """Do not call the lead that an agent is shown now, and show the next one."""

    agent_id: AgentId
    reason: Said = ""


class EndWrapUp(RequestBase, frozen=True, kw_only=True):
    """End an agent's wrap-up before its time."""

    agent_id: AgentId


class MoreTime(RequestBase, frozen=True, kw_only=True):
    """Put off the end of an agent's wrap-up."""

    agent_id: AgentId
    seconds: float


class RecordCall(RequestBase, frozen=True, kw_only=True):
    """Start, pause, go on with or stop recording an agent's talk."""

    agent_id: AgentId
    move: RecordingMove
    consented: bool = False
    """Whether everybody on the talk said that they agree."""


class SuperviseAgent(RequestBase, frozen=True, kw_only=True):
    """Let a supervisor hear an agent's talks, or take part in them, from now on."""

    agent_id: AgentId
    mode: Supervision
    guest_id: GuestId | None = None
    """The supervisor, whose phone is called; None: whoever supervises the agent already."""


class CallThirdParty(RequestBase, frozen=True, kw_only=True):
    """Call somebody to an agent's talk; one of `guest_id`, `to_agent`, `wanted`, `workflow` and `queue` says whom."""

    agent_id: AgentId
    way: Way
    guest_id: GuestId | None = None
    """Somebody outside."""
    dials: bool = False
    """Whether that one is called by a number, through a trunk; else by the address of a phone."""
    trunk: TrunkName = TrunkName("")
    """The trunk or group for it; empty: the customer's."""
    to_agent: AgentId | None = None
    """An agent who is free."""
    wanted: WorkflowStep | None = None
    """Any agent whom such a step lets through."""
    workflow: str = ""
    """Whoever that one leads to; empty: none does."""
    queue: QueueName = NO_QUEUE
    """Whoever may have the tasks of that one."""
    within_s: float = 60.0
    """How long such a one is waited for."""


class ArrangeTalk(RequestBase, frozen=True, kw_only=True):
    """Let an agent's talk with a third party go on in another way."""

    agent_id: AgentId
    arrangement: Arrangement


class TakeUpSettings(RequestBase, frozen=True, kw_only=True):
    """Go by a campaign's settings as they are kept now."""

    campaign_id: CampaignId


class TakeUpProfile(RequestBase, frozen=True, kw_only=True):
    """Go by an agent's skills, teams, attributes, kind and limits as they are kept now."""

    agent_id: AgentId


class TakeUpRoster(RequestBase, frozen=True, kw_only=True):
    """Go by the roster as it is kept now."""


class AddTask(RequestBase, frozen=True, kw_only=True):
    """Bring a text session in, for an agent of a queue."""

    queue: QueueName
    channel: Channel = Channel.TEXT
    weight: Weight = 1
    """The volume that it takes of an agent's limit."""
    attributes: Attributes = {}

    def __post_init__(self) -> None:
        check_attributes(self.attributes)


class CancelTask(RequestBase, frozen=True, kw_only=True):
    """End a task whose customer left, wherever it is."""

    task_id: TaskId
    reason: Said = ""


class AcceptTask(RequestBase, frozen=True, kw_only=True):
    """Work on a task that an agent was offered."""

    task_id: TaskId
    agent_id: AgentId


class DeclineTask(RequestBase, frozen=True, kw_only=True):
    """Have a task offered to somebody else."""

    task_id: TaskId
    agent_id: AgentId
    reason: Said = ""


class EndTask(RequestBase, frozen=True, kw_only=True):
    """Be done with a task."""

    task_id: TaskId
    agent_id: AgentId
    result: Said = ""


class TransferTask(RequestBase, frozen=True, kw_only=True):
    """Hand a task on that an agent works on; one of `to_queue` and `to_agent` says where to."""

    task_id: TaskId
    agent_id: AgentId
    to_queue: QueueName = NO_QUEUE
    to_agent: AgentId | None = None
    reason: Said = ""


class ChangeTask(RequestBase, frozen=True, kw_only=True):
    """Set attributes of a task; one that is set to nothing is taken away."""

    task_id: TaskId
    attributes: Attributes

    def __post_init__(self) -> None:
        check_attributes(self.attributes)


class TakeUpWorkflow(RequestBase, frozen=True, kw_only=True):
    """Go by the newest version of a workflow as it is kept now."""

    workflow: str


class Halt(RequestBase, frozen=True, kw_only=True):
    """Place no call at all, until resumed."""

    reason: str = ""


class Resume(RequestBase, frozen=True, kw_only=True):
    """Take back a halt."""


Request = (
    StartCampaign
    | PauseCampaign
    | StopCampaign
    | TakeUpSettings
    | TakeUpProfile
    | TakeUpWorkflow
    | LogIn
    | LogOut
    | MakeReady
    | PauseAgent
    | ClientTold
    | Dispose
    | CallLead
    | SkipLead
    | EndWrapUp
    | MoreTime
    | RecordCall
    | SuperviseAgent
    | CallThirdParty
    | ArrangeTalk
    | TakeUpRoster
    | AddTask
    | CancelTask
    | AcceptTask
    | DeclineTask
    | EndTask
    | TransferTask
    | ChangeTask
    | Halt
    | Resume
)
