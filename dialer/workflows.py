"""Workflows as people write them, TOML or JSON: read, checked with the place of each mistake, and made into steps.

`relax` makes several steps of one: the skills that are asked for become less, or the teams more, as time goes by.
"""

import json
import tomllib
from collections.abc import Collection, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec

from dialer.core.allocation.expression import compiled
from dialer.core.allocation.profile import MAX_LEVEL, AgentKind, Level, SkillName, TeamName
from dialer.core.allocation.service_queue import Order
from dialer.core.allocation.workflow import (
    Overflow,
    Seconds,
    StepName,
    Then,
    Workflow,
    WorkflowName,
    WorkflowStep,
)
from dialer.errors import ConfigError
from dialer.toml_errors import in_words

SHIPPED = Path(__file__).parent / "shipped_workflows"
"""Workflows that come with the package, by name."""

_THEN = tuple(then.value for then in Then if then is not Then.WORKFLOW)
_TO_WORKFLOW = "workflow:"

Asked = Annotated[int, msgspec.Meta(ge=0, le=MAX_LEVEL)]
"""A level; 0 asks for the skill no longer."""


class Relaxation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a step asks for after some time; what is not named stays as it is."""

    after_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)]
    """Since the step began."""
    skills: dict[SkillName, Asked] = {}
    """Levels from then on; 0 asks for the skill no longer."""
    teams: tuple[TeamName, ...] | None = None
    """Teams from then on; an empty list: all agents."""


class StepText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[step]]`."""

    name: StepName
    """For people, and to go on in the same step when the workflow changes; each step has another."""
    when: str = ""
    """Condition on `task.*`; the step is passed over by tasks for which it does not hold."""
    filter: str = ""
    """Condition on `agent.*` and `task.*`."""
    skills: dict[SkillName, Level] = {}
    """The least level of each, such as `{ billing = 3 }`."""
    skill_from: str = ""
    """The attribute of the task that names one more skill, such as `operation`."""
    teams: tuple[TeamName, ...] = ()
    """An agent of any of them; none listed: of all and of none."""
    kind: AgentKind = AgentKind.NONE
    """`remote` or `seat`; empty: either, or none."""
    order: Order = Order.LONGEST_FREE
    """Who of several agents comes first; `skill_level` goes by the first of `skills`, or by `skill_from`."""
    last_agent_first: bool = False
    """Whether whoever served this customer last comes before all others."""
    priority_s: Seconds = 0.0
    """Head start in seconds: the task is served as if it had come so much earlier."""
    timeout_s: Annotated[float, msgspec.Meta(ge=1, le=86_400)] | None = None
    """After so many seconds the task goes on; None: it waits."""
    relax: tuple[Relaxation, ...] = ()
    """What is asked for less and less: a list of `{ after_s = 20, skills = { billing = 2 } }`."""
    overflow: str = ""
    """Where the task goes after `timeout_s`; empty: to the next step."""


class WorkflowText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    name: WorkflowName
    step: Annotated[tuple[StepText, ...], msgspec.Meta(min_length=1, max_length=50)]
    """At least one `[[step]]`, in order."""
    overflow: str = ""
    """Where a task goes after the last step: `message`, `callback`, `end` or `workflow:NAME`."""
    default: str = ""
    """Where a task goes for which there is no step; as `overflow`."""


class Known(NamedTuple):
    """What there is that a workflow may name."""

    skills: Collection[str]
    teams: Collection[str]
    attributes: Collection[str]
    workflows: Collection[str]
    strict_skills: bool = False
    """Whether the configuration lists the skills: another one is a mistake, not merely held by nobody."""
    strict_teams: bool = False


def find(name: str) -> Path:
    """Return the file of that path, or the shipped workflow of that name.

    Raises:
        ConfigError: If there is neither.
    """
    path = Path(name)
    if path.is_file():
        return path
    shipped = {one.stem: one for one in sorted(SHIPPED.glob("*.toml"))}
    if name in shipped:
        return shipped[name]
    raise ConfigError(f"{name}: no such file, and no workflow that ships: those are {', '.join(shipped)}")


