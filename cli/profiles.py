"""How an agent's profile is written on the command line, changed and shown."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from cli.options import Function
from dialer.core.allocation.capacity import Channel, Limits
from dialer.core.allocation.profile import AgentKind, Profile, check_word
from dialer.errors import ConfigError

if TYPE_CHECKING:
    from dialer.config import Config
    from dialer.core.allocation.profile import SharedLimits

NO_KIND = "none"

Scalar = str | int | float | bool


class Pair(click.ParamType[tuple[str, str]]):
    """`sales=3`: a name and what it is set to."""

    def __init__(self, name: str) -> None:
        self.name = name

    def convert(
        self,
        value: str | tuple[str, str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, str]:
        """Return both sides, the right one as it is written."""
        if isinstance(value, tuple):
            return value
        name, sign, right = value.partition("=")
        if not sign or not name:
            self.fail(f"{value!r} is not understood: write it as {self.name}", param, ctx)
        return name, right


def scalar(text: str) -> Scalar:
    """Return what a text stands for: a number or true or false in the form of JSON, else the text; in quotes it stays one."""
    try:
        value = json.loads(text, parse_constant=str)
    except ValueError:
        return text
    return value if isinstance(value, Scalar) else text


def profile_options(*, removes: bool) -> Callable[[Function], Function]:
    """Add the options of a profile, those that take something away only if asked."""
    again = "; again for more"
    given: list[Callable[[Function], Function]] = [
        click.option(
            "--skill",
            "skills",
            type=Pair("SKILL=LEVEL"),
            multiple=True,
            help=f"A skill and its level, 1 to 100{', 0 takes it away' if removes else ''}{again}.",
        ),
        click.option("--team", "teams", multiple=True, metavar="TEAM", help=f"A team to belong to{again}."),
        click.option(
            "--attribute",
            "attributes",
            type=Pair("NAME=VALUE"),
            multiple=True,
            help=f"Anything else that workflows can ask for{', no value takes it away' if removes else ''}{again}.",
        ),
        click.option(
            "--kind",
            type=click.Choice([*(kind.value for kind in AgentKind if kind), NO_KIND]),
            help="Works from anywhere and answers questions, or on site and does operations, too.",
        ),
        click.option(
            "--channel",
            "channels",
            type=click.Choice([channel.value for channel in Channel]),
            multiple=True,
            help=f"What the agent takes{again}; default all.",
        ),
        click.option("--first-limit", type=click.IntRange(min=0), help="Text volume beside a call."),
        click.option("--second-limit", type=click.IntRange(min=0), help="Text volume without a call."),
    ]
    taken = [
        click.option("--no-team", "left", multiple=True, metavar="TEAM", help=f"A team to leave{again}."),
        click.option("--shared-limits", is_flag=True, help="The team's limits, or the workspace's, again."),
    ]

    def add(function: Function) -> Function:
        for option in reversed([*given, *taken] if removes else given):
            function = option(function)
        return function

    return add


def changed(profile: Profile, given: Mapping[str, Any], config: "Config") -> Profile:
    """Return a profile as the options change it.

    Raises:
        ConfigError: If it cannot be so, or names a skill or a team that the configuration does not have.
    """
    from difflib import get_close_matches

    for kind, names, known in (
        ("skill", [name for name, _ in given["skills"]], config.skills),
        ("team", given["teams"], config.teams),
    ):
        for name in names:
            if known and name not in known:
                close = get_close_matches(name, known, n=1)
                hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"
                raise ConfigError(f"the configuration has no {kind} {name!r}: {hint}")
    try:
        return _checked(profile, given)
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _checked(profile: Profile, given: Mapping[str, Any]) -> Profile:
    import msgspec

    for name, _ in (*given["skills"], *given["attributes"]):
        check_word(name)
    skills = profile.skills | {name: _level(name, level) for name, level in given["skills"]}
    attributes = profile.attributes | {name: scalar(value) for name, value in given["attributes"]}
    teams = dict.fromkeys((*profile.teams, *given["teams"]))
    kind = given["kind"] or profile.kind
    fields = {
        "skills": {name: level for name, level in skills.items() if level},
        "teams": [team for team in teams if team not in given.get("left", ())],
        "attributes": {name: value for name, value in attributes.items() if value != ""},
        "kind": AgentKind.NONE if kind == NO_KIND else kind,
        "channels": given["channels"] or profile.channels,
        "limits": None if given.get("shared_limits") else _limits(profile.limits, given),
    }
    return msgspec.convert(msgspec.to_builtins(fields), Profile)


def _level(name: str, level: str) -> int:
    if not level.isdecimal():
        raise ValueError(f"the level of {name!r} is {level!r}: write a number from 1 to 100")
    return int(level)


def _limits(own: Limits | None, given: Mapping[str, Any]) -> Limits | None:
    first, second = given["first_limit"], given["second_limit"]
    if first is None and second is None:
        return own
    if own is None and (first is None or second is None):
        raise ValueError("an agent's limits belong together: give --first-limit and --second-limit")
    own = own or Limits()
    return Limits(
        first=own.first if first is None else first, second=own.second if second is None else second
    )


def in_short(profile: Profile) -> dict[str, object]:
    """Return the columns of a profile in a list of agents."""
    return {"kind": profile.kind.value, "skills": profile.skills, "teams": profile.teams}


def in_full(profile: Profile, shared: "SharedLimits") -> dict[str, object]:
    """Return all of a profile, with the limits that hold and whose they are."""
    limits = shared.of(profile)
    team = next((team for team in profile.teams if team in shared.teams), None)
    whose = f"of team {team}" if team else "of the workspace"
    return in_short(profile) | {
        "attributes": profile.attributes,
        "channels": [channel.value for channel in profile.channels],
        "first_limit": limits.first,
        "second_limit": limits.second,
        "limits": whose if profile.limits is None else "own",
    }
