"""Draws the pages that the code already knows: `python -m docs.generate`.

States, causes and settings stand in the code once; a test compares these pages with it.
"""

import inspect
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from dialer import (
    agi_config,
    asterisk_config,
    config,
    line_config,
    link_config,
    people_config,
    presence_config,
    queue_config,
    run_config,
)
from dialer.core import guest_states, presence_states, settings, states, task_states, transfer_states
from dialer.core.rules.agentless import AgentlessSettings
from dialer.core.rules.dispositions import DEFAULT_DISPOSITIONS, Disposition, Fate
from dialer.core.rules.machine_detection import AmdSettings
from docs import measured
from docs.fields import as_table, fields
from telephony.causes import end_cause

DOCS = Path(__file__).parent
NOTE = "<!-- Drawn from the code by `python -m docs.generate`; do not edit. -->"

_Moves = Mapping[tuple[Any, Any], Any]


def pages() -> dict[str, str]:
    """Return the text of every generated page by its path under docs/."""
    return {
        "states.md": _states(),
        "reference/configuration.md": _configuration(),
        "reference/campaign.md": _campaign(),
        "reference/causes.md": _causes(),
        "measured-days.md": measured.page(NOTE),
    }


# --- states ------------------------------------------------------------------------------------------


def _states() -> str:
    lines = [
        NOTE,
        "# States",
        "",
        "The tables of [dialer/core/states.py](../dialer/core/states.py). What each state means is in the",
        "[glossary](glossary.md). A diagram leaves out moves that lead back to the same state, and names",
        "moves that are allowed nearly everywhere below it; the table beside it has every pair.",
        "",
        "A pair that is not listed: for a call it is an anomaly on record, and that call is hung up; for what",
        "somebody asked for it is refused with the reason.",
        "",
    ]
    for title, table, kind in (
        ("Agent", states.AGENT_MOVES, states.AgentState),
        ("Client of an agent", presence_states.CLIENT_MOVES, presence_states.ClientState),
        ("Call", states.CALL_MOVES, states.CallState),
        ("Campaign", states.CAMPAIGN_MOVES, states.CampaignState),
        ("Trunk", states.TRUNK_MOVES, states.TrunkState),
        ("Recording", states.RECORDING_MOVES, states.RecordingState),
        ("Guest", guest_states.GUEST_MOVES, guest_states.GuestState),
        ("Task", task_states.TASK_MOVES, task_states.TaskState),
        ("Transfer", transfer_states.TRANSFER_MOVES, transfer_states.TransferState),
    ):
        lines += [f"## {title}", "", *_diagram(table, kind), *_matrix(table, kind)]
    return "\n".join(lines)


def _diagram(table: _Moves, kind: type[StrEnum]) -> Iterator[str]:
    everywhere = _everywhere(table, kind)
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {next(iter(kind))}"
    edges: dict[tuple[str, str], list[str]] = {}
    for (state, move), after in table.items():
        if move not in everywhere and after is not state:
            edges.setdefault((state, after), []).append(move)
    for (state, after), moves in edges.items():
        yield f"    {state} --> {after}: {', '.join(moves)}"
    yield "```"
    yield ""
    for move, (after, missing) in everywhere.items():
        but = f" but {' and '.join(f'`{state}`' for state in missing)}" if missing else ""
        yield f"- `{move}` leads from every state{but} to `{after}`."
    yield ""


def _everywhere(table: _Moves, kind: type[StrEnum]) -> dict[str, tuple[str, list[str]]]:
    """Return the moves that lead from all states, or all but one, to one state."""
    found: dict[str, tuple[str, list[str]]] = {}
    for move in dict.fromkeys(move for _, move in table):
        ends = {state: after for (state, by), after in table.items() if by is move}
        missing = [str(state) for state in kind if state not in ends]
        if len(missing) <= 1 and len(set(ends.values())) == 1:
            found[move] = (next(iter(ends.values())), missing)
    return found


def _matrix(table: _Moves, kind: type[StrEnum]) -> Iterator[str]:
    moves = list(dict.fromkeys(move for _, move in table))
    rows = [[f"`{state}`", *(str(table.get((state, move), "")) for move in moves)] for state in kind]
    return as_table(["", *(f"`{move}`" for move in moves)], rows)


# --- settings ----------------------------------------------------------------------------------------


def _configuration() -> str:
    lines = [
        NOTE,
        "# dialer.toml",
        "",
        "Every key, its default and its meaning, from [dialer/config.py](../../dialer/config.py). The file is",
        "named by `--config` or `DIALER_CONFIG`; without one every default holds and there is no trunk. A key",
        "that is not listed is an error. A password never stands in the file: `password_env` names the",
        "environment variable that holds it, `password_file` a file. How to write one: [run it for real](../howto/run-for-real.md).",
        "",
    ]
    for title, section in (
        ("[run]", run_config.RunConfig),
        ("[sip]", config.SipConfig),
        ("[asterisk.servers.NAME]", asterisk_config.AsteriskServer),
        ("[asterisk.queues.NAME]", queue_config.AsteriskQueue),
        ("[asterisk.links.NAME]", link_config.AsteriskLink),
        ("[asterisk.agi]", agi_config.AgiConfig),
        ("[doctor]", run_config.DoctorConfig),
        ("[trunks.NAME]", config.TrunkConfig),
        ("[pauses.NAME]", config.PauseConfig),
        ("[queues.NAME]", line_config.QueueConfig),
        ("[capacity]", people_config.CapacityConfig),
        ("[teams.NAME]", people_config.TeamConfig),
        ("[presence.idle], [presence.locked], [presence.gone]", presence_config.ClientConfig),
    ):
        shown = fields(section, leave_out=("messages",))
        lines += [f"## {title}", "", f"{inspect.getdoc(section)}", "", *shown]
    lines += [
        "## [skills]",
        "",
        'Skills and their labels, such as `billing = "Questions about bills"`. If there are any, agents and workflows can',
        "have no others, so that a slip of the pen is found at once.",
        "",
        "## [asterisk.messages]",
        "",
        "What answering machines are left, and people hear without an agent: names, as `dialer campaign amd --message` and",
        "`dialer campaign agentless --message` have them, and WAVs (8 kHz, 16 bit, mono), such as",
        '`call-back = "call-back.wav"`. `dialer asterisk config` writes them beside the dialplan.',
        "",
        "## [sip.messages]",
        "",
        "The same where the dialer places the calls itself, for people without an agent.",
        "",
    ]
    return "\n".join(lines)


