"""What agents say came of their talks, and the one fate that each lead has by it.

While the attempt is open, its end carries the fate; afterwards the disposition itself settles the lead. A later
choice in the same wrap-up replaces the earlier one, and no lead is due again before that wrap-up ends.
"""

from dialer.core.ids import AgentId
from dialer.core.pacing import observing
from dialer.core.queue_records import CallDisposed
from dialer.core.records import AttemptDisposed
from dialer.core.rules import retry
from dialer.core.rules.compliance import window_of
from dialer.core.rules.dispositions import Disposition, Fate, find
from dialer.core.settings import WrapUp
from dialer.core.states import AgentState
from dialer.core.step import Step
from dialer.core.work import attempts
from dialer.core.work.lines import settings_of
from dialer.core.workspace import Agent, Attempt, Call, Disposal, Talk
from dialer.errors import RuleError

_IN_TALK = frozenset({AgentState.TALKING, AgentState.RECONNECTING})


def talk_of(step: Step, call: Call) -> Talk:
    """Return what a wrap-up after a talk that ends now is about."""
    return Talk(
        call_id=call.call_id,
        attempt=call.attempt,
        queue=call.queue,
        until=step.at + settings_of(step, call).wrap_up_s,
        disposition=call.disposal.disposition if call.disposal else "",
        evidence=call.evidence,
    )


def ends_wrap_up(step: Step, agent: Agent) -> bool:
    """Return whether a wrap-up has nothing to wait for any more, as its talk is disposed of."""
    talk = agent.talk
    if talk is None or not talk.disposition:
        return False
    settings = settings_of(step, talk)
    return settings.dispose_ends_wrap_up or (talk.is_over and settings.wrap_up is not WrapUp.MANDATORY)


def talk_at_hand(step: Step, agent: Agent) -> Talk | None:
    """Return the talk that an agent can dispose of: the present one, or the one that the wrap-up is about."""
    if agent.state not in _IN_TALK or agent.call_id is None:
        return agent.talk
    return talk_of(step, step.workspace.calls[agent.call_id])


def dispose(step: Step, agent: Agent, code: str, callback_at: float | None = None) -> str:
    """Take an agent's choice for the talk at hand.

    Raises:
        RuleError: If there is no talk, no such code, or the callback cannot be then.
    """
    talk = talk_at_hand(step, agent)
    if talk is None:
        raise RuleError(f"the agent is {agent.state}: dispose during a talk, or in the wrap-up after it")
    settings = settings_of(step, talk)
    chosen = find(settings.dispositions, code)
    if chosen is None:
        codes = ", ".join(each.code for each in settings.dispositions)
        line = "campaign" if talk.attempt is not None else "queue"
        raise RuleError(f"the {line} has no disposition {code!r}: there are {codes or 'none'}")
    if callback_at is not None:
        _check_callback(step, talk, chosen, callback_at)
    _apply(step, agent.agent_id, talk, chosen, callback_at)
    step.journal("disposed", chosen.code, attempt_id=talk.attempt_id, agent_id=agent.agent_id)
    return f"disposed of as {chosen.code}"


def _check_callback(step: Step, talk: Talk, chosen: Disposition, callback_at: float) -> None:
    if chosen.fate is not Fate.CALLBACK:
        raise RuleError(f"disposition {chosen.code!r} promises no callback: leave the time out")
    if callback_at <= step.at:
        raise RuleError("the time of the callback has passed: name a later one")
    if talk.attempt is None:
        raise RuleError("whoever calls a queue is no lead that is called at a time: leave the time out")
    settings = step.workspace.campaigns[talk.attempt.campaign_id].settings
    zones = step.workspace.zones.get(talk.attempt.lead.zone_group)
    if not window_of(settings, zones, at=callback_at).is_open:
        raise RuleError(
            "the number may not be called at that hour, by its own clock: choose one between "
            f"{_clock(settings.window_opens_min)} and {_clock(settings.window_closes_min)} there"
        )


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def _apply(
    step: Step, agent_id: AgentId, talk: Talk, chosen: Disposition, callback_at: float | None = None
) -> None:
    talk.disposition = chosen.code
    if talk.attempt is None:
        _apply_to_call(step, agent_id, talk, chosen)
    else:
        _apply_to_lead(step, agent_id, talk.attempt, talk, chosen, callback_at)


def _apply_to_call(step: Step, agent_id: AgentId, talk: Talk, chosen: Disposition) -> None:
    """Put on record what came of a queue's call; who called has no lead that it could be the fate of."""
    if (call := step.workspace.calls.get(talk.call_id)) is not None:
        call.disposal = Disposal(chosen.code, retry_at=None, promised=False)
    step.emit(
        CallDisposed(
            at=step.at,
            call_id=talk.call_id,
            agent_id=agent_id,
            disposition=chosen.code,
            block=chosen.fate is Fate.BLOCK,
        )
    )


def _apply_to_lead(
    step: Step,
    agent_id: AgentId,
    attempt: Attempt,
    talk: Talk,
    chosen: Disposition,
    callback_at: float | None,
) -> None:
    campaign = step.workspace.campaigns[attempt.campaign_id]
    retry_at = retry.due_again(chosen, attempt.lead, campaign.settings, at=step.at, callback_at=callback_at)
    if retry_at is not None:
        retry_at = max(retry_at, talk.until + campaign.settings.wrap_up_more_s - talk.more_s)
    promised = chosen.fate is Fate.CALLBACK
    call = step.workspace.calls.get(talk.call_id)
    if call is not None:
        call.disposal = Disposal(chosen.code, retry_at, promised)
    step.emit(
        AttemptDisposed(
            at=step.at,
            attempt_id=attempt.attempt_id,
            campaign_id=attempt.campaign_id,
            lead_id=attempt.lead.lead_id,
            agent_id=agent_id,
            disposition=chosen.code,
            retry_at=retry_at,
            promised=promised,
            block=chosen.fate is Fate.BLOCK,
            ended=call is None or call.inbound,
        )
    )
    if call is None:
        attempts.look_again(campaign, retry_at, at=step.at)


def must_choose(step: Step, agent: Agent) -> bool:
    """Return whether an agent in wrap-up has to dispose of the talk before anything else."""
    talk = agent.talk
    if talk is None or talk.disposition:
        return False
    settings = settings_of(step, talk)
    return settings.wrap_up is WrapUp.DISPOSED and bool(settings.dispositions)


def leave(step: Step, agent: Agent) -> None:
    """Nobody can choose any more: the campaign's default stands in for a choice that was not made."""
    talk, agent.talk = agent.talk, None
    if talk is None:
        return
    settings = settings_of(step, talk)
    chosen = find(settings.dispositions, settings.default_disposition)
    if not talk.disposition and chosen is not None:
        _apply(step, agent.agent_id, talk, chosen)
        by_default = f"{chosen.code}, by default"
        step.journal("disposed", by_default, attempt_id=talk.attempt_id, agent_id=agent.agent_id)
    observing.disposed(step, talk)
    if talk.attempt is not None:
        # A campaign is not complete while a talk may yet bring a lead back.
        attempts.look_again(step.workspace.campaigns[talk.attempt.campaign_id], None, at=step.at)
