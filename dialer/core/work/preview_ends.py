"""How previews end, and what becomes of their leads: none is lost, whatever takes the agent away."""

from dialer.core.commands import ReturnLeads
from dialer.core.ids import AgentId, AttemptId
from dialer.core.preview import Preview
from dialer.core.preview_records import PreviewEnded
from dialer.core.preview_states import PreviewOutcome
from dialer.core.records import LeadRefused
from dialer.core.rules import retry
from dialer.core.rules.compliance import Refusal
from dialer.core.step import Step
from dialer.core.work import attempts
from dialer.core.workspace import Agent


def timer(agent_id: AgentId) -> str:
    """Return the name of the timer of an agent's preview."""
    return f"preview:{agent_id}"


def leave(step: Step, agent: Agent) -> None:
    """Give the lead back of an agent who is shown one no more, unless it is decided what becomes of it."""
    preview = step.workspace.previews.get(agent.agent_id)
    if preview is not None:
        give_back(step, preview, f"the agent is {agent.state}")


def give_back(step: Step, preview: Preview, why: str) -> None:
    """Let a lead be as it was before."""
    _end(step, preview, PreviewOutcome.RETURNED, reason=why)
    step.emit(ReturnLeads(campaign_id=preview.campaign_id, lead_ids=(preview.lead.lead_id,)))
    attempts.look_again(step.workspace.campaigns[preview.campaign_id], step.at, at=step.at)


def skipped(step: Step, preview: Preview, reason: str) -> float | None:
    """Put a lead off that its agent does not want called; return when it is due again, None: it is finished."""
    campaign = step.workspace.campaigns[preview.campaign_id]
    retry_at = retry.after_skip(preview.lead, campaign.settings, at=step.at)
    _end(step, preview, PreviewOutcome.SKIPPED, reason=reason, retry_at=retry_at)
    attempts.look_again(campaign, retry_at, at=step.at)
    return retry_at


def refused(step: Step, preview: Preview, why: Refusal) -> None:
    """Put on record that a rule keeps a lead from being called that an agent was shown."""
    _end(step, preview, PreviewOutcome.REFUSED, reason=why.reason, retry_at=why.retry_at)
    step.emit(
        LeadRefused(
            at=step.at,
            campaign_id=preview.campaign_id,
            lead_id=preview.lead.lead_id,
            reason=why.reason,
            retry_at=why.retry_at,
        )
    )
    attempts.look_again(step.workspace.campaigns[preview.campaign_id], why.retry_at, at=step.at)


def called(step: Step, preview: Preview, attempt_id: AttemptId) -> None:
    """Put on record that the lead is called."""
    _end(step, preview, PreviewOutcome.CALLED, attempt_id=attempt_id)


def _end(
    step: Step,
    preview: Preview,
    outcome: PreviewOutcome,
    *,
    reason: str = "",
    attempt_id: AttemptId | None = None,
    retry_at: float | None = None,
) -> None:
    del step.workspace.previews[preview.agent_id]
    step.stop_timer(timer(preview.agent_id))
    step.workspace.pacing_due = True
    step.emit(
        PreviewEnded(
            at=step.at,
            preview_id=preview.preview_id,
            campaign_id=preview.campaign_id,
            lead_id=preview.lead.lead_id,
            agent_id=preview.agent_id,
            outcome=outcome,
            reason=reason,
            attempt_id=attempt_id,
            retry_at=retry_at,
        )
    )
