"""`dialer call test`: one real call, to see and hear what the carrier makes of it."""

import click

from cli.dnc import region_option
from cli.options import Shared, example, shared
from cli.parsing import check_caller_id
from cli.trial.place import Asked


@click.command(
    "test",
    short_help="Place one real call and say what came of it.",
    epilog=example(
        "dialer call test +12125550123 --trunk main",
        "dialer call test +12125550123 --trunk main --agent anna",
    ),
)
@click.argument("number")
@click.option("--trunk", required=True, help="The route to the carrier, as the configuration names it.")
@click.option("--agent", help="Call this agent's phone first, and let both hear each other.")
@click.option(
    "--seconds", type=click.FloatRange(min=1, max=300), default=5, show_default=True, help="How long to stay."
)
@click.option("--caller-id", callback=check_caller_id, help="The number shown; default: the trunk's.")
@region_option
@shared
def test(
    options: Shared,
    /,
    *,
    number: str,
    trunk: str,
    agent: str | None,
    seconds: float,
    caller_id: str | None,
    region: str,
) -> None:
    """Call a number for real, outside any run: the SIP ladder, delays, codec, audio both ways, caller id.

    The call costs what a call costs, and somebody's phone rings; who answers hears a short tone every two seconds, or
    the agent. Numbers on the do-not-call list are refused. Exit code 1 if something did not work.
    """
    from cli.doctor.findings import Health
    from cli.trial import show
    from cli.trial.outcome import carry_out

    asked = Asked(
        written=number, region=region, trunk=trunk, agent=agent, caller_id=caller_id or "", talk_s=seconds
    )
    click.echo(f"This is a real call through {trunk}.", err=True)
    placed, found = carry_out(options, asked, (lambda _: None) if options.json else show.climbing())
    show.print_told(show.told(placed, found), found, as_json=options.json)
    if any(one.health is Health.FAILURE for one in found):
        raise click.exceptions.Exit(1)
