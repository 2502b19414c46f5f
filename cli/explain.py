"""`dialer call explain`: what a refusal would become, without a call."""

from typing import TYPE_CHECKING, Any

import click

from cli.options import Shared, example, shared
from cli.output import print_fields

if TYPE_CHECKING:
    from dialer.core.states import EndCause, Outcome


@click.command(
    short_help="Say what a refusal of the network's would become, and why.",
    epilog=example(
        "dialer call explain --trunk main --sip 480 --q850 20",
        'dialer call explain --trunk main --sip 503 --text "Subscriber switched off"',
    ),
)
@click.option("--trunk", required=True, help="The route whose table is asked, as the configuration names it.")
@click.option("--sip", "sip_code", type=click.IntRange(300, 699), required=True, help="The final SIP code.")
@click.option("--q850", type=click.IntRange(0, 127), help="The Q.850 cause of its Reason header.")
@click.option("--text", default="", help="Its words: the phrase of the first line, Reason, Warning.")
@click.option("--rang", is_flag=True, help="The number had rung before.")
@shared
def explain(
    options: Shared, /, *, trunk: str, sip_code: int, q850: int | None, text: str, rang: bool
) -> None:
    """Ask the trunk's table (`causes`), then the general one, as a call would; nobody is called.

    `again` is what follows for the lead unless the campaign's retry rules say otherwise.
    """
    from dialer.core.events import LegEnded
    from dialer.core.ids import LegId
    from dialer.core.rules.carrier_faults import is_carrier_fault
    from dialer.core.states import UNANSWERED_OUTCOMES
    from dialer.errors import ConfigError
    from telephony.causes import reading

    config = options.load_config()
    if trunk not in config.trunks:
        raise ConfigError(f"no trunk is called {trunk!r}: there are {', '.join(config.trunks) or 'none'}")
    read = reading(sip_code, q850, text=text, says=config.trunks[trunk].words().says)
    outcome = UNANSWERED_OUTCOMES[read.cause]
    end = LegEnded(at=0.0, leg_id=LegId(""), cause=read.cause, sip_code=sip_code, q850=q850, text=text)
    fault = is_carrier_fault(end, rang=rang)
    print_fields(
        _fields(read.cause, outcome, why=read.why)
        | {"carrier_fault": fault, "again": _again(outcome, fault=fault)},
        as_json=options.json,
    )


def _fields(cause: "EndCause", outcome: "Outcome", *, why: str) -> dict[str, Any]:
    return {"end_cause": str(cause), "outcome": str(outcome), "why": why}


def _again(outcome: "Outcome", *, fault: bool) -> str:
    from dialer.core.settings import DEFAULT_RETRY

    rule = DEFAULT_RETRY.get(outcome)
    if fault:
        return "yes: the carrier's fault, which costs the lead nothing"
    if rule is None or rule.attempts < 2:
        return "no: the lead is finished"
    return f"{rule.attempts} times at most, {rule.minutes:g} minutes later"
