"""`dialer task`: text sessions, which agents work on beside their calls."""

from typing import TYPE_CHECKING, Any

import click

from cli.options import Shared, Workplace, example, shared
from cli.output import local_time, print_answer, print_fields, print_rows
from cli.profiles import Pair, scalar

if TYPE_CHECKING:
    from dialer.core.ids import AgentId
    from dialer.core.requests import Request
    from dialer.storage.tasks import TaskRow

_attributes = click.option(
    "--attribute",
    "attributes",
    type=Pair("topic=billing"),
    multiple=True,
    help="What is known of it; may be given several times. Names and numbers of people do not belong here.",
)
_agent = click.option("--agent", required=True, metavar="NAME", help="Who says so.")


@click.group()
def task() -> None:
    """Bring text sessions in, and see to those that agents have."""


@task.command(
    short_help="Bring a text session in.",
    epilog=example(
        "dialer task add --queue support --attribute topic=billing --attribute lang=de",
        "dialer task add --queue support --weight 2 --key ticket-4711 --json",
    ),
)
@click.option("--queue", required=True, help="The line of business: one of [queues] of the configuration.")
@click.option(
    "--channel",
    type=click.Choice(["voice", "video", "text"]),
    default="text",
    help="Only text comes by itself.",
)
@click.option(
    "--weight", type=int, default=1, help="The volume that it takes of an agent's limit; default 1."
)
@_attributes
@click.option("--key", help="Adding again under the same key adds once.")
@shared
def add(options: Shared, /, attributes: tuple[tuple[str, str], ...], key: str | None, **given: Any) -> None:
    """Bring a text session in; it goes to an agent at once, or waits for one.

    The answer names the task, which is on record then and outlives the run.
    """
    from cli.ask import carry_out
    from dialer.core.requests import AddTask

    with options.open() as place:
        answer = carry_out(place, _request(AddTask, given | {"attributes": _scalars(attributes)}), key=key)
    fields = {"done": True, "task": answer.text.partition(" ")[0], "text": answer.text}
    print_answer(f"Done: {answer.text}.", fields, as_json=options.json)


@task.command(
    "list",
    short_help="List text sessions.",
    epilog=example("dialer task list --queue support", "dialer task list --over --json"),
)
@click.option("--queue", help="Of this one only.")
@click.option(
    "--over", is_flag=True, help="Those that are over, newest first, instead of those that are not."
)
@shared
def list_tasks(options: Shared, /, queue: str | None, over: bool) -> None:
    """List the text sessions that wait, are offered or worked on, oldest first; at most 1,000."""
    from dialer.storage import tasks

    with options.open() as place, place.database.read() as connection:
        found = tasks.every(connection, place.workspace_id, queue=queue, over=over)
    print_rows(map(in_short, found), as_json=options.json, empty="There is none.")


@task.command(short_help="Show a text session.", epilog=example("dialer task show 4b6pm7qt-55"))
@click.argument("task_id", metavar="TASK")
@shared
def show(options: Shared, /, task_id: str) -> None:
    """Show all that is known of a text session: its attributes, who has it, what came of it."""
    from dialer.storage import tasks

    with options.open() as place, place.database.read() as connection:
        row = tasks.find(connection, place.workspace_id, task_id)
    print_fields(in_full(row), as_json=options.json)


@task.command(
    "set",
    short_help="Change the attributes of a text session.",
    epilog=example("dialer task set 4b6pm7qt-55 --attribute topic=contract --attribute lang="),
)
@click.argument("task_id", metavar="TASK")
@_attributes
@shared
def set_attributes(options: Shared, /, task_id: str, attributes: tuple[tuple[str, str], ...]) -> None:
    """Set attributes; one that is set to nothing is taken away."""
    from dialer.core.requests import ChangeTask

    _ask(options, ChangeTask, {"task_id": task_id, "attributes": _scalars(attributes)})


@task.command(short_help="Accept an offer.", epilog=example("dialer task accept 4b6pm7qt-55 --agent anna"))
@click.argument("task_id", metavar="TASK")
@_agent
@shared
def accept(options: Shared, /, task_id: str, agent: str) -> None:
    """Let an agent work on what it was offered."""
    from dialer.core.requests import AcceptTask

    _ask(options, AcceptTask, {"task_id": task_id}, agent=agent)


