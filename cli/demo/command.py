"""`dialer demo`: the whole thing on this machine, calling nobody."""

import click

from cli.options import Shared, example, shared


@click.command(
    short_help="See it all at work, calling nobody.",
    epilog=example(
        "dialer demo",
        "dialer demo --agents 20 --mode ratio --ratio 3",
        "dialer demo --seconds 30 --json --keep",
        "dialer demo --backend asterisk --agents 20",
    ),
)
@click.option(
    "--agents", type=click.IntRange(1, 190), default=5, show_default=True, help="How many take calls."
)
@click.option(
    "--leads", type=click.IntRange(1, 2600), help="How many are called; default: enough for the agents."
)
@click.option("--seconds", type=click.FloatRange(min=1), help="Stop calling after so long.")
@click.option(
    "--mode",
    type=click.Choice(["progressive", "ratio", "predictive"]),
    help="How to pace; default: ratio if --ratio is given.",
)
@click.option(
    "--ratio", type=click.FloatRange(1, 10), help="Calls per free agent; default 1.5 in mode ratio."
)
@click.option(
    "--backend",
    type=click.Choice(["sip", "asterisk"]),
    default="sip",
    show_default=True,
    help="What places the calls: the dialer itself, or an Asterisk that is started for it.",
)
@click.option("--keep", is_flag=True, help="Keep the database and the logs.")
@shared
def demo(
    options: Shared,
    /,
    *,
    agents: int,
    leads: int | None,
    seconds: float | None,
    mode: str | None,
    ratio: float | None,
    backend: str,
    keep: bool,
) -> None:
    """Import a list, call it over SIP on loopback, bridge it to agents, report it: nobody is called.

    An emulated carrier plays people, machines, busy numbers and more; emulated softphones play agents.
    The demo checks itself: exit code 1 if an outcome, or the sound of a talk, is not as it should be.
    """
    from cli.demo.show import Plan, pacing, perform, print_shown, workshop
    from cli.demo.stage import Backend

    how, calls = pacing(mode, ratio)
    plan = Plan(agents=agents, mode=how, ratio=calls, leads=leads, seconds=seconds, backend=Backend(backend))
    with workshop(keep=keep) as directory:
        shown = perform(plan, directory)
    print_shown(shown, directory if keep else None, as_json=options.json)
    if shown.verdict.problems:
        raise click.exceptions.Exit(1)
