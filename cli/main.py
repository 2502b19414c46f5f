"""The `dialer` command: its groups, and what becomes of a failure.

Every expected failure ends as one line on stderr and an exit code: 1 failed, 2 bad use or configuration.
"""

import json
import os
import sys
from collections.abc import Sequence

import click

from cli.late_group import LateGroup
from cli.options import shared_options
from dialer.errors import ConfigError, DialerError

_COMMANDS = {
    "agent": "cli.agent:agent",
    "agi": "cli.agi:agi",
    "asterisk": "cli.asterisk.command:asterisk",
    "call": "cli.report:call",
    "campaign": "cli.campaign:campaign",
    "carrier": "cli.carrier:carrier",
    "consent": "cli.consent:consent",
    "db": "cli.db:db",
    "demo": "cli.demo.command:demo",
    "deploy": "cli.deploy.command:deploy",
    "dnc": "cli.dnc:dnc",
    "doctor": "cli.doctor.command:doctor",
    "halt": "cli.floor:halt",
    "health": "cli.deploy.command:health",
    "leads": "cli.leads:leads",
    "pacing": "cli.pacing:pacing",
    "queue": "cli.queue:queue",
    "replay": "cli.run:replay",
    "report": "cli.report:report",
    "resume": "cli.floor:resume",
    "roster": "cli.roster:roster",
    "run": "cli.run:run",
    "simulate": "cli.simulate.command:simulate",
    "task": "cli.task:task",
    "top": "cli.top:top",
    "workflow": "cli.workflow:workflow",
}
"""Where each is, as `module:attribute`."""


@click.group(cls=LateGroup, elsewhere=_COMMANDS, context_settings={"max_content_width": 100})
@click.version_option(package_name="outdial", prog_name="dialer")
@shared_options
def dialer(**_shared: object) -> None:
    """Dial lists of numbers to free agents.

    Try `dialer demo` first: it needs no configuration and calls nobody.
    """


def main() -> None:
    """Run the command line of this process."""
    sys.exit(carry_out(sys.argv[1:]))


def carry_out(arguments: Sequence[str], *, command: click.Command = dialer) -> int:
    """Carry out a command line and return its exit code."""
    as_json = "--json" in arguments
    try:
        code = command.main(list(arguments), prog_name="dialer", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.ClickException as error:
        return _fail(_usage_text(error), 2, as_json=as_json)
    except click.Abort:
        return _fail("interrupted", 1, as_json=as_json)
    except DialerError as error:
        return _fail(str(error), 2 if isinstance(error, ConfigError) else 1, as_json=as_json)
    except BrokenPipeError:
        # Whoever read the output has gone; what is still buffered must not raise at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _fail(_os_text(error), 1, as_json=as_json)
    return code if isinstance(code, int) else 0


def _usage_text(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    remedy = f" Try '{context.command_path} --help'." if isinstance(context, click.Context) else ""
    message = error.format_message()
    stop = "" if message.endswith(("?", ".")) else "."
    return f"{message}{stop}{remedy}" if remedy else message


def _os_text(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)


def _fail(text: str, code: int, *, as_json: bool) -> int:
    click.echo(json.dumps({"error": text}, ensure_ascii=False) if as_json else f"Error: {text}", err=True)
    return code
