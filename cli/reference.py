"""Every command's help as one page: `python -m cli.reference > docs/reference/cli.md`."""

import sys
from collections.abc import Iterator

import click

from cli.main import dialer

_INTRODUCTION = """\
# Commands

`--database`, `--config` and `--json` may stand before a command or after it. Exit codes: 0 done, 1 failed,
2 bad use or configuration. Tables go to stdout, errors and progress to stderr.
"""


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Return a command and all below it, each with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            if found := command.get_command(context, name):
                yield from commands(found, f"{path} {name}")


def page() -> str:
    """Return the page."""
    sections = (
        f"## {path}\n\n```text\n{_help(path, command)}\n```\n" for path, command in commands(dialer, "dialer")
    )
    return "\n".join([_INTRODUCTION, *sections])


def _help(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path, terminal_width=100)
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


if __name__ == "__main__":
    sys.stdout.write(page())
