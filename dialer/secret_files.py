"""Files that hold secrets: read only if nobody but their owner may read them."""

import os
import stat
import tomllib
from pathlib import Path

from dialer.errors import ConfigError

_LARGEST = 1 << 20
"""Bytes; a guess, thousands of times what any such file holds."""


def read_secret(path: Path, *, setting: str) -> str:
    """Return the text of a file that holds secrets.

    What is looked at is the file that was opened, so that nobody can change it in between.

    Args:
        path: The file; a link leads to where it points.
        setting: What names the file, for the error.

    Raises:
        ConfigError: If it cannot be read, is no file, or others than its owner may read or write it.
    """
    try:
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise ConfigError(f"{setting}: cannot read {path}: {error.strerror}") from error
    try:
        if wrong := why_unsafe(os.fstat(opened), path, user=os.geteuid()):
            raise ConfigError(f"{setting}: {path} {wrong}")
        return os.read(opened, _LARGEST).decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{setting}: {path} is not UTF-8 text") from error
    finally:
        os.close(opened)


def read_password(variable: str, path: Path | None) -> str:
    """Return a password that stands in an environment variable or in a file; empty if neither is named.

    Args:
        variable: What `password_env` names, empty for none.
        path: What `password_file` names, None for none.

    Raises:
        ConfigError: If the variable is not set, or the file is missing or not for its owner alone.
    """
    if path is not None:
        return read_secret(path, setting="password_file").rstrip("\r\n")
    if not variable:
        return ""
    try:
        return os.environ[variable]
    except KeyError as error:
        raise ConfigError(
            f"password_env names {variable}, which is not set: export it before `dialer run`"
        ) from error


def read_secrets(path: Path, *, setting: str) -> dict[str, str]:
    """Return the secrets of a TOML file by name; errors quote nothing of the file.

    Raises:
        ConfigError: As `read_secret`, and if the file is anything but names with texts.
    """
    try:
        found = tomllib.loads(read_secret(path, setting=setting))
    except tomllib.TOMLDecodeError:
        found = {"": None}
    for secret in found.values():
        if not isinstance(secret, str) or not secret:
            raise ConfigError(f'{setting}: {path} must hold nothing but lines such as anna = "her password"')
    return found


def why_unsafe(facts: os.stat_result, path: Path, *, user: int) -> str | None:
    """Return what is wrong with a file of secrets, and the remedy, from what the system knows of it.

    Args:
        facts: The file's.
        path: What the remedy names.
        user: The id of the user who reads it; root's files will do for everybody.
    """
    mode = stat.S_IMODE(facts.st_mode)
    if not stat.S_ISREG(facts.st_mode):
        return "is no file"
    if mode & 0o077:
        return f"may be used by others than its owner (mode {mode:04o}): `chmod 600 {path}`"
    if facts.st_uid not in (0, user):
        return f"belongs to another user (id {facts.st_uid}), who could read it: `chown` it to the user of the run"
    return None
