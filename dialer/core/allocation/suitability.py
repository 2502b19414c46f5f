"""Whether an agent may have the tasks of a step: its skills, teams, kind, and the filter. The only place that decides it."""

from typing import NamedTuple

from dialer.core.allocation.expression import Facts, compiled
from dialer.core.allocation.profile import AgentKind, Profile
from dialer.core.allocation.service_queue import Order
from dialer.core.allocation.workflow import WorkflowStep


class Unsuited(NamedTuple):
    """Why an agent may not have a task."""

    reason: str
    is_fault: bool = False
    """Whether the filter is to blame, which compares what cannot be compared."""


def facts_of(profile: Profile) -> Facts:
    """Return what expressions read of an agent, by path; what nobody gave is left out."""
    facts: dict[str, str | int | float | bool | tuple[str, ...]] = dict(profile.attributes)
    facts |= {f"skills.{name}": level for name, level in profile.skills.items()}
    if profile.teams:
        facts["teams"] = profile.teams
    if profile.kind is not AgentKind.NONE:
        facts["kind"] = profile.kind.value
    return facts


def task_reads(step: WorkflowStep) -> tuple[str, ...]:
    """Return what of a task decides who may have it; tasks that are alike there go to the same agents."""
    paths = compiled(step.filter).task_reads if step.filter else ()
    return (*paths, step.skill_from) if step.skill_from else paths


def agent_reads(step: WorkflowStep, task: Facts) -> tuple[str, ...]:
    """Return what of an agent decides in a step, by path; agents who are alike there are judged alike."""
    paths = [f"skills.{name}" for name in step.skills]
    if named := _named_skill(step, task):
        paths.append(f"skills.{named}")
    if step.teams:
        paths.append("teams")
    if step.kind is not AgentKind.NONE or step.unless_kind is not AgentKind.NONE:
        paths.append("kind")
    if step.filter:
        paths += compiled(step.filter).agent_reads
    return tuple(sorted(set(paths)))


def unsuited(step: WorkflowStep, agent: Facts, task: Facts) -> Unsuited | None:
    """Return why an agent may not have a task in a step; None if it may."""
    if step.kind is not AgentKind.NONE and agent.get("kind", "") != step.kind:
        return Unsuited(f"is {agent.get('kind') or 'of no kind'}, not {step.kind}")
    if step.unless_kind is not AgentKind.NONE and agent.get("kind", "") == step.unless_kind:
        return Unsuited(f"is {step.unless_kind}, and this an operation")
    if (lacking := _lacking(step, agent, task)) is not None:
        return Unsuited(lacking)
    teams = agent.get("teams", ())
    if step.teams and not (isinstance(teams, tuple) and any(team in step.teams for team in teams)):
        return Unsuited(f"in none of the teams {', '.join(step.teams)}")
    return _kept_out(step.filter, agent, task) if step.filter else None


def _lacking(step: WorkflowStep, agent: Facts, task: Facts) -> str | None:
    """Return what an agent's skills lack, None if nothing."""
    wanted = step.skills
    if step.skill_from:
        named = _named_skill(step, task)
        if not named:
            return f"the task has no {step.skill_from}, which names a skill"
        wanted = {named: 1, **wanted}
    for name, least in wanted.items():
        level = agent.get(f"skills.{name}", 0)
        if not isinstance(level, int) or level < least:
            return f"skill {name} {level or 'missing'}, at least {least} is needed"
    return None


def _kept_out(text: str, agent: Facts, task: Facts) -> Unsuited | None:
    condition = compiled(text)
    verdict = condition.judge(agent, task)
    if verdict.holds:
        return None
    values = ", ".join(f"{path} is {_shown(value)}" for path, value in condition.values(agent, task).items())
    said = f"the filter fails ({verdict.why})" if verdict.why else "the filter does not hold"
    return Unsuited(f"{said}: {values}" if values else said, verdict.is_fault)


def ordering_skill(step: WorkflowStep, task: Facts) -> str:
    """Return the skill that a step's order goes by, empty if it goes by none."""
    if step.order is not Order.SKILL_LEVEL:
        return ""
    return next(iter(step.skills), "") or _named_skill(step, task)


def _named_skill(step: WorkflowStep, task: Facts) -> str:
    name = task.get(step.skill_from) if step.skill_from else None
    return name if isinstance(name, str) else ""


def _shown(value: object) -> str:
    return "not known" if value is None else repr(value)
