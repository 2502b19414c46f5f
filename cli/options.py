"""What commands share: where the database and the configuration are, and whether to answer in JSON.

The three options may stand before the command or after it; the one after it wins.
"""

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, TypeVar

import click

if TYPE_CHECKING:
    from dialer.config import Config
    from dialer.storage.database import Database

R = TypeVar("R")
Function = TypeVar("Function", bound=Callable[..., Any])

_DEFAULT = "dialer.db"


@dataclass(frozen=True, slots=True)
class Shared:
    """The shared options of one command."""

    database: str
    """URL of the database."""
    config: Path | None
    json: bool

    @contextmanager
    def open(self) -> Iterator["Workplace"]:
        """Open the database, made on first use, and the workspace that the configuration names.

        Raises:
            ConfigError: If the configuration or the database's address is not understood.
            StorageError: If the database cannot be used.
        """
        from dialer.storage.database import open_database
        from dialer.storage.workspaces import ensure_workspace

        name = self.load_config().run.workspace
        database = open_database(self.database)
        try:
            yield Workplace(database, ensure_workspace(database, name))
        finally:
            database.close()

    def load_config(self) -> "Config":
        """Return the configuration, all defaults if no file is named.

        Raises:
            ConfigError: If the file cannot be used.
        """
        from dialer import config

        return config.Config() if self.config is None else config.load(self.config)


@dataclass(frozen=True, slots=True)
class Workplace:
    """An open database and the workspace in it that a command is about."""

    database: "Database"
    workspace_id: int


def shared_options(function: Function) -> Function:
    """Add `--database`, `--config` and `--json`."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Answer with JSON."),
        click.option("--config", metavar="FILE", help="The TOML file; default: DIALER_CONFIG."),
        click.option(
            "--database",
            metavar="URL",
            help="URL or file; default: DIALER_DATABASE_URL, else dialer.db in this directory.",
        ),
    ):
        function = option(function)
    return function


def shared(command: Callable[Concatenate[Shared, ...], R]) -> Callable[..., R]:
    """Add the shared options to a command and hand them to it as its first argument."""

    @shared_options
    @click.pass_context
    @functools.wraps(command)
    def with_shared(
        context: click.Context,
        /,
        *,
        database: str | None,
        config: str | None,
        as_json: bool,
        **own: Any,
    ) -> R:
        before = context.find_root().params
        where = database or before.get("database") or os.environ.get("DIALER_DATABASE_URL") or _DEFAULT
        file = config or before.get("config") or os.environ.get("DIALER_CONFIG")
        answers_json = as_json or bool(before.get("as_json"))
        return command(Shared(_url(where), Path(file) if file else None, answers_json), **own)

    return with_shared


def example(*lines: str) -> str:
    """Return a help text's closing part that shows commands as they are typed."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def _url(where: str) -> str:
    return where if "://" in where else f"sqlite:///{where}"
