"""What a carrier says and plays when a call fails, and what it means: a TOML file that trunks name.

```toml
[[says]]
sip_code = [480, 503]
text = "switched off"
means = "switched_off"

[[plays]]
recording = "switched-off.wav"
means = "switched_off"

[sit]
plain = "unreachable"
```

`says` is about refusals, `plays` about announcements that stand in recordings beside the file, `sit` about special
information tones. The first entry of `says` that fits a refusal gives its end cause. An entry fits when each of its keys does; keys that it
leaves out fit everything. Nothing is a regular expression: no text from a network can be slow to compare.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec.structs import replace

from dialer.core.states import EndCause
from dialer.errors import ConfigError
from dialer.toml_errors import in_words

SipCode = Annotated[int, msgspec.Meta(ge=300, le=699)]
Q850 = Annotated[int, msgspec.Meta(ge=0, le=127)]

MEANINGS: tuple[EndCause, ...] = (
    EndCause.SWITCHED_OFF,
    EndCause.UNREACHABLE,
    EndCause.SUSPENDED,
    EndCause.UNALLOCATED,
    EndCause.CHANGED,
    EndCause.INVALID_FORMAT,
    EndCause.BUSY,
    EndCause.NO_ANSWER,
    EndCause.DECLINED,
    EndCause.CONGESTION,
    EndCause.CARRIER_FAULT,
    EndCause.ACCOUNT_FAULT,
)
"""What a network can mean; the other end causes are what we saw ourselves."""


class Says(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that a carrier says when it refuses a call, and what it means."""

    means: EndCause
    sip_code: SipCode | tuple[SipCode, ...] = ()
    """Final SIP codes of the refusal."""
    q850: Q850 | tuple[Q850, ...] = ()
    """Q.850 causes of its Reason header."""
    text: str = ""
    """A part of its words, in any case; `*` stands for anything in between."""

    def __post_init__(self) -> None:
        check_meaning(self.means)
        if not (self.codes or self.causes or self.parts):
            raise ValueError("it fits every refusal: give it sip_code, q850 or text")

    @property
    def codes(self) -> tuple[int, ...]:
        """Return the SIP codes that fit, none for all."""
        return self.sip_code if isinstance(self.sip_code, tuple) else (self.sip_code,)

    @property
    def causes(self) -> tuple[int, ...]:
        """Return the Q.850 causes that fit, none for all."""
        return self.q850 if isinstance(self.q850, tuple) else (self.q850,)

    @property
    def parts(self) -> list[str]:
        """Return what must stand in the words, in this order."""
        return [part for part in _plain(self.text).split("*") if part.strip()]

    def fits(self, sip_code: int, q850: int | None, text: str) -> bool:
        """Return whether a refusal says this."""
        if self.codes and sip_code not in self.codes:
            return False
        if self.causes and q850 not in self.causes:
            return False
        return _in_order(self.parts, _plain(text))

    def covers(self, other: "Says") -> bool:
        """Return whether whatever fits `other` surely fits this, so that `other` would never be asked after it."""
        return (
            _includes(self.codes, other.codes)
            and _includes(self.causes, other.causes)
            and self.parts in ([], other.parts)
        )

    def in_words(self) -> str:
        """Return what it asks of a refusal, such as `sip_code 480, text "switched off"`."""
        asked = {
            "sip_code": ", ".join(map(str, self.codes)),
            "q850": ", ".join(map(str, self.causes)),
            "text": f'"{self.text}"' if self.text else "",
        }
        return ", ".join(f"{key} {value}" for key, value in asked.items() if value)


class Plays(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An announcement of the carrier's, and what it means."""

    recording: Path
    """WAV (8 kHz, 16 bit, mono); its place is told from that of the carrier's file."""
    means: EndCause

    def __post_init__(self) -> None:
        check_meaning(self.means)


class SitMeanings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What special information tones mean; the defaults are what the North American ones were made for."""

    intercept: EndCause = EndCause.CHANGED
    """Changed or disconnected."""
    vacant: EndCause = EndCause.UNALLOCATED
    reorder: EndCause = EndCause.CONGESTION
    no_circuit: EndCause = EndCause.CONGESTION
    plain: EndCause = EndCause.UNREACHABLE
    """Three tones without a category: an announcement follows. A guess; carriers use it for everything."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            check_meaning(getattr(self, name))

    def means(self, name: str) -> EndCause:
        """Return the meaning of a category."""
        return EndCause(getattr(self, name))


class NetworkWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A carrier's file. With `plays` or `sit` the trunk's calls are listened to."""

    says: tuple[Says, ...] = ()
    plays: tuple[Plays, ...] = ()
    sit: SitMeanings | None = None

    @property
    def listens(self) -> bool:
        """Return whether calls are listened to."""
        return bool(self.plays) or self.sit is not None

    def __post_init__(self) -> None:
        for index, entry in enumerate(self.says):
            for before, earlier in enumerate(self.says[:index], 1):
                if earlier.covers(entry):
                    raise ValueError(
                        f"says {index + 1} is never asked: whatever fits it fits says {before}, which stands before it"
                    )


def check_meaning(means: EndCause) -> None:
    """Refuse an end cause that no network can mean.

    Raises:
        ValueError: With those that one can.
    """
    if means not in MEANINGS:
        raise ValueError(f"a network cannot mean {means}: write one of {', '.join(MEANINGS)}")


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _in_order(parts: Sequence[str], text: str) -> bool:
    at = 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _includes(wide: Sequence[int], narrow: Sequence[int]) -> bool:
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def load(path: Path) -> NetworkWords:
    """Read a carrier's file.

    Raises:
        ConfigError: If it is missing, no TOML, or says what is not understood; with the place.
    """
    try:
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except FileNotFoundError as error:
        raise ConfigError(f"causes: there is no file {path}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"causes: {path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    _check_entries("says", Says, path, text=text, entries=raw.get("says"))
    _check_entries("plays", Plays, path, text=text, entries=raw.get("plays"))
    try:
        words: NetworkWords = _convert(raw, NetworkWords)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {in_words(error, raw, NetworkWords, convert=_convert)}") from error
    plays = (replace(each, recording=path.parent / each.recording) for each in words.plays)
    return replace(words, plays=tuple(plays))


def _path(kind: type, value: object) -> Path:
    """Read the one type that msgspec does not know."""
    if kind is not Path or not isinstance(value, str):
        raise TypeError(f"Expected a path as text, got {value!r}")
    return Path(value)


_convert = partial(msgspec.convert, dec_hook=_path)


def _check_entries(table: str, kind: type, path: Path, *, text: str, entries: object) -> None:
    """Convert the entries one by one, so that a mistake is told with its line."""
    if not isinstance(entries, list):
        return
    lines = list(_lines_of(table, text))
    for index, entry in enumerate(entries):
        try:
            _convert(entry, kind)
        except msgspec.ValidationError as error:
            line = f", line {lines[index]}" if len(lines) == len(entries) else ""
            what = in_words(error, entry, kind, convert=_convert)
            raise ConfigError(f"{path}{line}: {table} {index + 1}: {what}") from error


def _lines_of(table: str, text: str) -> Iterator[int]:
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(rf"\s*\[\[\s*{table}\s*\]\]", line):
            yield number
