"""How a test call is told: the ladder while it happens, then what came of it."""

from collections.abc import Callable, Mapping
from typing import Any

import click
from msgspec import to_builtins

from cli.doctor.findings import Finding, lines
from cli.output import print_fields, print_json
from cli.trial import ladder
from cli.trial.place import Placed
from telephony.sip.trial import LegTrial, Message


def climbing() -> Callable[[Message], None]:
    """Return what prints each message as it went or came."""
    first: list[float] = []

    def show(message: Message) -> None:
        first.append(message.at)
        rung = ladder.rung(message, since=first[0])
        arrow = "->" if message.sent else "<-"
        click.echo(f"{rung.at_s:+9.3f} s  {rung.leg:<8} {arrow} {rung.message}")

    return show


def told(placed: Placed, found: list[Finding]) -> dict[str, Any]:
    """Return everything that is known of a call, for programs."""
    legs = {leg.leg: _leg(leg, placed) for leg in placed.legs}
    said = ladder.caller_id(placed.messages)
    return {
        "number": placed.number,
        "caller_id": to_builtins(said),
        **{name: legs.get(name) for name in ("customer", "agent")},
        "ladder": to_builtins(ladder.rungs(placed.messages)),
        "findings": to_builtins(found),
    }


def _leg(leg: LegTrial, placed: Placed) -> Mapping[str, Any]:
    wanted = ladder.wanted_by(placed.messages, leg.leg)
    rang_until = leg.answered_at or leg.ended_at
    return {
        "answered": leg.answered_at is not None,
        "post_dial_delay_s": _between(leg.dialed_at, leg.ringing_at),
        "ring_s": _between(leg.ringing_at, rang_until),
        "talk_s": _between(leg.answered_at, leg.ended_at),
        "end_cause": str(leg.cause),
        "sip_code": leg.sip_code,
        "q850": leg.q850,
        "text": leg.text,
        "audio_wanted_at": f"{wanted.host}:{wanted.port}" if wanted else None,
        "audio": to_builtins(leg.audio),
    }


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else round(end - start, 3)


def print_told(answer: dict[str, Any], found: list[Finding], *, as_json: bool) -> None:
    """Print what came of a call; its ladder was printed already unless for programs."""
    if as_json:
        print_json(answer)
        return
    click.echo()
    caller = answer["caller_id"] or {}
    print_fields(
        {"number": answer["number"], "from": caller.get("sent_from"), "asserted": caller.get("asserted")},
        as_json=False,
    )
    for name in ("agent", "customer"):
        if answer[name] is not None:
            leg = {key: value for key, value in answer[name].items() if key != "audio"}
            click.echo(f"\n{name}")
            print_fields(leg | (answer[name]["audio"] or {}), as_json=False)
    click.echo()
    click.echo("\n".join(lines(found)))