def load(path: Path) -> Workflow:
    """Read a workflow; its version is 0 until it is kept.

    Raises:
        ConfigError: If it cannot be read or is none; the text names the place and a remedy.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    try:
        return of_text(text, is_json=path.suffix == ".json")
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def of_text(text: str, *, is_json: bool = False) -> Workflow:
    """Return the workflow that a text says.

    Raises:
        ConfigError: If it says none.
    """
    raw = _parsed(text, is_json=is_json)
    try:
        written = msgspec.convert(raw, WorkflowText)
    except msgspec.ValidationError as error:
        said = in_words(error, raw, WorkflowText, convert=msgspec.convert)
        raise ConfigError(_by_number(said, raw)) from error
    steps = [step for number, one in enumerate(written.step, 1) for step in _steps(number, one)]
    workflow = Workflow(
        name=written.name,
        steps=tuple(steps),
        overflow=_overflow("overflow", written.overflow),
        default=_overflow("default", written.default),
    )
    _check_course(written, workflow)
    return workflow


def _parsed(text: str, *, is_json: bool) -> dict[str, Any]:
    try:
        raw = json.loads(text) if is_json else tomllib.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(f"not JSON: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}") from error
    except RecursionError as error:
        raise ConfigError("too deep: a workflow has steps, and steps have values") from error
    if not isinstance(raw, dict):
        raise ConfigError("not a workflow: it begins with { and has name and step")
    return raw


def _by_number(said: str, raw: dict[str, Any]) -> str:
    """Return what is wrong with the step that it is in counted from one, and called by its name."""
    head, _, rest = said.partition(".")
    index, _, within = rest.partition(".")
    number, _, _ = index.partition(":")
    if head != "step" or not number.isdecimal():
        return said
    one = raw["step"][int(number)]
    name = one.get("name") if isinstance(one, dict) else None
    return f"{_place(int(number) + 1, name)}: {within or index.partition(': ')[2]}"


def _place(number: int, name: object) -> str:
    return f"step {number} {name!r}" if isinstance(name, str) else f"step {number}"


# --- steps -------------------------------------------------------------------------------------------


def _steps(number: int, one: StepText) -> Iterator[WorkflowStep]:
    """Return the steps that one is, several if it asks for less as time goes by."""
    place = _place(number, one.name)
    _check_conditions(place, one)
    times = [0.0, *(each.after_s for each in one.relax)]
    if any(later <= sooner for sooner, later in pairwise(times)):
        raise ConfigError(f"{place}: relax: after_s has to grow from one to the next")
    if one.timeout_s is not None and times[-1] >= one.timeout_s:
        raise ConfigError(
            f"{place}: relax: after {times[-1]:g} s the step is over, as timeout_s is {one.timeout_s:g}"
        )
    if one.overflow and one.timeout_s is None:
        raise ConfigError(f"{place}: overflow needs timeout_s: without it the task waits here for ever")
    skills, teams = dict(one.skills), one.teams
    for index, begins in enumerate(times):
        if index:
            skills, teams = _relaxed(place, one.relax[index - 1], skills, teams)
        is_last = index + 1 == len(times)
        yield WorkflowStep(
            name=one.name if not index else f"{one.name}, after {begins:g} s",
            when=one.when,
            filter=one.filter,
            skills=skills,
            skill_from=one.skill_from,
            teams=teams,
            kind=one.kind,
            order=one.order,
            last_agent_first=one.last_agent_first,
            priority_s=one.priority_s,
            timeout_s=_lasts(one.timeout_s, begins) if is_last else times[index + 1] - begins,
            overflow=_overflow(f"{place}: overflow", one.overflow) if is_last else None,
        )


def _lasts(timeout_s: float | None, begins: float) -> float | None:
    return None if timeout_s is None else timeout_s - begins


def _relaxed(
    place: str, by: Relaxation, skills: dict[str, int], teams: tuple[str, ...]
) -> tuple[dict[str, int], tuple[str, ...]]:
    for name, level in by.skills.items():
        if level > skills.get(name, 0):
            raise ConfigError(
                f"{place}: relax: after {by.after_s:g} s skill {name} is asked for at {level}, "
                f"which is more than before ({skills.get(name, 0)}): ask for less"
            )
    less = {name: by.skills.get(name, level) for name, level in skills.items()}
    return {name: level for name, level in less.items() if level}, teams if by.teams is None else by.teams


def _overflow(place: str, text: str) -> Overflow | None:
    if not text:
        return None
    if text.startswith(_TO_WORKFLOW):
        return Overflow(Then.WORKFLOW, text.removeprefix(_TO_WORKFLOW))
    if text not in _THEN:
        raise ConfigError(f"{place}: {text!r} is none of {', '.join(_THEN)} and {_TO_WORKFLOW}NAME")
    return Overflow(Then(text))


# --- checks ------------------------------------------------------------------------------------------


def _check_conditions(place: str, one: StepText) -> None:
    for key, text in (("when", one.when), ("filter", one.filter)):
        if not text:
            continue
        try:
            condition = compiled(text)
        except ConfigError as error:
            raise ConfigError(f"{place}: {key}, {error}") from error
        if key == "when" and condition.agent_reads:
            raise ConfigError(
                f"{place}: when reads agent.{condition.agent_reads[0]}: it is about the task alone; use filter"
            )
    if one.order is Order.SKILL_LEVEL and not (one.skills or one.skill_from):
        raise ConfigError(f"{place}: order skill_level needs skills, to go by the first of them")


def _check_course(written: WorkflowText, workflow: Workflow) -> None:
    """Make sure that each step can be reached, and that there is something after each."""
    names = [one.name for one in written.step]
    for number, one in enumerate(written.step, 1):
        if one.name in names[: number - 1]:
            raise ConfigError(
                f"{_place(number, one.name)}: another step has this name: give it one of its own"
            )
        if not one.when and one.timeout_s is None and number < len(names):
            raise ConfigError(
                f"{_place(number + 1, names[number])} is never reached, as every task waits in "
                f"{one.name!r}: give that one timeout_s or when, or take this one out"
            )
    if (
        any(one.timeout_s is not None and not one.overflow for one in _may_be_last(written))
        and not workflow.overflow
    ):
        raise ConfigError(
            f"overflow is missing: a task that nobody took in the last step has to go somewhere; say "
            f"{', '.join(_THEN)} or {_TO_WORKFLOW}NAME, or leave timeout_s out of the last step"
        )
    if all(one.when for one in written.step) and workflow.default is None:
        raise ConfigError(
            "default is missing: every step has `when`, so there may be none for a task; say where it goes, "
            "or leave `when` out of the last step"
        )


def _may_be_last(written: WorkflowText) -> Iterator[StepText]:
    """Return the steps after which there may be none for a task."""
    for one in reversed(written.step):
        yield one
        if not one.when:
            return


class Finding(NamedTuple):
    """What is doubtful, or wrong, about a workflow beside what there is."""

    text: str
    is_mistake: bool


def examine(workflow: Workflow, known: Known) -> Iterator[Finding]:
    """Return what a workflow names that is not there, each once."""
    for then in (workflow.default, workflow.overflow, *(step.overflow for step in workflow.steps)):
        if (
            then is not None
            and then.to is Then.WORKFLOW
            and then.workflow not in (workflow.name, *known.workflows)
        ):
            yield Finding(
                f"it goes on in the workflow {then.workflow!r}, which is not loaded: load that one first",
                True,
            )
    told: set[tuple[str, str]] = set()
    for step in workflow.steps:
        for kind, name in _named(step):
            if (kind, name) in told:
                continue
            told.add((kind, name))
            if (found := _unknown(kind, name, known)) is not None:
                yield Finding(f"step {step.name!r}: {found.text}", found.is_mistake)


def _named(step: WorkflowStep) -> Iterator[tuple[str, str]]:
    yield from (("skill", name) for name in step.skills)
    yield from (("team", name) for name in step.teams)
    for path in compiled(step.filter).agent_reads if step.filter else ():
        if path.startswith("skills."):
            yield "skill", path.removeprefix("skills.")
        elif path not in ("teams", "kind"):
            yield "attribute", path


def _unknown(kind: str, name: str, known: Known) -> Finding | None:
    there, is_strict = {
        "skill": (known.skills, known.strict_skills),
        "team": (known.teams, known.strict_teams),
        "attribute": (known.attributes, False),
    }[kind]
    if name in there:
        return None
    if is_strict:
        return Finding(f"the configuration has no {kind} {name!r}: there are {', '.join(there)}", True)
    return Finding(
        f"no agent has the {kind} {name!r}" if kind != "team" else f"no agent is in team {name!r}", False
    )
