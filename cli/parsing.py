"""How settings are written on the command line: calling windows, retry rules, addresses."""

import re
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dialer.core.settings import RetryRule
    from dialer.core.states import Outcome

_DAY_MIN = 24 * 60
# A guess: far longer than people choose, short enough for a table.
_NAME_LENGTH = 80


class Name(click.ParamType[str]):
    """What a list, a campaign or an agent is called."""

    name = "NAME"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name; it fits a line of a table and can be seen there."""
        if not value.strip() or not value.isprintable() or len(value) > _NAME_LENGTH:
            self.fail(
                f"{value!r} is no name: give 1 to {_NAME_LENGTH} characters that can be seen", param, ctx
            )
        return value


class Window(click.ParamType[tuple[int, int]]):
    """`8:00-21:00`: minutes after local midnight."""

    name = "H:MM-H:MM"

    def convert(
        self,
        value: str | tuple[int, int],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[int, int]:
        """Return opening and closing minute; a window does not span midnight."""
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(\d{1,2}):([0-5]\d)-(\d{1,2}):([0-5]\d)", value)
        if found is None:
            self.fail(f"{value!r} is no window: write it as 8:00-21:00", param, ctx)
        hours = [int(digits) for digits in found.groups()]
        opens, closes = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        if not opens < closes <= _DAY_MIN:
            self.fail(f"{value!r} must open before it closes, at 24:00 at the latest", param, ctx)
        return opens, closes


class Retry(click.ParamType["tuple[Outcome, RetryRule]"]):
    """`busy=3x10`: at most 3 times busy, 10 minutes before the next attempt."""

    name = "OUTCOME=TIMESxMINUTES"

    def convert(
        self,
        value: "str | tuple[Outcome, RetryRule]",
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> "tuple[Outcome, RetryRule]":
        """Return the outcome and its rule."""
        from dialer.core.settings import RetryRule
        from dialer.core.states import Outcome

        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(\w+)=(\d{1,4})x(\d{1,6}(?:\.\d{1,6})?)", value)
        if found is None or int(found[2]) < 1:
            self.fail(f"{value!r} is no retry rule: write it as busy=3x10", param, ctx)
        try:
            return Outcome(found[1]), RetryRule(int(found[2]), float(found[3]))
        except ValueError:
            self.fail(f"no outcome is called {found[1]!r}: there are {', '.join(Outcome)}", param, ctx)


class Address(click.ParamType[tuple[str, int]]):
    """`127.0.0.1:5070`."""

    name = "HOST:PORT"

    def convert(
        self,
        value: str | tuple[str, int],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, int]:
        """Return host and port."""
        if isinstance(value, tuple):
            return value
        host, colon, port = value.rpartition(":")
        if not colon or not host or not port.isdigit() or int(port) > 65_535:
            self.fail(
                f"{value!r} is no address: write it as 127.0.0.1:5070; port 0 takes a free one", param, ctx
            )
        return host.strip("[]"), int(port)


def check_caller_id(_context: click.Context, _option: click.Parameter, number: str | None) -> str | None:
    """Return a number in E.164.

    Source:
        ITU-T E.164: at most 15 digits; none begins with 0.
    """
    if number is not None and not re.fullmatch(r"\+[1-9]\d{6,14}", number):
        raise click.BadParameter(f"{number!r} is no number in full: write it as +12025550199")
    return number


def check_countries(
    _context: click.Context, _option: click.Parameter, codes: tuple[str, ...]
) -> tuple[str, ...]:
    """Return country codes in capitals, each one that numbers can have."""
    from phonenumbers import SUPPORTED_REGIONS

    for code in codes:
        if code.upper() not in SUPPORTED_REGIONS:
            raise click.BadParameter(f"{code!r} is no country code: give two letters such as US or GB")
    return tuple(code.upper() for code in codes)


def check_zone(_context: click.Context, _option: click.Parameter, zone: str | None) -> str | None:
    """Return the name of a time zone that exists."""
    from zoneinfo import available_timezones

    if zone is not None and zone not in available_timezones():
        raise click.BadParameter(f"{zone!r} is no time zone: give one such as America/New_York")
    return zone
