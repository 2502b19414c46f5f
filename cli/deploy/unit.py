"""The systemd unit, filled in for this installation."""

import re
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from cli.options import Shared
from dialer.config import Config
from dialer.errors import ConfigError
from dialer.storage.database import DEFAULT_URL

_STATE = Path("/var/lib/dialer")
_CONFIG = Path("/etc/dialer/dialer.toml")
_SQLITE = "sqlite:///"

# Beyond the talks: the SIP workers end, what waits is written.
_CLOSING_S = 30

# Source: useradd(8), and what systemd takes without a warning.
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,30}")


def unit(options: Shared, user: str) -> str:
    """Return the unit.

    Raises:
        ConfigError: If the configuration cannot be used, or a name would have to be quoted in a unit.
    """
    if not _USER.fullmatch(user):
        raise ConfigError(f"{user!r} is no name of a user: small letters, digits, - and _")
    config = options.load_config()
    places = [_plain(path) for path in _outside(options, config)]
    template = (files("cli.deploy") / "dialer.service").read_text(encoding="utf-8")
    return template.format(
        user=user,
        config=_plain(_CONFIG if options.config is None else options.config.absolute()),
        database=_database(options.database),
        command=_plain(Path(sys.executable).with_name("dialer")),
        stop_s=round(config.run.finish_talks_s) + _CLOSING_S,
        writable=f"ReadWritePaths={' '.join(places)}"
        if places
        else "# Nothing but /var/lib/dialer is written.",
    )


def _database(url: str) -> str:
    if not url.startswith(_SQLITE):
        return "# DIALER_DATABASE_URL stands in /etc/dialer/secrets: it may hold a password."
    return f"Environment=DIALER_DATABASE_URL={_SQLITE}{_plain(_file(url))}"


def _file(url: str) -> Path:
    if url == DEFAULT_URL:
        return _STATE / "dialer.db"
    return Path(url.removeprefix(_SQLITE)).absolute()


def _outside(options: Shared, config: Config) -> Iterator[Path]:
    """Yield the directories beyond the service's own that a run writes to."""
    wanted = [_STATE / config.sip.recordings, _STATE / (config.run.log_dir or "")]
    if options.database.startswith(_SQLITE):
        wanted.append(_file(options.database).parent)
    for path in dict.fromkeys(wanted):
        if not path.is_relative_to(_STATE):
            yield path


def _plain(path: Path) -> str:
    """Return a path that means the same in a unit, where %, spaces and quotes have meanings of their own."""
    if not re.fullmatch(r"[A-Za-z0-9/._+@:-]+", str(path)):
        raise ConfigError(f"{path}: a service needs a path of letters, digits and . _ + @ : - only")
    return str(path)
