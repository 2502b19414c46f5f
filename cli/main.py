"""The `dialer` command: its groups, and what becomes of a failure.

Every expected failure ends as one line on stderr and an exit code: 1 failed, 2 bad use or configuration.
"""

import json
import os
import sys
from collections.abc import Sequence

import click

from cli.agent import agent
from cli.agi import agi
from cli.asterisk.command import asterisk
from cli.campaign import campaign
from cli.carrier import carrier
from cli.consent import consent
from cli.db import db
from cli.demo.command import demo
from cli.deploy.command import deploy, health
from cli.dnc import dnc
from cli.doctor.command import doctor
from cli.explain import explain
from cli.floor import halt, resume
from cli.leads import leads
from cli.options import shared_options
from cli.pacing import pacing
from cli.previews import call_lead, skip_lead
from cli.queue import queue, queues_report
from cli.recording import record
from cli.report import call, report
from cli.roster import roster
from cli.run import replay, run
from cli.simulate.command import simulate
from cli.supervision import barge, listen, whisper
from cli.talk_notes import call_form, call_note, form, note, work
from cli.task import task
from cli.top import top
from cli.transfers import complete, conference, consult, return_, transfer
from cli.trial.command import test
from cli.workflow import workflow
from dialer.errors import ConfigError, DialerError


@click.group(context_settings={"max_content_width": 100})
@click.version_option(package_name="outdial", prog_name="dialer")
@shared_options
def dialer(**_shared: object) -> None:
    """Dial lists of numbers to free agents.

    Try `dialer demo` first: it needs no configuration and calls nobody.
    """


for _command in (
    demo, leads, dnc, consent, campaign, agent, roster, workflow, task, run, top, halt, resume, report, call, replay, carrier,
    simulate, pacing, db, doctor, asterisk, deploy, health, agi,
):  # fmt: skip
    dialer.add_command(_command)
dialer.add_command(queue)
report.add_command(queues_report)
call.add_command(test)
call.add_command(explain)
call.add_command(record)
for _command in (note, form, work, call_lead, skip_lead):
    agent.add_command(_command)
for _command in (
    call_note,
    call_form,
    listen,
    whisper,
    barge,
    transfer,
    consult,
    conference,
    complete,
    return_,
):
    call.add_command(_command)


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
