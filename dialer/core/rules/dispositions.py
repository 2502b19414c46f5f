"""What an agent can say came of a talk, and what becomes of the lead then."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from dialer.errors import ConfigError

DIGITS = tuple("0123456789")


class Fate(StrEnum):
    """What becomes of a lead whose talk was disposed of."""

    FINISH = "finish"
    RETRY = "retry"
    CALLBACK = "callback"  # at the time that was promised, before other leads
    BLOCK = "block"  # the number goes on the do-not-call list, which holds for every campaign


class Flag(StrEnum):
    """What a disposition says of a talk, for the reports."""

    PERSON = "person"
    RIGHT_PARTY = "right_party"
    SUCCESS = "success"
    MACHINE = "machine"
    WRONG_NUMBER = "wrong_number"
    DO_NOT_CALL = "do_not_call"
    CALLBACK = "callback"


class Disposition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the answers that a campaign's agents choose from."""

    code: str
    label: str = ""
    digit: str = ""
    """The key of the agent's phone that chooses it; empty: none."""
    flags: tuple[Flag, ...] = ()
    fate: Fate = Fate.FINISH
    minutes: float = 120.0
    """The wait of a retry, and of a callback for which the agent names no time. A guess."""


_PERSON, _PARTY = Flag.PERSON, Flag.RIGHT_PARTY

DEFAULT_DISPOSITIONS: tuple[Disposition, ...] = (
    Disposition(code="sale", label="Sale", digit="1", flags=(_PERSON, _PARTY, Flag.SUCCESS)),
    Disposition(code="not_interested", label="Not interested", digit="2", flags=(_PERSON, _PARTY)),
    Disposition(
        code="callback",
        label="Call back later",
        digit="3",
        flags=(_PERSON, Flag.CALLBACK),
        fate=Fate.CALLBACK,
    ),
    Disposition(code="not_there", label="Person not there", digit="4", flags=(_PERSON,), fate=Fate.RETRY),
    Disposition(
        code="machine",
        label="Answering machine",
        digit="5",
        flags=(Flag.MACHINE,),
        fate=Fate.RETRY,
        minutes=240.0,
    ),
    Disposition(code="silence", label="Nobody speaks", digit="6", fate=Fate.RETRY, minutes=60.0),
    Disposition(code="wrong_number", label="Wrong number", digit="7", flags=(_PERSON, Flag.WRONG_NUMBER)),
    Disposition(
        code="do_not_call",
        label="Do not call again",
        digit="9",
        flags=(_PERSON, Flag.DO_NOT_CALL),
        fate=Fate.BLOCK,
    ),
)


def find(dispositions: Iterable[Disposition], code: str) -> Disposition | None:
    """Return the disposition of that code, or None."""
    return next((each for each in dispositions if each.code == code), None)


def check(dispositions: Sequence[Disposition], default: str) -> None:
    """Make sure that agents can choose from dispositions, and that the default is one of them.

    Raises:
        ConfigError: If not; the text names the code at fault.
    """
    for each in dispositions:
        if fault := _fault(each):
            raise ConfigError(f"disposition {each.code!r}: {fault}")
    codes = [each.code for each in dispositions]
    if twice := _twice(codes):
        raise ConfigError(f"disposition {twice!r} is there twice: remove one")
    if twice := _twice([each.digit for each in dispositions if each.digit]):
        raise ConfigError(f"digit {twice} chooses two dispositions: give one of them another")
    if not default:
        return
    stands_in = find(dispositions, default)
    if stands_in is None:
        raise ConfigError(f"the default disposition {default!r} is none of: {', '.join(codes)}")
    if stands_in.fate is Fate.BLOCK:
        raise ConfigError(f"the default disposition {default!r} blocks numbers: let only agents choose that")


def _fault(each: Disposition) -> str:
    if not re.fullmatch(r"[a-z0-9_-]{1,40}", each.code):
        return "write its code in small letters, digits, _ and -, at most 40"
    if each.digit and each.digit not in DIGITS:
        return "its digit is one of 0 to 9, or empty"
    if each.minutes <= 0:
        return "its minutes must be more than 0"
    if Flag.DO_NOT_CALL in each.flags and each.fate is not Fate.BLOCK:
        return 'whoever asks not to be called must not be: set fate = "block"'
    return ""


def _twice(names: Sequence[str]) -> str | None:
    return next((name for name in names if names.count(name) > 1), None)
