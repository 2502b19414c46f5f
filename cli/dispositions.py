"""What agents choose from: read from a TOML file, and shown."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from dialer.core.rules.dispositions import Disposition, check
from dialer.core.settings import CampaignSettings
from dialer.errors import ConfigError


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    disposition: tuple[Disposition, ...]


def read_dispositions(path: Path) -> tuple[Disposition, ...]:
    """Return the [[disposition]] tables of a file.

    Raises:
        ConfigError: If it cannot be read, or agents could not choose from what it says.
    """
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File).disposition
        check(found, default="")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    except (msgspec.ValidationError, ConfigError) as error:
        raise ConfigError(f"{path}: {error}") from error
    return found


def rows(settings: CampaignSettings) -> list[dict[str, Any]]:
    """Return a campaign's dispositions for people and programs."""
    return [
        {
            "code": each.code,
            "label": each.label,
            "digit": each.digit,
            "flags": ", ".join(each.flags),
            "fate": each.fate,
            "minutes": each.minutes if each.fate in ("retry", "callback") else None,
            "default": each.code == settings.default_disposition,
        }
        for each in settings.dispositions
    ]
