"""`dialer agent call|skip`: what an agent decides about the lead that it is shown before the call."""

import click

from cli.options import Shared, example, shared


@click.command(
    "call",
    short_help="Call the lead that an agent is shown.",
    epilog=example("dialer agent call anna"),
)
@click.argument("name")
@shared
def call_lead(options: Shared, /, name: str) -> None:
    """Call the lead that an agent is shown, for that agent; `dialer agent work` shows it."""
    from cli.agent import find_agent
    from cli.ask import ask
    from dialer.core.requests import CallLead

    with options.open() as place:
        ask(place, CallLead(agent_id=find_agent(place, name)), as_json=options.json)


@click.command(
    "skip",
    short_help="Put off the lead that an agent is shown.",
    epilog=example("dialer agent skip anna --reason 'asked for a letter'"),
)
@click.argument("name")
@click.option("--reason", default="", help="Why; kept with who skipped it, for whoever is shown it next.")
@shared
def skip_lead(options: Shared, /, name: str, reason: str) -> None:
    """Put off the lead that an agent is shown, and show the next one.

    The campaign's retry rule `skipped` says how often that may be, and when the lead comes again.
    """
    from cli.agent import find_agent
    from cli.ask import ask
    from dialer.core.requests import SkipLead

    with options.open() as place:
        ask(place, SkipLead(agent_id=find_agent(place, name), reason=reason), as_json=options.json)
