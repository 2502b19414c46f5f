"""What numbers do: a TOML file of rules, and the plan of one number drawn from it.

    seed = 1                            # optional; the command line's --seed wins

    [default]                           # optional; without it an unlisted number is "invalid"
    kind = "person"

    [[rule]]
    numbers = ["+12125550100"]          # exact numbers win over prefixes,
    prefixes = ["+1212555013"]          # the longest matching prefix over shorter ones
    kind = "person"
    ring_s = [1, 3]                     # a number, or the bounds of a range
    talk_s = 5

The same seed and number always give the same plan, whatever else is called and in whatever order.

Kinds, with what each does after `post_dial_s` (from the INVITE on):

    person       180, rings, 200; hangs up `talk_s` after it first heard anything (absent: never) or after
                 `patience_s` of hearing nothing (absent: never)
    machine      180, rings, 200; plays for `talk_s` from the answer on, hangs up
    slow-answer  a person who rings long                early-media  a person; 183 with ringback, not 180
    rtp-less     a person who never sends audio         busy         486
    declined     603                                    invalid      404
    congestion   503                                    no-answer    180, then nothing
    silent       no reply at all
    announcement 183 with what `plays` says, 480 after `ring_s`

`plays` is what is heard instead of ringback or of a tone pair: `sit-intercept`, `sit-vacant`, `sit-reorder`,
`sit-no-circuit`, `sit-plain`, or the path of a WAV (8 kHz, 16 bit, mono). A `machine` plays it after the answer.

`status` replaces a kind's final status, `ring_s` above 0 lets a refusal ring first, `cause` adds a Q.850
Reason to the refusal or to our BYE, `sdp_host` is the address that the session description names instead of
our own. `speech` is what an answer sounds like to machine detection, seconds of silence and of voice in turn, silence
first and after the last: [0.3, 0.7] says hello. Without it one tone lasts as long as the call.
"""

import ipaddress
import random
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Self

import msgspec

from dialer.errors import ConfigError
from telephony.sip.emulator.recordings import SITS

Range = float | tuple[float, float]


class Kind(StrEnum):
    """The behaviours there are."""

    PERSON = "person"
    MACHINE = "machine"
    SLOW_ANSWER = "slow-answer"
    EARLY_MEDIA = "early-media"
    RTP_LESS = "rtp-less"
    BUSY = "busy"
    DECLINED = "declined"
    INVALID = "invalid"
    CONGESTION = "congestion"
    NO_ANSWER = "no-answer"
    SILENT = "silent"
    ANNOUNCEMENT = "announcement"


class Behaviour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a number behaves; absent ranges are the kind's own."""

    kind: Kind
    post_dial_s: Range | None = None
    ring_s: Range | None = None
    talk_s: Range | None = None
    patience_s: Range | None = None
    status: int | None = None
    cause: int | None = None
    sdp_host: str = ""
    speech: tuple[float, ...] = ()
    plays: str = ""
    video: bool = False

    def __post_init__(self) -> None:
        for name in ("post_dial_s", "ring_s", "talk_s", "patience_s"):
            bounds = getattr(self, name)
            low, high = bounds if isinstance(bounds, tuple) else (bounds or 0.0, bounds or 0.0)
            if not 0 <= low <= high < 86_400:
                raise ValueError(f"{name} must be a number of seconds or [low, high], below a day")
        if self.status is not None and not 300 <= self.status <= 699:
            raise ValueError("status must be a refusal, 300 to 699")
        if self.cause is not None and not 1 <= self.cause <= 127:
            raise ValueError("cause must be a Q.850 cause, 1 to 127")
        if not all(0 <= length <= 60 for length in self.speech):
            raise ValueError("speech must be seconds of silence and of voice in turn, each at most 60")
        if self.plays and self.plays not in SITS and not Path(self.plays).is_file():
            raise ValueError(f"plays is {self.plays!r}: write a WAV's path or one of {', '.join(SITS)}")
        if self.sdp_host:
            ipaddress.ip_address(self.sdp_host)  # raises ValueError with the reason


