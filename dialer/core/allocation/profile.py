"""What an agent is: skills with levels, teams, attributes, kind and limits."""

import re
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from dialer.core.allocation.capacity import Channel, Limits

WORD: Final = r"^[a-z_][a-z0-9_]{0,39}$"
"""What a skill or an attribute is called, so that expressions can name it."""

TEAM: Final = r"^[\w.-]{1,40}$"
"""What a team is called."""

OWN_NAMES: Final = ("skills", "teams", "kind")
"""What expressions know of every agent; attributes are called otherwise."""

# Words that the expression language keeps for itself. Source: the language definition of CEL, "Syntax".
KEPT_WORDS: Final = frozenset((
    "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop", "null",
    "package", "namespace", "return", "true", "var", "void", "while",
))  # fmt: skip

MAX_LEVEL: Final = 100
MAX_ATTRIBUTES: Final = 50
"""A guess, as the length is: enough for what people sort agents by, small in every message about them."""

MAX_TEAMS: Final = 20

MAX_TEXT: Final = 200
"""Characters of an attribute."""

SkillName = Annotated[str, msgspec.Meta(pattern=WORD)]
Level = Annotated[int, msgspec.Meta(ge=1, le=MAX_LEVEL)]
TeamName = Annotated[str, msgspec.Meta(pattern=TEAM)]
Whole = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""What JSON and the expression language both hold exactly."""

Value = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)] | Whole | float | bool


class AgentKind(StrEnum):
    """Where an agent works from, and what may be given to such a one."""

    REMOTE = "remote"  # from anywhere: answers questions
    SEAT = "seat"  # on site: does operations, too
    NONE = ""  # nobody said


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an agent is, as far as it decides who gets which task."""

    skills: dict[SkillName, Level] = {}
    teams: Annotated[tuple[TeamName, ...], msgspec.Meta(max_length=MAX_TEAMS)] = ()
    """The first one that has limits gives them to agents without own ones."""
    attributes: dict[SkillName, Value] = {}
    kind: AgentKind = AgentKind.NONE
    channels: tuple[Channel, ...] = tuple(Channel)
    limits: Limits | None = None
    """The agent's own; None: the team's, else the workspace's."""

    def __post_init__(self) -> None:
        for name in (*self.skills, *self.attributes):
            check_word(name)
        for name in OWN_NAMES:
            if name in self.attributes:
                raise ValueError(
                    f"no attribute may be called {name!r}, as every agent has {name}: choose another"
                )
        if len(self.attributes) > MAX_ATTRIBUTES:
            raise ValueError(f"there are {len(self.attributes)} attributes: {MAX_ATTRIBUTES} at most")


def check_word(name: str) -> None:
    """Make sure that expressions can name a skill or an attribute.

    Raises:
        ValueError: If they cannot.
    """
    if not re.fullmatch(WORD, name):
        raise ValueError(f"{name!r} is no name for it: write small letters, digits and _, such as `card_1`")
    if name in KEPT_WORDS:
        raise ValueError(f"{name!r} is a word of the expression language: choose another name")


class SharedLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of text volume of agents who have none of their own."""

    workspace: Limits = Limits()
    teams: dict[str, Limits] = {}

    def of(self, profile: Profile) -> Limits:
        """Return an agent's limits: its own, else those of its first team that has some, else the workspace's."""
        if profile.limits is not None:
            return profile.limits
        return next((self.teams[team] for team in profile.teams if team in self.teams), self.workspace)
