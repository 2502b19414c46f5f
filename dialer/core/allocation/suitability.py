"""Whether an agent may have the tasks of a step: its skills, teams, kind, and the filter. The only place that decides it."""

from typing import NamedTuple

from dialer.core.allocation.expression import Facts, compiled
from dialer.core.allocation.profile import AgentKind, Profile
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


def reads(step: WorkflowStep) -> tuple[str, ...]:
    """Return what decides of an agent in a step, by path; agents who are alike there are judged alike."""
    paths = [f"skills.{name}" for name in step.skills]
    if step.teams:
        paths.append("teams")
    if step.kind is not AgentKind.NONE:
        paths.append("kind")
    if step.filter:
        paths += compiled(step.filter).agent_reads
    return tuple(sorted(set(paths)))


def unsuited(step: WorkflowStep, agent: Facts, task: Facts) -> Unsuited | None:
    """Return why an agent may not have a task in a step; None if it may."""
    if step.kind is not AgentKind.NONE and agent.get("kind", "") != step.kind:
        return Unsuited(f"is {agent.get('kind') or 'of no kind'}, not {step.kind}")
    for name, least in step.skills.items():
        level = agent.get(f"skills.{name}", 0)
        if not isinstance(level, int) or level < least:
            return Unsuited(f"skill {name} {level or 'missing'}, at least {least} is needed")
    teams = agent.get("teams", ())
    if step.teams and not (isinstance(teams, tuple) and any(team in step.teams for team in teams)):
        return Unsuited(f"in none of the teams {', '.join(step.teams)}")
    if not step.filter:
        return None
    condition = compiled(step.filter)
    verdict = condition.judge(agent, task)
    if verdict.holds:
        return None
    values = ", ".join(f"{path} is {_shown(value)}" for path, value in condition.values(agent, task).items())
    said = f"the filter fails ({verdict.why})" if verdict.why else "the filter does not hold"
    return Unsuited(f"{said}: {values}" if values else said, verdict.is_fault)


def _shown(value: object) -> str:
    return "not known" if value is None else repr(value)
