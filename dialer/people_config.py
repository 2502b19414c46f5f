"""What the configuration says of agents as a whole: their skills and teams, and how much text they carry."""

import re
from collections.abc import Mapping

import msgspec

from dialer.core.allocation.capacity import Limits
from dialer.core.allocation.profile import TEAM, SharedLimits, check_word


class CapacityConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much text an agent carries who has no limits, nor a team that has some."""

    first_limit: int = Limits().first
    """Text volume beside a call."""
    second_limit: int = Limits().second
    """Text volume without one."""

    def __post_init__(self) -> None:
        self.limits()

    def limits(self) -> Limits:
        """Return the limits."""
        return Limits(first=self.first_limit, second=self.second_limit)


class TeamConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A team; `dialer agent set NAME --team TEAM` lets an agent belong to it."""

    label: str = ""
    first_limit: int | None = None
    """Text volume that its agents carry beside a call; None: as the workspace's agents. Set both limits, or neither."""
    second_limit: int | None = None
    """Text volume without a call."""

    def __post_init__(self) -> None:
        self.limits()

    def limits(self) -> Limits | None:
        """Return the limits, None if the team has none of its own."""
        if self.first_limit is None and self.second_limit is None:
            return None
        if self.first_limit is None or self.second_limit is None:
            raise ValueError("first_limit and second_limit belong together: set both, or neither")
        return Limits(first=self.first_limit, second=self.second_limit)


def check_names(teams: Mapping[str, object], skills: Mapping[str, object]) -> None:
    """Make sure that agents can have these teams and skills.

    Raises:
        ValueError: If they cannot.
    """
    for name in teams:
        if not re.fullmatch(TEAM, name):
            raise ValueError(
                f"teams: {name!r} is no name for a team: write letters, digits, `.`, `_` and `-`"
            )
    for name in skills:
        try:
            check_word(name)
        except ValueError as error:
            raise ValueError(f"skills: {error}") from error


def shared_limits(capacity: CapacityConfig, teams: Mapping[str, TeamConfig]) -> SharedLimits:
    """Return what the engine must know of limits."""
    own = {name: limits for name, team in teams.items() if (limits := team.limits()) is not None}
    return SharedLimits(workspace=capacity.limits(), teams=own)
