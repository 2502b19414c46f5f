"""`dialer workflow`: how work finds its agent."""

from typing import TYPE_CHECKING, Any

import click

from cli.options import Shared, Workplace, example, shared
from cli.output import local_time, print_answer, print_fields, print_json, print_rows, print_table, text
from cli.profiles import Pair, scalar

if TYPE_CHECKING:
    from dialer.config import Config
    from dialer.core.allocation.workflow import Workflow
    from dialer.reports.workflow_trial import Trial
    from dialer.workflows import Known


@click.group()
def workflow() -> None:
    """Say step by step who may take which work."""


@workflow.command(
    short_help="Look for mistakes in a workflow.",
    epilog=example("dialer workflow check support.toml", "dialer workflow check remote-to-seat"),
)
@click.argument("file", metavar="FILE")
@shared
def check(options: Shared, /, file: str) -> None:
    """Look for mistakes in a workflow, and for what it names that nobody has.

    FILE is TOML, or JSON if it is called so; or the name of a workflow that ships.
    """
    found, said = _examined(options, file)
    fields = {"workflow": found.name, "steps": len(found.steps), "doubts": said}
    print_answer(f"Workflow {found.name!r} is all right: {_steps(found)}.", fields, as_json=options.json)
    _doubt(options, said)


@workflow.command(
    short_help="Keep a workflow, and let the run go by it.",
    epilog=example("dialer workflow load support.toml", "dialer workflow load remote-to-seat"),
)
@click.argument("file", metavar="FILE")
@shared
def load(options: Shared, /, file: str) -> None:
    """Keep a workflow as a new version, and let the run go by it; tasks under way finish in the version they are in.

    FILE is as for `dialer workflow check`; loading the same again changes nothing.
    """
    from cli.ask import tell
    from dialer.core.requests import TakeUpWorkflow
    from dialer.live.clock import Clock
    from dialer.storage import workflows

    found, said = _examined(options, file)
    with options.open() as place:
        with place.database.write() as connection:
            kept = workflows.keep(connection, place.workspace_id, found, at=Clock().now())
        tell(place, TakeUpWorkflow(workflow=found.name))
    version = kept.workflow.version
    sentence = f"Workflow {found.name!r} is kept as version {version}: {_steps(found)}."
    if not kept.is_new:
        sentence = f"Workflow {found.name!r} is as it was: version {version}."
    fields = {"workflow": found.name, "version": version, "new": kept.is_new, "doubts": said}
    print_answer(sentence, fields, as_json=options.json)
    _doubt(options, said)


@workflow.command("list", epilog=example("dialer workflow list --json"))
@shared
def list_workflows(options: Shared, /) -> None:
    """List the workflows that are kept."""
    from dialer.storage import workflows

    with options.open() as place, place.database.read() as connection:
        found = workflows.newest(connection, place.workspace_id)
    rows = (
        {
            "workflow": row.name,
            "version": row.workflow.version,
            "steps": [step.name for step in row.workflow.steps],
            "since": local_time(row.made_at),
        }
        for row in found
    )
    print_rows(rows, as_json=options.json, empty="There is no workflow; `dialer workflow load` keeps one.")


@workflow.command(epilog=example("dialer workflow show support", "dialer workflow show support --version 1"))
@click.argument("name")
@click.option("--version", type=click.IntRange(min=1), help="An earlier version; default: the newest.")
@shared
def show(options: Shared, /, name: str, version: int | None) -> None:
    """Show a workflow's steps, those made by `relax` one by one."""
    import msgspec

    from dialer.storage import workflows

    with options.open() as place, place.database.read() as connection:
        row = workflows.find(connection, place.workspace_id, name, version)
    if options.json:
        print_json(msgspec.to_builtins(row.workflow))
        return
    fields: dict[str, Any] = msgspec.to_builtins(row.workflow)
    steps = fields.pop("steps")
    fields |= {key: _then(fields[key]) for key in ("overflow", "default") if key in fields}
    print_fields(fields | {"since": local_time(row.made_at)}, as_json=False)
    for step in steps:
        own = {"overflow": _then(step["overflow"])} if "overflow" in step else {}
        click.echo()
        print_fields({"step": step.pop("name")} | step | own, as_json=False)


