"""What the engine remembers of others in a talk: guests of its agent, third parties."""

from dataclasses import dataclass

from dialer.core.allocation.workflow import WorkflowStep
from dialer.core.guest_states import GuestKind, GuestState, Supervision
from dialer.core.ids import AgentId, AttemptId, CallId, GuestId, HandoverId, LegId, TrunkName
from dialer.core.transfer_states import TransferState, Way


@dataclass(slots=True)
class Guest:
    """Whoever is called to a talk beside its customer and its agent."""

    guest_id: GuestId
    leg_id: LegId
    kind: GuestKind
    agent_id: AgentId
    """Whose talk it is."""
    beside: LegId
    """Of the agent's phone or of the talk: it was called where that one is."""
    attempt_id: AttemptId | None
    state: GuestState = GuestState.CALLED
    mode: Supervision = Supervision.LISTEN
    joined_at: float | None = None
    trunk: TrunkName | None = None
    """Whose line it has."""


@dataclass(slots=True)
class Transfer:
    """A third party in a talk."""

    call_id: CallId
    agent_id: AgentId
    """Who asked for it."""
    leg_id: LegId
    """The third party's; empty: nobody is found yet."""
    way: Way
    to_agent: AgentId | None = None
    """Whose phone that is, if it is an agent's."""
    state: TransferState = TransferState.CALLING
    joined: bool = False
    """Whether the switch has joined as was ordered last."""
    wanted: WorkflowStep | None = None
    """Who is looked for; None: it is said who, or a workflow leads there."""
    workflow: str = ""
    until: float = 0.0
    """When nobody is looked for any more."""
    handover_id: HandoverId | None = None
    """Of what that agent is given to read."""
    delivered: bool = False
    """Whether it is on record: before, nobody is joined with that agent."""
