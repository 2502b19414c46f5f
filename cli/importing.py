"""An import with its progress bar, on a terminal only."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from cli.options import Workplace
from dialer.leads.importer import ImportOptions, ImportReport, import_file
from dialer.live.clock import Clock
from dialer.storage import campaigns
from dialer.storage.hopper import fill

_PATIENCE = 10


def run_import(place: Workplace, file: Path, how: ImportOptions) -> ImportReport:
    """Import a file, and show on stderr how far it is.

    Raises:
        ConfigError: If the file is none of leads, or an option is wrong; nothing was changed.
        StorageError: If the database cannot be written; run again, it goes on.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    shown = Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())
    with _patience(), shown as bar:
        task = bar.add_task(file.name, total=None)

        def show(rows: int, done: int, total: int) -> None:
            bar.update(task, description=f"{rows} rows", completed=done, total=total)

        at = Clock().now()
        report = import_file(place.database, place.workspace_id, path=file, options=how, at=at, progress=show)
    _feed_campaigns(place, how.list_name, at)
    return report


@contextmanager
def _patience() -> Iterator[None]:
    """Step back behind a floor on the same machine meanwhile: an import made its bridges a fifth slower."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    os.nice(_PATIENCE)
    try:
        yield
    finally:
        with suppress(PermissionError):  # the kernel lets few come forward again
            os.setpriority(os.PRIO_PROCESS, 0, before)


def _feed_campaigns(place: Workplace, list_name: str, at: float) -> None:
    """Let campaigns that call this list already have its new leads, too."""
    with place.database.read() as connection:
        found = campaigns.every(connection, place.workspace_id)
    for campaign in found:
        if campaign.list_name == list_name:
            fill(place.database, campaign.campaign_id, campaign.list_id, at=at)
