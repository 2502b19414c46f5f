"""A group of commands each of which is imported when it is asked for.

Whoever lists agents waits neither for the simulator nor for what reads audio; only a help page that names all commands loads them all.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

import click


class LateGroup(click.Group):
    """A group with commands that stand in modules of their own, beside those added to it."""

    def __init__(self, *arguments: Any, elsewhere: Mapping[str, str], **options: Any) -> None:
        """Make the group; `elsewhere` has for a command's name where it is, as `module:attribute`."""
        super().__init__(*arguments, **options)
        self._elsewhere = elsewhere

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        return sorted({*super().list_commands(ctx), *self._elsewhere})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported now if it stands elsewhere; None if there is none of the name."""
        if cmd_name not in self._elsewhere:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self._elsewhere[cmd_name].partition(":")
        return cast("click.Command", getattr(import_module(module), attribute))
