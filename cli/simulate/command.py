"""`dialer simulate`: what a mode of pacing would come to, before anybody is called."""

from pathlib import Path

import click

from cli.options import Shared, example, shared


@click.command(
    short_help="See what each way of pacing comes to, on invented days.",
    epilog=example(
        "dialer simulate stationary-20 --mode predictive",
        "dialer simulate realistic-20 --compare progressive,ratio:2,adaptive,predictive --plot days.png",
        "dialer simulate my-floor.toml --seeds 100 --jobs 8 --json",
        "dialer simulate --from-campaign spring",
    ),
)
@click.argument("scenario", required=False)
@click.option("--list", "lists", is_flag=True, help="Show the scenarios that come with the dialer.")
@click.option(
    "--from-campaign",
    "campaign",
    metavar="NAME",
    help="Estimate the scenario from what the database has of a campaign.",
)
@click.option("--mode", metavar="MODE", help="How to pace, such as ratio:2; default: what the scenario says.")
@click.option(
    "--compare", metavar="MODE,MODE...", help="The same days under each of them; the first is the measure."
)
@click.option("--seeds", type=click.IntRange(min=1), default=20, show_default=True, help="How many days.")
@click.option(
    "--first-seed", type=click.IntRange(min=0), default=1, show_default=True, help="That of the first day."
)
@click.option("--jobs", type=click.IntRange(min=1), help="How many processes; default: one a core.")
@click.option(
    "--calls", metavar="FILE.csv", type=click.Path(path_type=Path), help="Write every attempt with its times."
)
@click.option("--plot", metavar="FILE.png|svg", type=click.Path(path_type=Path), help="Draw the days.")
@shared
def simulate(
    options: Shared,
    /,
    *,
    scenario: str | None,
    lists: bool,
    campaign: str | None,
    mode: str | None,
    compare: str | None,
    seeds: int,
    first_seed: int,
    jobs: int | None,
    calls: Path | None,
    plot: Path | None,
) -> None:
    """Run the dialer's own engine in virtual time with invented people, agents and trunks; nobody is called.

    SCENARIO is a TOML file or the name of one that comes with the dialer. Every figure has its 95 % interval. Modes that
    are compared meet the same people. Ctrl-C ends it and shows the days that are done.
    """
    from cli.simulate.asking import Wish, ask
    from cli.simulate.running import draw_days, run
    from cli.simulate.telling import tell, tell_presets

    if lists:
        tell_presets(as_json=options.json)
        return
    wish = Wish(scenario=scenario, campaign=campaign, mode=mode, compare=compare)
    experiment = ask(options, wish, seeds=range(first_seed, first_seed + seeds), calls=calls, plot=plot)
    done = run(experiment, jobs=jobs)
    tell(experiment, done, as_json=options.json)
    draw_days(experiment, done)
    if done.interrupted:
        raise click.exceptions.Exit(1)
