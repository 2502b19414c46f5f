"""A lead file into a list: whatever row is bad is rejected with its reason, and a kill loses nothing.

rows = imported + duplicates + rejected, always. Every transaction holds leads and the checkpoint that
counts them; run again on the same file and list, an import goes on after its last checkpoint.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import chain, islice, repeat
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from dialer.errors import ConfigError
from dialer.leads.columns import read_header
from dialer.leads.lines import Survey, survey
from dialer.leads.numbers import Normaliser
from dialer.leads.pieces import Piece, Source, pieces
from dialer.leads.rejects import RejectsFile
from dialer.leads.worker import Worker
from dialer.storage import consents, refused
from dialer.storage import leads as stored
from dialer.storage.database import Database
from dialer.storage.zone_groups import ensure_zone_group

Progress = Callable[[int, int, int], None]
"""Called after each transaction with rows done, bytes done, bytes in all."""

_PIECES_AT_ONCE = 100
"""Pieces in one transaction when no run holds the workspace: 200,000 rows.

Each transaction writes most pages of the index anew: 20 of them cost a million rows a fifth of the time, 5 a
tenth. Others wait for less than a second.
"""


class ImportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a file is to be read."""

    list_name: str
    region: str
    """Where numbers without a country calling code belong, an ISO 3166 code."""
    phone_column: str | None = None
    rejects: Path | None = None
    """The rejects file; None puts it beside the input, `leads.csv` -> `leads.rejects.csv`."""
    helped_from: int = 4 << 20
    """Bytes from which a second process prepares the rows: it saves more than its start of some 0.2 s costs."""
    who: str = "import"
    """Who records the consents that the file brings."""


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the rows of a file, counted over all runs that it took."""

    rows: int
    imported: int
    duplicates: int
    rejected: int
    rejects_file: str | None
    consents: int = 0
    """Those that were not on record yet; of this run alone."""


def import_file(
    database: Database,
    workspace_id: int,
    *,
    path: Path,
    options: ImportOptions,
    at: float,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a CSV file, or go on with an import of it that was killed.

    Raises:
        LeadFileError: If it is no such file; nothing was changed.
        ConfigError: If the region is not known, or the rejects file cannot be written.
        StorageError: If the database cannot be written, or the same import is going on elsewhere.
    """
    Normaliser(options.region)
    with ExitStack() as stack:
        prepare = pieces
        if _size(path) >= options.helped_from:
            prepare = stack.enter_context(closing(Worker())).pieces
        found = survey(path)
        columns = read_header(path, found, options.phone_column)
        source = Source(
            path=str(path), encoding=found.encoding, columns=columns, region=options.region, now=at
        )
        job = _open_job(database, workspace_id, source=source, found=found, options=options, at=at)
        rejects = stack.enter_context(RejectsFile(Path(job.rejects_file), job.rejects_offset))
        ready = stack.enter_context(closing(prepare(source, offset=job.offset, line=job.line)))
        writer = _Writer(database, workspace_id, job=job, rejects=rejects, at=at, who=options.who)
        while writer.write_some(ready):
            if progress is not None:
                progress(writer.job.rows, writer.job.offset, found.size)
    job = writer.job
    with database.write() as connection:
        stored.finish_import(connection, job.id, at=at)
    return ImportReport(
        rows=job.rows,
        imported=job.imported,
        duplicates=job.duplicates,
        rejected=job.rejected,
        rejects_file=job.rejects_file if job.rejected else None,
        consents=writer.consents,
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # the survey says what is wrong with it


def _open_job(
    database: Database, workspace_id: int, *, source: Source, found: Survey, options: ImportOptions, at: float
) -> stored.ImportJob:
    # The content and all that decides how it is read: with other options it is another import.
    fingerprint = f"{found.digest} {source.region} {source.columns.phone_at}"
    path = Path(source.path)
    rejects = options.rejects or path.with_name(f"{path.stem}.rejects.csv")
    if rejects.absolute() == path.absolute():
        raise ConfigError(f"{path}: rejected rows would overwrite the file itself; give another --rejects")
    with database.write() as connection:
        list_id = stored.ensure_list(connection, workspace_id, options.list_name, at=at)
        job = stored.unfinished_import(connection, list_id, fingerprint)
        if job is not None:
            return job
        job = stored.ImportJob(
            id=0,
            list_id=list_id,
            line=source.columns.lines + 1,
            offset=source.columns.end,
            rows=0,
            imported=0,
            duplicates=0,
            rejected=0,
            rejects_file=str(rejects.absolute()),
            rejects_offset=0,
        )
        return stored.begin_import(
            connection, workspace_id, job, path=path.absolute(), fingerprint=fingerprint, at=at
        )


class _Writer:
    def __init__(
        self,
        database: Database,
        workspace_id: int,
        *,
        job: stored.ImportJob,
        rejects: RejectsFile,
        at: float,
        who: str,
    ) -> None:
        self.job = job
        self.consents = 0
        self._who = who
        self._database = database
        self._workspace_id = workspace_id
        self._rejects = rejects
        self._at = at
        self._zone_groups: dict[tuple[str, ...], int] = {}
        self._at_once = 1

    def write_some(self, ready: Iterator[Piece]) -> bool:
        """Write what makes one transaction; False when nothing was left."""
        with self._database.read() as connection:
            leased = stored.is_leased(connection, self._workspace_id)
        first = next(ready, None)
        if first is None:
            return False
        more = islice(ready, 0 if leased else self._at_once - 1)
        # A short list is worth a checkpoint too.
        self._at_once = min(self._at_once * 2, _PIECES_AT_ONCE)
        with self._database.write() as connection:
            # Each is written while the next is being made.
            after = self.job
            for piece in chain((first,), more):
                self._rejects.add(piece.rejected)
                after = self._counted(after, piece, self._add(connection, piece))
            self._rejects.sync()
            stored.advance_import(connection, after, before=self.job)
        self.job = after
        return True

    def _add(self, connection: Connection, piece: Piece) -> int:
        regions, kinds, groups = [], [], []
        for region, kind, zones in piece.known:
            regions.append(region)
            kinds.append(kind)
            groups.append(self._zone_group(connection, zones))
        rows = zip(
            repeat(self._workspace_id),
            repeat(self.job.list_id),
            repeat(self._at),
            piece.phones,
            map(regions.__getitem__, piece.facts),
            map(kinds.__getitem__, piece.facts),
            map(groups.__getitem__, piece.facts),
            piece.attributes,
            strict=False,
        )
        self.consents += self._consent(connection, piece)
        return stored.add_leads(connection, list(rows))

    def _consent(self, connection: Connection, piece: Piece) -> int:
        """Put consents on record, of leads that are in the list already, too."""
        words = [
            consents.Word(number=number, at=at, source=source, seller=seller)
            for number, at, source, seller in piece.consents
        ]
        if not words:
            return 0
        numbers = [word.number for word in words]
        refused.wake_numbers(connection, self._workspace_id, numbers, at=self._at)
        return consents.add(connection, self._workspace_id, words, who=self._who, at=self._at)

    def _zone_group(self, connection: Connection, zones: tuple[str, ...]) -> int:
        if zones not in self._zone_groups:
            self._zone_groups[zones] = ensure_zone_group(connection, self._workspace_id, zones)
        return self._zone_groups[zones]

    def _counted(self, job: stored.ImportJob, piece: Piece, imported: int) -> stored.ImportJob:
        return msgspec.structs.replace(
            job,
            line=piece.line,
            offset=piece.offset,
            rows=job.rows + piece.rows,
            imported=job.imported + imported,
            duplicates=job.duplicates + len(piece.phones) - imported,
            rejected=job.rejected + len(piece.rejected),
            rejects_offset=self._rejects.offset,
        )
