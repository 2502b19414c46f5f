"""Which hosts agents' phones may be at: names, addresses and networks, compared as they are written.

A name is never resolved here: whoever allows a name trusts whoever answers for it.
"""

import ipaddress
import re
from collections.abc import Sequence

# Source: RFC 1123 2.1, with the underscore that some private networks use.
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?", re.ASCII)


class PhoneHosts:
    """An allow-list; an empty one allows every host.

    Raises:
        ValueError: If an entry is no name, address or network.
    """

    def __init__(self, allowed: Sequence[str]) -> None:
        self._all = not allowed
        self._names: set[str] = set()
        self._networks: list[ipaddress.IPv4Network] = []
        for entry in allowed:
            if re.fullmatch(r"[\d./]+", entry, re.ASCII):
                self._networks.append(_network(entry))
            elif _NAME.fullmatch(entry):
                self._names.add(entry.lower())
            else:
                raise ValueError(f"{entry!r} is no host name, IPv4 address or network such as 192.0.2.0/24")

    def allows(self, host: str) -> bool:
        """Return whether a phone may be at a host, a name or an IPv4 address."""
        if self._all or host.lower() in self._names:
            return True
        try:
            address = ipaddress.IPv4Address(host)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def _network(entry: str) -> ipaddress.IPv4Network:
    try:
        return ipaddress.IPv4Network(entry)
    except ValueError as error:
        raise ValueError(f"{entry!r} is no IPv4 address or network such as 192.0.2.0/24 ({error})") from error
