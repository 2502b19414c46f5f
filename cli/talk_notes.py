"""What people write about a talk, and what is known of its customer: `dialer agent note|form|work`, `dialer call note|form`."""

from typing import TYPE_CHECKING

import click

from cli.options import Shared, Workplace, example, shared
from cli.output import local_time, print_answer, print_fields, print_json, print_table
from cli.task import in_full

if TYPE_CHECKING:
    from dialer.core.ids import AgentId
    from dialer.reports.work import Work


@click.command(
    short_help="Write a note about an agent's talk.",
    epilog=example('dialer agent note anna "Asked for the loan of last year; wants two months"'),
)
@click.argument("name")
@click.argument("text")
@shared
def note(options: Shared, /, name: str, text: str) -> None:
    """Write a note about an agent's talk, for whoever speaks with the customer next."""
    _write(options, "note", text, agent=name)


@click.command(
    short_help="Keep the answers of a form of a talk.",
    epilog=example("""dialer agent form anna '{"contract": "A-17", "months": 2}'"""),
)
@click.argument("name")
@click.argument("answers")
@shared
def form(options: Shared, /, name: str, answers: str) -> None:
    """Keep the answers of a form that is filled in during an agent's talk.

    ANSWERS is one JSON object; a later one replaces it.
    """
    _write(options, "form", answers, agent=name)


@click.command("note", epilog=example('dialer call note 4b1f-17 "Called back by mail"'))
@click.argument("attempt")
@click.argument("text")
@shared
def call_note(options: Shared, /, attempt: str, text: str) -> None:
    """Write a note about an attempt."""
    _write(options, "note", text, attempt=attempt)


@click.command(
    "form",
    short_help="Keep the answers of a form of an attempt.",
    epilog=example("""dialer call form 4b1f-17 '{"contract": "A-17"}'"""),
)
@click.argument("attempt")
@click.argument("answers")
@shared
def call_form(options: Shared, /, attempt: str, answers: str) -> None:
    """Keep the answers of a form about an attempt.

    ANSWERS is one JSON object; a later one replaces it.
    """
    _write(options, "form", answers, attempt=attempt)


@click.command(
    short_help="Show what is known of an agent's customer.", epilog=example("dialer agent work bert --json")
)
@click.argument("name")
@shared
def work(options: Shared, /, name: str) -> None:
    """Show the record of the talk that an agent is in, wraps up, or is about to be given, or of the lead it is shown.

    Who it is, who handed the customer over, the form, earlier attempts and notes; and each text session in hand.
    """
    from msgspec import to_builtins

    from dialer.reports.work import work_of
    from dialer.storage import agents, tasks

    with options.open() as place, place.database.read() as connection:
        agent_id = agents.find(connection, place.workspace_id, name).agent_id
        found = work_of(connection, place.workspace_id, agent_id)
        texts = [in_full(row) for row in tasks.of_agent(connection, place.workspace_id, agent_id)]
    if options.json:
        print_json((to_builtins(found) if found else {}) | {"tasks": texts} if found or texts else None)
        return
    if found is None and not texts:
        click.echo(f"{name} has no customer now.", err=True)
    if found is not None:
        _show(found)
    for text in texts:
        print_fields(text, as_json=False)


def _show(found: "Work") -> None:
    by = found.handed_over
    came = "" if by is None else f"{by.way} from {by.agent}, {by.outcome or 'on the way'}"
    print_fields(
        {"attempt": found.attempt, "campaign": found.campaign, "number": found.number, "handed_over": came}
        | dict(found.attributes)
        | {f"form: {name}": answer for name, answer in found.form.items()},
        as_json=False,
    )
    print_table(
        ("attempt", "started", "outcome", "disposition", "agent"),
        [
            (
                one.attempt,
                local_time(one.started_at) or "",
                *map(_word, (one.outcome, one.disposition, one.agent)),
            )
            for one in found.history
        ],
    )
    if found.skips:
        rows = [(local_time(one.at) or "", one.agent, one.reason) for one in found.skips]
        print_table(("skipped", "by", "reason"), rows)
    if found.notes:
        rows = [(local_time(one.at) or "", one.agent or one.who, one.text) for one in found.notes]
        print_table(("noted", "by", "note"), rows)


def _word(value: str | None) -> str:
    return value or ""


def _write(options: Shared, kind: str, text: str, *, agent: str = "", attempt: str = "") -> None:
    from cli.ask import who
    from dialer.live.clock import Clock
    from dialer.storage import notes

    with options.open() as place:
        agent_id, about = _about(place, agent) if agent else (None, attempt)
        writing = notes.Writing(
            at=Clock().now(),
            attempt_id=about,
            kind=notes.NoteKind(kind),
            text=text,
            who=who(),
            agent_id=agent_id,
        )
        with place.database.write() as connection:
            notes.add(connection, place.workspace_id, writing)
    print_answer(f"The {kind} is kept with attempt {about}.", {"attempt": about}, as_json=options.json)


def _about(place: Workplace, name: str) -> "tuple[AgentId, str]":
    """Return an agent, and the attempt that the agent is busy with."""
    from dialer.errors import RuleError
    from dialer.storage import agents, notes

    with place.database.read() as connection:
        row = agents.find(connection, place.workspace_id, name)
        attempt_id = notes.attempt_of(connection, row.agent_id)
    if attempt_id is None:
        raise RuleError(
            f"{name} is {row.state}, with no talk to write about: `dialer call note ATTEMPT` takes any attempt"
        )
    return row.agent_id, attempt_id
