"""What the configuration says of a run itself, and of what `dialer doctor` warns about."""

from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

import msgspec

Positive = Annotated[int, msgspec.Meta(ge=1)]


class RunConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a run behaves."""

    workspace: str = "default"
    zone: str = "UTC"
    """Time zone whose midnight ends the day that agents' work is counted by, such as `Europe/Berlin`; also that of a
    roster which names none."""
    finish_talks_s: Annotated[float, msgspec.Meta(ge=0)] = 300.0
    """How long talks may last after a SIGTERM."""
    log_dir: Path | None = None
    """Where the replayable log goes; None puts it beside an SQLite database, else in the working directory."""
    log_files: Positive = 20
    log_file_mb: Positive = 64
    keep_days: Annotated[int, msgspec.Meta(ge=0)] = 90
    """How long the journal, SIP messages, agents' periods and answered requests are kept; 0 keeps them for ever. Attempts
    and calls are kept: `dialer db prune --attempts` deletes them."""

    def __post_init__(self) -> None:
        if self.zone not in available_timezones():
            raise ValueError(f"zone is {self.zone!r}: write one such as Europe/Berlin or America/New_York")


class DoctorConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When `dialer doctor` warns."""

    least_free_mb: Positive = 1_000
    """Less free disk than this is a warning. A guess: an hour of 60 recorded talks takes 3,500 MB."""
    do_not_call_days: Positive = 31
    """A do-not-call list that nothing was added to for longer is a warning. Source: 16 CFR 310.4(b)(3)(iv)."""
