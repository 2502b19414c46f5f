"""Whom a talk is to be given to, as the allocator is told of it: any agent whom the transfer's step lets through."""

from collections.abc import Container

from dialer.core.allocation.needs import Need
from dialer.core.allocation.operations import on_site
from dialer.core.allocation.routing import ANYBODY
from dialer.core.allocation.suitability import ordering_skill
from dialer.core.allocation.workflow import WorkflowStep
from dialer.core.allocation.workflow_versions import newest
from dialer.core.ids import AgentId
from dialer.core.requests import CallThirdParty
from dialer.core.states import CallState
from dialer.core.step import Step
from dialer.core.talk_parties import Transfer
from dialer.core.workspace import Call, Workspace
from dialer.errors import RuleError


def asked_for(step: Step, request: CallThirdParty) -> tuple[WorkflowStep | None, str]:
    """Return what an agent must be, or the workflow that leads to one.

    Raises:
        RuleError: If there is no such queue, or no such workflow.
    """
    workflow = request.workflow
    if request.queue:
        queue = step.workspace.queues.get(request.queue)
        if queue is None:
            raise RuleError(f"there is no queue {request.queue!r}: `dialer queue list` names them")
        workflow = queue.settings.workflow
    if workflow and newest(step.workspace, workflow) is None:
        raise RuleError(f"there is no workflow {workflow!r}: `dialer workflow list` names them")
    return (None, workflow) if workflow else (request.wanted or ANYBODY, "")


def transfer_of(step: Step, call: Call) -> Transfer | None:
    """Return the transfer for which somebody is sought; None: the customer waits, if at all, as one without an agent."""
    transfer = step.workspace.transfers.get(call.call_id)
    if transfer is None or transfer.leg_id or call.state is CallState.ANSWERED:
        return None
    return transfer if transfer.wanted is not None or transfer.workflow else None


def need_of(step: Step, transfer: Transfer | None, usual: Need) -> Need:
    """Return what a customer needs: the usual, unless somebody else is sought for the talk."""
    if transfer is None or transfer.wanted is None:
        return usual
    wanted = on_site(transfer.wanted, step.workspace.calls[transfer.call_id].attributes)
    skill = ordering_skill(wanted, {})
    return Need(step.sets.of_step(wanted, {}), usual.demand, wanted.order, skill)


def barred(step: Step, call: Call, transfer: Transfer | None) -> Container[AgentId]:
    """Return who does not get a customer: who passed the call by, or transfers it."""
    return call.passed_by if transfer is None else _NotOurs(step.workspace, transfer.agent_id)


class _NotOurs:
    """Who cannot be called to a talk: whoever calls, and agents whom another system owns."""

    def __init__(self, workspace: Workspace, starter: AgentId) -> None:
        self._workspace = workspace
        self._starter = starter

    def __contains__(self, agent_id: object) -> bool:
        return agent_id == self._starter or (
            isinstance(agent_id, int) and self._workspace.agents[AgentId(agent_id)].member is not None
        )
