"""Whether there is room for what is written: the database, the log, recordings."""

import os
import shutil
import tempfile
from pathlib import Path

import msgspec

from cli.doctor.findings import Finding, failure, ok, warning

_PROBE_BYTES = 1 << 20


class DiskFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the disk that a folder is on."""

    use: str
    folder: str
    free_bytes: int
    total_bytes: int
    error: str = ""
    """What the system said to writing 1 MB there; empty if that worked."""


def gather(use: str, folder: Path) -> DiskFacts:
    """Look at the disk of a folder, or of the one above that exists, and write 1 MB there for a moment."""
    there = folder.absolute()
    while not there.is_dir():
        there = there.parent
    space = shutil.disk_usage(there)
    return DiskFacts(
        use=use, folder=str(there), free_bytes=space.free, total_bytes=space.total, error=_write(there)
    )


def _write(folder: Path) -> str:
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(os.urandom(_PROBE_BYTES))  # what cannot be compressed away
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return error.strerror or str(error)
    return ""


def judge(facts: DiskFacts, *, least_free_mb: int) -> Finding:
    """Return whether there is room; less than `least_free_mb` is a warning, none at all a failure."""
    check = f"disk: {facts.use}"
    free = f"{facts.free_bytes / 1e6:,.0f} MB of {facts.total_bytes / 1e9:,.0f} GB free in {facts.folder}"
    if facts.error:
        return failure(
            check,
            f"1 MB cannot be written in {facts.folder}: {facts.error} ({free})",
            "free space there, or name a folder with space; no call is placed that cannot be put on record",
        )
    if facts.free_bytes < least_free_mb * 1_000_000:
        return warning(
            check,
            f"{free}, less than the {least_free_mb:,} MB of doctor.least_free_mb",
            "free space, or move recordings and logs away, before it is full: then no call is placed",
        )
    return ok(check, free)