@workflow.command(
    short_help="Say who would get a task, and why nobody else.",
    epilog=example(
        "dialer workflow test support --attribute lang=de --attribute value=120",
        "dialer workflow test support --attribute operation=refund --channel text",
    ),
)
@click.argument("name")
@click.option(
    "--attribute",
    "attributes",
    type=Pair("NAME=VALUE"),
    multiple=True,
    help="What the task has; again for more.",
)
@click.option(
    "--channel",
    type=click.Choice(["voice", "video", "text"]),
    default="voice",
    show_default=True,
    help="What the task comes by.",
)
@click.option("--volume", type=click.IntRange(min=1), default=1, show_default=True, help="Of a text task.")
@click.option("--line", default="", metavar="NAME", help="The queue or campaign that it belongs to.")
@click.option("--file", metavar="FILE", help="Try this file instead of what is kept; NAME is not read then.")
@shared
def test(options: Shared, /, name: str, file: str | None, **given: Any) -> None:
    """Say who would get a task of these attributes, step by step, and why each other agent would not.

    Agents are taken as they are on record now; nothing is given to anybody.
    """
    from dialer.core.allocation.capacity import Channel, Demand
    from dialer.core.allocation.workflow import task_facts
    from dialer.reports.workflow_trial import trial
    from dialer.storage import agents, workflows

    config = options.load_config()
    channel = Channel(given["channel"])
    facts = task_facts(
        {key: scalar(value) for key, value in given["attributes"]}, channel=channel, line=given["line"]
    )
    with options.open() as place, place.database.read() as connection:
        found = (
            _examined(options, file)[0]
            if file
            else workflows.find(connection, place.workspace_id, name).workflow
        )
        people = agents.every(connection, place.workspace_id)
    demand = Demand(channel, given["volume"] if channel is Channel.TEXT else 0)
    result = trial(found, people, config.shared_limits(), facts, demand)
    if options.json:
        print_json(_as_fields(found, result))
    else:
        _print_trial(result)


def _as_fields(found: "Workflow", result: "Trial") -> dict[str, object]:
    return {
        "workflow": found.name,
        "version": found.version,
        "takes": result.takes or None,
        "step": result.step or None,
        "text": result.said,
        "steps": [
            step._asdict() | {"candidates": [each._asdict() for each in step.candidates]}
            for step in result.steps
        ],
    }


def _print_trial(result: "Trial") -> None:
    for step in result.steps:
        if step.passed_over:
            click.echo(f"Step {step.step!r} is passed over: {step.passed_over}\n")
            continue
        said = f"{step.takes} gets it" if step.takes else f"nobody can take it now; {step.then}"
        click.echo(f"Step {step.step!r}: {said}")
        rows = [[each.agent, text(each.place), each.why or "could have it"] for each in step.candidates]
        if rows:
            print_table(["agent", "place", "why"], rows)
        click.echo()
    click.echo(f"{result.said[:1].upper()}{result.said[1:]}.")


def _examined(options: Shared, file: str) -> "tuple[Workflow, list[str]]":
    """Return a workflow and what is doubtful about it.

    Raises:
        ConfigError: If something is wrong with it.
    """
    from dialer import workflows
    from dialer.errors import ConfigError

    path = workflows.find(file)
    found = workflows.load(path)
    with options.open() as place:
        findings = list(workflows.examine(found, _known(place, options.load_config())))
    if mistakes := [finding.text for finding in findings if finding.is_mistake]:
        raise ConfigError(f"{path}: {'; '.join(mistakes)}")
    return found, [finding.text for finding in findings]


def _known(place: Workplace, config: "Config") -> "Known":
    from dialer.storage import agents, workflows
    from dialer.workflows import Known

    with place.database.read() as connection:
        profiles = [row.profile for row in agents.every(connection, place.workspace_id)]
        names = [row.name for row in workflows.newest(connection, place.workspace_id)]
    return Known(
        skills=config.skills or {skill for profile in profiles for skill in profile.skills},
        teams=config.teams or {team for profile in profiles for team in profile.teams},
        attributes={attribute for profile in profiles for attribute in profile.attributes},
        workflows=names,
        strict_skills=bool(config.skills),
        strict_teams=bool(config.teams),
    )


def _doubt(options: Shared, said: list[str]) -> None:
    for each in [] if options.json else said:
        click.echo(f"Warning: {each}.", err=True)


def _steps(found: "Workflow") -> str:
    return f"{len(found.steps)} step{'s' if len(found.steps) > 1 else ''}, {', '.join(step.name for step in found.steps)}"


def _then(overflow: dict[str, str]) -> str:
    return overflow["to"] + (f" {overflow['workflow']}" if "workflow" in overflow else "")
