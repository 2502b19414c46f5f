"""What the configuration says of FastAGI: where dialplans may ask the dialer, which may, and with what secret."""

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated

import msgspec

from dialer.errors import ConfigError
from dialer.secret_files import read_secret, read_secrets

# Source: the characters of a path that neither a URI nor a dialplan gives a meaning of their own.
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,128}", re.ASCII)
_PIN = re.compile(r"[0-9]{4,16}", re.ASCII)


class AgiConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the dialplan of an Asterisk may ask the dialer (FastAGI)."""

    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0
    """TCP port, 4573 as a rule; 0: nobody may ask."""
    bind: str = "127.0.0.1"
    """The address it listens at. Nothing is encrypted: beyond this machine only over a network of your own."""
    allowed_hosts: tuple[str, ...] = ("127.0.0.1",)
    """Addresses of Asterisk servers, or networks such as `192.0.2.0/24`, that may ask."""
    secret_file: Path | None = None
    """File that holds nothing but the secret of the address (`agi://HOST:PORT/SECRET/NAME`): 16 to 128 letters, digits,
    `-` and `_`; readable by its owner only."""
    pins: Path | None = None
    """TOML file of PINs by agent, `anna = "48151"`, for those who log in by phone; readable by its owner only."""
    region: str = "US"
    """Country of callers' numbers that are written without a country code."""
    connections: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 200
    """Questions answered at a time; more wait, and are refused if none ends. A guess: a question takes milliseconds, a
    log-in half a minute."""
    deadline_s: Annotated[float, msgspec.Meta(ge=1)] = 60.0
    """Seconds after which a question is given up. A guess: three tries of a log-in take less."""

    def __post_init__(self) -> None:
        if self.port and self.secret_file is None:
            raise ValueError("port needs secret_file: name the file that holds the secret of the address")
        if not self.allowed_hosts:
            raise ValueError("allowed_hosts is empty: name the addresses of the Asterisk servers")
        try:
            ip_address(self.bind)
            for host in self.allowed_hosts:
                ip_network(host)
        except ValueError as error:
            raise ValueError(
                f"bind and allowed_hosts: {error}: write addresses, or networks such as 192.0.2.0/24"
            ) from error

    def allows(self, host: str) -> bool:
        """Return whether whoever is at an address may ask."""
        address = ip_address(host)
        return any(address in ip_network(network) for network in self.allowed_hosts)

    def secret(self) -> str:
        """Return the secret of the address.

        Raises:
            ConfigError: If there is none, or its file cannot be used.
        """
        if self.secret_file is None:
            raise ConfigError("asterisk.agi.secret_file: name the file that holds the secret of the address")
        secret = read_secret(self.secret_file, setting="asterisk.agi.secret_file").strip()
        if not _SECRET.fullmatch(secret):
            raise ConfigError(
                f"asterisk.agi.secret_file: {self.secret_file} must hold 16 to 128 letters, digits, `-` and `_`, "
                "such as `openssl rand -hex 16` writes"
            )
        return secret

    def agent_pins(self) -> dict[str, str]:
        """Return the PINs of agents who log in by phone, by name.

        Raises:
            ConfigError: If the file cannot be used, or a PIN is none.
        """
        if self.pins is None:
            return {}
        found = read_secrets(self.pins, setting="asterisk.agi.pins")
        for name, pin in found.items():
            if not _PIN.fullmatch(pin):
                raise ConfigError(f"asterisk.agi.pins: the PIN of {name!r} must have 4 to 16 digits")
        return found
