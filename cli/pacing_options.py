"""`dialer campaign set`: how many calls a campaign starts for the agents who are free, changed while it runs."""

from collections.abc import Callable
from typing import Any

import click

from cli.options import Function, Shared, example, shared
from cli.output import print_fields
from cli.parsing import Retry
from dialer.core.preview_states import PreviewTimeout
from dialer.core.settings import AbandonWindow, PacingMode

MODES = tuple(str(mode) for mode in PacingMode if mode is not PacingMode.ADAPTIVE)


class _Mode(click.Choice[str]):
    """One of those that campaigns may be called by; says why not of the one that they may not."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value == PacingMode.ADAPTIVE:
            self.fail(
                "'adaptive' is there to be compared with in `dialer simulate`, and abandons more than the limit allows: "
                "use 'predictive'",
                param,
                ctx,
            )
        return super().convert(value, param, ctx)


def _window(_context: click.Context, _option: click.Parameter, name: str | None) -> AbandonWindow | None:
    return None if name is None else AbandonWindow(name.replace("-", " "))


def pacing_options(*, default: str | None) -> Callable[[Function], Function]:
    """Return a decorator that adds what says how a campaign is paced.

    Args:
        default: The mode without the option; None: the one that is there.
    """

    def add(function: Function) -> Function:
        mode = click.option(
            "--mode",
            type=_Mode(MODES),
            default=default,
            show_default=default is not None,
            help="One call for each free agent; a fixed number for each; as many as answers and free agents to come allow; "
            "none before an agent has seen the lead and wants the call; or calls without agents.",
        )
        ratio = click.option(
            "--ratio", type=click.FloatRange(min=1, max=10), help="Calls per free agent, with --mode ratio."
        )
        limit = click.option(
            "--abandon-limit",
            type=click.FloatRange(min=0, max=1, min_open=True, max_open=True),
            help="Share of the answered calls that may be abandoned; default 0.03.",
        )
        window = click.option(
            "--abandon-window",
            type=click.Choice(["day", "30-days"]),
            callback=_window,
            help="Over what that share is held: a day, or each 30 days of the campaign; default day.",
        )
        weight = click.option(
            "--weight",
            type=click.FloatRange(min=0, min_open=True),
            help="Campaigns that share agents start calls in proportion to it; default 1.",
        )
        score = click.option(
            "--score-attribute",
            help="Column of the list with the log-odds by which each lead's chance of an answer exceeds that of others.",
        )
        return mode(ratio(limit(window(weight(score(_preview_options(function)))))))

    return add


def _preview_options(function: Function) -> Function:
    within = click.option(
        "--preview-s",
        type=click.FloatRange(min=1, max=86_400),
        help="Seconds to decide about a lead, with --mode preview; default 60.",
    )
    timeout = click.option(
        "--preview-timeout",
        type=click.Choice([str(one) for one in PreviewTimeout]),
        help="What happens then: the lead is called, or skipped, or the agent is paused; default pause.",
    )
    yields = click.option(
        "--preview-yields/--no-preview-yields",
        default=None,
        help="Let a customer who waits have an agent who decides about a lead; default: no.",
    )
    return within(timeout(yields(function)))


@click.command(
    "set",
    short_help="Show or set how a campaign is paced.",
    epilog=example(
        "dialer campaign set spring --mode ratio --ratio 1.5",
        "dialer campaign set spring --mode preview --preview-s 90 --preview-timeout skip --retry skipped=2x1440",
        "dialer campaign set spring",
    ),
)
@click.argument("name")
@pacing_options(default=None)
@click.option("--retry", type=Retry(), multiple=True, help="When to try again, for each outcome.")
@shared
def set_pacing(options: Shared, /, name: str, **given: Any) -> None:
    """Show or set how a campaign is paced, at once if it runs; what is not named stays as it is."""
    from cli.ask import tell
    from cli.campaigns import change_pacing, find_campaign
    from dialer.core.requests import TakeUpSettings
    from dialer.core.settings import DEFAULT_RETRY

    changes = {key: value for key, value in given.items() if value not in (None, ())}
    with options.open() as place:
        row = change_pacing(place, name, changes) if changes else find_campaign(place, name)
        if changes:
            tell(place, TakeUpSettings(campaign_id=row.campaign_id))
    fields = {key: getattr(row.settings, key) for key in given}
    rules = DEFAULT_RETRY | row.settings.retry
    fields["retry"] = {str(one): f"{rule.attempts}x{rule.minutes:g}" for one, rule in rules.items()}
    print_fields({"campaign": row.name} | fields, as_json=options.json)
