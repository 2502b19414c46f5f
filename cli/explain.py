"""`dialer call explain`: what a refusal or an announcement would become, without a call."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import Shared, example, shared
from cli.output import print_fields

if TYPE_CHECKING:
    from dialer.core.states import Outcome
    from dialer.network_words import NetworkWords
    from telephony.causes import Reading


@click.command(
    short_help="Say what a refusal or an announcement would become, and why.",
    epilog=example(
        "dialer call explain --trunk main --sip 480 --q850 20",
        'dialer call explain --trunk main --sip 503 --text "Subscriber switched off"',
        "dialer call explain --trunk main --recording heard.wav",
    ),
)
@click.option("--trunk", required=True, help="The route whose table is asked, as the configuration names it.")
@click.option("--sip", "sip_code", type=click.IntRange(300, 699), help="The final SIP code of a refusal.")
@click.option("--q850", type=click.IntRange(0, 127), help="The Q.850 cause of its Reason header.")
@click.option("--text", default="", help="Its words: the phrase of the first line, Reason, Warning.")
@click.option("--rang", is_flag=True, help="The number had rung before.")
@click.option(
    "--recording",
    type=click.Path(path_type=Path),
    help="A WAV (8 kHz, 16 bit, mono) of what was heard instead.",
)
@shared
def explain(
    options: Shared,
    /,
    *,
    trunk: str,
    sip_code: int | None,
    q850: int | None,
    text: str,
    rang: bool,
    recording: Path | None,
) -> None:
    """Ask the trunk's table (`causes`), then the general one, as a call would; nobody is called.

    `again` is what follows for the lead unless the campaign's retry rules say otherwise.
    """
    from dialer.core.ids import LegId
    from dialer.core.rules.carrier_faults import is_carrier_fault
    from dialer.core.states import UNANSWERED_OUTCOMES
    from dialer.core.switch_events import LegEnded

    if (sip_code is None) == (recording is None):
        raise click.UsageError("say one thing that was heard: --sip or --recording")
    words = _words(options, trunk)
    read = _read(words, sip_code, q850, text=text) if recording is None else _listen(words, recording)
    end = LegEnded(at=0.0, leg_id=LegId(""), cause=read.cause, sip_code=sip_code, q850=q850, text=text)
    outcome, fault = UNANSWERED_OUTCOMES[read.cause], is_carrier_fault(end, rang=rang)
    print_fields(
        {
            "end_cause": str(read.cause),
            "outcome": str(outcome),
            "why": read.why,
            "carrier_fault": fault,
            "again": _again(outcome, fault=fault),
        },
        as_json=options.json,
    )


def _words(options: Shared, trunk: str) -> "NetworkWords":
    from dialer.errors import ConfigError

    config = options.load_config()
    if trunk not in config.trunks:
        raise ConfigError(f"no trunk is called {trunk!r}: there are {', '.join(config.trunks) or 'none'}")
    return config.trunks[trunk].words()


def _read(words: "NetworkWords", sip_code: int | None, q850: int | None, *, text: str) -> "Reading":
    from telephony.causes import reading

    return reading(sip_code, q850, text=text, says=words.says)


def _listen(words: "NetworkWords", recording: Path) -> "Reading":
    from dialer.errors import ConfigError
    from telephony.audio.ear import listen
    from telephony.causes import Reading

    found = listen(words, recording)
    if found is None:
        raise ConfigError(
            f"in {recording} nothing is heard that the trunk's table knows: add it with [[plays]], or [sit] for tones"
        )
    heard, after_s = found
    return Reading(heard.means, f"{heard.said}, after {after_s:.2f} s")


def _again(outcome: "Outcome", *, fault: bool) -> str:
    from dialer.core.settings import DEFAULT_RETRY

    rule = DEFAULT_RETRY.get(outcome)
    if fault:
        return "yes: the carrier's fault, which costs the lead nothing"
    if rule is None or rule.attempts < 2:
        return "no: the lead is finished"
    return f"{rule.attempts} times at most, {rule.minutes:g} minutes later"
