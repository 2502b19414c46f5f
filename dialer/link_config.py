"""What the configuration says of the ways between Asterisk servers; there is one wherever two have `sip`."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Annotated

import msgspec

from dialer.core.settings import LinkSettings

_LINK = LinkSettings(servers=("", ""))


class AsteriskLink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The way between two servers that both have `sip`; one without such a table is as these defaults say."""

    between: tuple[str, str]
    """The names of the two."""
    slots: Annotated[int, msgspec.Meta(ge=0)] = _LINK.slots
    """So many customers at one may talk with agents at the other at a time, both directions together; 0: none. A guess: as many as
    a trunk has lines, 3 Mbit/s each way."""
    delay_ms: Annotated[float, msgspec.Meta(ge=0)] = _LINK.delay_ms
    """How much later such a customer hears the agent. An agent at the customer's own server comes first, unless another
    has been free for so many seconds longer. Measured on one machine: median 27 ms against 2 ms."""


def settings_of(servers: Sequence[str], links: Mapping[str, AsteriskLink]) -> tuple[LinkSettings, ...]:
    """Return the link of each pair of servers.

    Args:
        servers: Those that the others reach.
        links: Those with settings of their own, by any name.

    Raises:
        ValueError: If a link is between others, or there are two between the same.
    """
    own: dict[frozenset[str], AsteriskLink] = {}
    for name, link in links.items():
        pair = frozenset(link.between)
        if len(pair) != 2 or not pair <= frozenset(servers):
            raise ValueError(
                f"links.{name}.between is {list(link.between)}: name two servers that both have sip, of "
                f"{', '.join(servers) or 'which there is none'}"
            )
        if pair in own:
            raise ValueError(f"links.{name}: there is another link between the same servers: keep one")
        own[pair] = link
    found = ((pair, own.get(frozenset(pair))) for pair in combinations(servers, 2))
    return tuple(
        LinkSettings(servers=pair)
        if link is None
        else LinkSettings(servers=pair, slots=link.slots, delay_ms=link.delay_ms)
        for pair, link in found
    )