@task.command(
    short_help="Decline an offer.",
    epilog=example("dialer task decline 4b6pm7qt-55 --agent anna --reason 'no French'"),
)
@click.argument("task_id", metavar="TASK")
@_agent
@click.option("--reason", default="", help="Why, for the record.")
@shared
def decline(options: Shared, /, task_id: str, agent: str, reason: str) -> None:
    """Have a text session offered to somebody else."""
    from dialer.core.requests import DeclineTask

    _ask(options, DeclineTask, {"task_id": task_id, "reason": reason}, agent=agent)


@task.command(
    short_help="Be done with a text session.",
    epilog=example("dialer task end 4b6pm7qt-55 --agent anna --result solved"),
)
@click.argument("task_id", metavar="TASK")
@_agent
@click.option("--result", default="", help="What came of it.")
@shared
def end(options: Shared, /, task_id: str, agent: str, result: str) -> None:
    """Be done with a text session, and free what it took of the agent's limit."""
    from dialer.core.requests import EndTask

    _ask(options, EndTask, {"task_id": task_id, "result": result}, agent=agent)


@task.command(
    short_help="End a text session whose customer left.",
    epilog=example("dialer task cancel 4b6pm7qt-55 --reason 'closed the page'"),
)
@click.argument("task_id", metavar="TASK")
@click.option("--reason", default="", help="Why, for the record.")
@shared
def cancel(options: Shared, /, task_id: str, reason: str) -> None:
    """End a text session whose customer left, wherever it is; an offer of it ends at once."""
    from dialer.core.requests import CancelTask

    _ask(options, CancelTask, {"task_id": task_id, "reason": reason})


@task.command(
    short_help="Hand a text session on.",
    epilog=example(
        "dialer task transfer 4b6pm7qt-55 --agent anna --to-agent berta",
        "dialer task transfer 4b6pm7qt-55 --agent anna --to-queue contracts --reason 'wants to cancel'",
    ),
)
@click.argument("task_id", metavar="TASK")
@_agent
@click.option(
    "--to-agent", metavar="NAME", help="Who shall have it; comes back if that one does not take it."
)
@click.option(
    "--to-queue", default="", metavar="NAME", help="Which queue it shall wait in, at its old place."
)
@click.option("--reason", default="", help="Why, for the record.")
@shared
def transfer(options: Shared, /, task_id: str, agent: str, to_agent: str | None, **given: str) -> None:
    """Hand a text session on to another agent or queue."""
    from dialer.core.requests import TransferTask

    _ask(options, TransferTask, {"task_id": task_id} | given, agent=agent, to_agent=to_agent)


def in_short(row: "TaskRow") -> dict[str, object]:
    """Return the columns of a session in a list."""
    return {
        "task": row.task_id,
        "queue": row.queue,
        "state": row.state.value,
        "agent": row.agent,
        "since": local_time(row.since_at),
        "arrived": local_time(row.arrived_at),
        "weight": row.weight,
    }


def in_full(row: "TaskRow") -> dict[str, object]:
    """Return all that is kept of a session."""
    return in_short(row) | {
        "channel": row.channel.value,
        "attributes": row.attributes,
        "ended_by": row.ended_by,
        "worked_s": row.worked_s,
        "result": row.result,
    }


def _ask(
    options: Shared,
    kind: "type[Request]",
    facts: dict[str, Any],
    *,
    agent: str = "",
    to_agent: str | None = None,
) -> None:
    from cli.ask import ask

    with options.open() as place:
        if agent:
            facts["agent_id"] = _find(place, agent)
        if to_agent is not None:
            facts["to_agent"] = _find(place, to_agent)
        ask(place, _request(kind, facts), as_json=options.json)


def _find(place: Workplace, name: str) -> "AgentId":
    from dialer.storage import agents

    with place.database.read() as connection:
        return agents.find(connection, place.workspace_id, name).agent_id


def _scalars(attributes: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    from dialer.core.allocation.profile import check_word
    from dialer.errors import ConfigError

    try:
        for name, _ in attributes:
            check_word(name)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    return {name: scalar(value) for name, value in attributes}


def _request(kind: "type[Request]", facts: dict[str, Any]) -> "Request":
    """Return a request, checked as the run will check it.

    Raises:
        ConfigError: If a value cannot be so.
    """
    import msgspec

    from dialer.errors import ConfigError

    try:
        return msgspec.convert(facts, kind)
    except msgspec.ValidationError as error:
        raise ConfigError(str(error)) from error