_OWN_SECTIONS = ("campaign_id", "name", "retry", "dispositions", "amd", "agentless")


def _campaign() -> str:
    lines = [
        NOTE,
        "# Campaign settings",
        "",
        "What a campaign is made with, from [dialer/core/settings.py](../../dialer/core/settings.py). The",
        "options of `dialer campaign create` set them ([command line](cli.md)); times of day are minutes",
        "after local midnight.",
        "",
        *fields(settings.CampaignSettings, leave_out=_OWN_SECTIONS),
        "## Calls without agents",
        "",
        "Of mode `agentless`; `dialer campaign agentless NAME` shows and sets them ([how](../howto/agentless.md)).",
        "",
        *fields(AgentlessSettings),
        "## Machine detection",
        "",
        "Answering machine detection (AMD); `dialer campaign amd NAME` shows and sets it. What it does with a call",
        "is in [rules](../rules.md#who-picked-up).",
        "",
        *fields(AmdSettings),
        "## Retry",
        "",
        "When an attempt came to one of these, the lead is called again; `--retry busy=3x10` sets the line of",
        "`busy`. An outcome that is not listed finishes the lead at once.",
        "",
        *as_table(
            ("outcome", "times at most", "minutes before the next attempt"),
            (
                (
                    f"`{outcome}`",
                    str(rule.attempts),
                    f"{rule.minutes:g}" if rule.attempts > 1 else "none follows",
                )
                for outcome, rule in settings.DEFAULT_RETRY.items()
            ),
        ),
        "## Dispositions",
        "",
        "What agents choose from unless `dialer campaign dispositions NAME --file FILE` says otherwise; the",
        "file's form is in [agents](../agents.md#a-campaigns-own-dispositions).",
        "",
        *as_table(("code", "label", "key", "flags", "the lead"), map(_disposition, DEFAULT_DISPOSITIONS)),
    ]
    return "\n".join(lines)


def _disposition(each: Disposition) -> tuple[str, ...]:
    then = {
        Fate.FINISH: "finished",
        Fate.RETRY: f"again after {each.minutes:g} minutes",
        Fate.CALLBACK: f"again when promised, else after {each.minutes:g} minutes",
        Fate.BLOCK: "finished, its number on the do-not-call list",
    }
    return f"`{each.code}`", each.label, each.digit, ", ".join(each.flags), then[each.fate]


# --- causes ------------------------------------------------------------------------------------------

_SIP_CODES = (
    301,
    401,
    403,
    404,
    407,
    408,
    410,
    480,
    484,
    485,
    486,
    487,
    488,
    500,
    503,
    600,
    603,
    604,
    606,
    607,
    608,
)
_Q850 = (1, 3, 17, 18, 19, 20, 21, 22, 27, 28, 34, 38, 41, 42)


def _causes() -> str:
    lines = [
        NOTE,
        "# From the network's words to an outcome",
        "",
        "[telephony/causes.py](../../telephony/causes.py) turns the final SIP code of a call that was never",
        "answered, and the Q.850 cause of its Reason header if there is one, into an end cause;",
        "[dialer/core/states.py](../../dialer/core/states.py) turns that into the outcome. Both the code and",
        "the cause are kept with the attempt. Source: RFC 3261 section 21, RFC 3398 section 8.2.6.1, ITU-T",
        "Q.850 table 1. What a trunk's own table says comes before all of this:",
        "[what the network says](../howto/what-the-network-says.md).",
        "",
        "## End cause to outcome",
        "",
        *as_table(
            ("end cause", "outcome of a call without an answer"),
            ((f"`{cause}`", f"`{outcome}`") for cause, outcome in states.UNANSWERED_OUTCOMES.items()),
        ),
        "## SIP code to end cause",
        "",
        "*Others* are all codes from 300 that are not listed. The last column names the Q.850 causes that",
        "change the reading: a carrier that has no better code says 480 or 503 for many things.",
        "",
        *as_table(("SIP code", "end cause", "read otherwise with Q.850"), _code_rows()),
    ]
    return "\n".join(lines)


def _code_rows() -> Iterator[tuple[str, str, str]]:
    yield "none came", f"`{end_cause(None)}`", ""
    for code in (*_SIP_CODES, 599):
        alone = end_cause(code)
        others: dict[str, list[str]] = {}
        for cause in _Q850:
            if (read := end_cause(code, cause)) is not alone:
                others.setdefault(read, []).append(str(cause))
        yield (
            "others" if code == 599 else str(code),
            f"`{alone}`",
            "; ".join(f"{', '.join(causes)}: `{read}`" for read, causes in others.items()),
        )


def main() -> None:
    """Write every page."""
    for name, text in pages().items():
        path = DOCS / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(DOCS.parent)}\n")


if __name__ == "__main__":
    main()