class Rule(Behaviour, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A behaviour and whose it is."""

    numbers: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    seed: int = 0
    default: Behaviour = Behaviour(kind=Kind.INVALID)
    rule: tuple[Rule, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What one number will do, all ranges drawn; None is "never" or "nothing"."""

    kind: Kind
    provisional: int | None
    final: int | None
    post_dial_s: float
    ring_s: float
    talk_s: float | None
    patience_s: float | None
    cause: int | None
    sdp_host: str = ""
    speech: tuple[float, ...] = ()
    plays: str = ""
    video: bool = False


# Refusals; how long a kind rings where the file does not say; how long a machine plays: guesses at
# what is usual, close enough to try a configuration with.
_REFUSALS = {Kind.BUSY: 486, Kind.DECLINED: 603, Kind.INVALID: 404, Kind.CONGESTION: 503}
_RING_S: dict[Kind, Range] = {
    Kind.SLOW_ANSWER: (18.0, 22.0),
    Kind.ANNOUNCEMENT: 20.0,
    **dict.fromkeys(_REFUSALS, 0.0),
}
_ANSWER_RING_S = (2.0, 6.0)
_MACHINE_TALK_S = (8.0, 15.0)


class Directory:
    """Every number's behaviour."""

    def __init__(self, rules: tuple[Rule, ...], *, default: Behaviour, seed: int) -> None:
        self._default = default
        self._seed = seed
        self._exact: dict[str, Behaviour] = {}
        self._prefixes: dict[str, Behaviour] = {}
        for rule in rules:
            for table, names in ((self._exact, rule.numbers), (self._prefixes, rule.prefixes)):
                for name in names:
                    if name in table:
                        raise ConfigError(f"{name} is in two rules; keep one of them")
                    table[name] = rule

    @classmethod
    def load(cls, path: Path, *, seed: int | None = None) -> Self:
        """Return what a file says.

        Raises:
            ConfigError: If it cannot be read, or says something impossible, with the place.
        """
        try:
            content = msgspec.convert(tomllib.loads(path.read_text()), _File)
            return cls(content.rule, default=content.default, seed=content.seed if seed is None else seed)
        except OSError as error:
            raise ConfigError(f"cannot read {path}: {error.strerror}") from error
        except (ValueError, ConfigError) as error:  # TOML and msgspec raise subclasses of ValueError
            raise ConfigError(f"{path}: {error}") from error

    def behave(self, number: str, behaviour: Behaviour) -> None:
        """Change what one number does from its next call on."""
        self._exact[number] = behaviour

    def plan(self, number: str) -> Plan:
        """Return what a number will do when called."""
        behaviour = self._exact.get(number)
        if behaviour is None:
            lengths = range(len(number), 0, -1)
            matching = (self._prefixes[number[:end]] for end in lengths if number[:end] in self._prefixes)
            behaviour = next(matching, self._default)
        return draw(behaviour, number, seed=self._seed)


def draw(behaviour: Behaviour, number: str, *, seed: int) -> Plan:
    """Return a behaviour's plan for a number; the same arguments, the same plan."""
    kind = behaviour.kind

    def pick(name: str, given: Range | None, usual: Range | None) -> float | None:
        bounds = usual if given is None else given
        if not isinstance(bounds, tuple):
            return bounds
        return random.Random(f"{seed}/{number}/{name}").uniform(*bounds)

    ring_s = pick("ring_s", behaviour.ring_s, _RING_S.get(kind, _ANSWER_RING_S)) or 0.0
    return Plan(
        kind=kind,
        provisional=_provisional(kind, ring_s),
        final=_final(behaviour),
        post_dial_s=pick("post_dial_s", behaviour.post_dial_s, 0.0) or 0.0,
        ring_s=ring_s,
        talk_s=pick("talk_s", behaviour.talk_s, _MACHINE_TALK_S if kind is Kind.MACHINE else None),
        patience_s=pick("patience_s", behaviour.patience_s, None),
        cause=behaviour.cause,
        sdp_host=behaviour.sdp_host,
        speech=behaviour.speech,
        video=behaviour.video,
        plays=behaviour.plays or ("sit-intercept" if kind is Kind.ANNOUNCEMENT else ""),
    )


def _provisional(kind: Kind, ring_s: float) -> int | None:
    if kind is Kind.SILENT or (kind in _REFUSALS and ring_s == 0):
        return None
    return 183 if kind in (Kind.EARLY_MEDIA, Kind.ANNOUNCEMENT) else 180


def _final(behaviour: Behaviour) -> int | None:
    if behaviour.kind in (Kind.SILENT, Kind.NO_ANSWER):
        return None
    refusals = {**_REFUSALS, Kind.ANNOUNCEMENT: 480}
    return behaviour.status or refusals.get(behaviour.kind, 200)
