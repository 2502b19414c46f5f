"""Findings on the screen, and the exit code that they make."""

from collections.abc import Sequence

import click
from msgspec import to_builtins

from cli.doctor.findings import Finding, Health, lines
from cli.output import print_json


def show(found: Sequence[Finding], *, as_json: bool) -> None:
    """Print findings; end with exit code 1 if one of them is a failure.

    Raises:
        click.exceptions.Exit: If so.
    """
    if as_json:
        print_json(to_builtins(found))
    else:
        click.echo("\n".join(lines(found)))
    if any(one.health is Health.FAILURE for one in found):
        raise click.exceptions.Exit(1)
