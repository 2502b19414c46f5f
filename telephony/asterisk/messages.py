"""What Asterisk's manager interface (AMI) writes and reads: bytes into messages, actions into bytes. Pure.

Nothing that a value holds can end its line: what cannot be carried as it is, is refused. So no lead's name, and nothing else
that comes from a list or a person, adds a header, a variable or an action.

Text is UTF-8. A line of Asterisk's that is not, such as a caller's name from an old exchange, is read as Latin-1: readable and
of plain characters, which databases and JSON take; the surrogates of `surrogateescape` they would not.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

Value = str | int | Sequence[str] | Mapping[str, str]
"""A header's value; a sequence stands for the header repeated, a mapping for a `Variable` header a variable."""

MAX_LINE = 1022
"""Most bytes of a line that Asterisk reads, without its end. Source: main/manager.c, `char inbuf[1025]`; measured with 22.10."""

MAX_LINES = 128
"""Most lines of an action. Source: include/asterisk/manager.h, AST_MAX_MANHEADERS; measured."""

MAX_MESSAGE = 16 * 1024 * 1024
"""Most bytes of a message of Asterisk's. A guess: `dialplan show` of a large site has a hundredth of it."""

_END = b"\r\n\r\n"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_VARIABLE = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9_]*")
_LINE_ENDS = re.compile(r"[\r\n\0]")
_SPECIAL = re.compile(r'([\\",])')
_GREETING = re.compile(r"([^:/]+)/(\S+)")
_NONE: Mapping[str, tuple[str, ...]] = MappingProxyType({})


class UnsafeTextError(ValueError):
    """A name or a value cannot be carried to Asterisk as it is; nothing was sent."""


class NotManagerError(ValueError):
    """What the far end sends is not the manager interface."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """An event or a reply.

    Attributes:
        headers: By name as Asterisk writes it. Of a repeated name the first value: what Asterisk itself says of a channel stands
            before what a dialplan or a caller adds.
        repeated: All values, in order, of the names that came more than once.
        text: The lines that are no header.
    """

    headers: Mapping[str, str]
    repeated: Mapping[str, tuple[str, ...]] = _NONE
    text: tuple[str, ...] = ()

    def values(self, name: str) -> tuple[str, ...]:
        """Return every value of a name, in order; none if it is not there."""
        if name in self.repeated:
            return self.repeated[name]
        return (self.headers[name],) if name in self.headers else ()


class Splitter:
    """Cuts what arrives into messages, however it is cut on the way.

    Attributes:
        greeting: Name and version, such as `("Asterisk Call Manager", "11.0.0")`; None until they came.
    """

    def __init__(self) -> None:
        self.greeting: tuple[str, str] | None = None
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Return the messages that these bytes complete.

        Raises:
            NotManagerError: If no greeting comes first, or a message has no end.
        """
        buffer = self._buffer
        searched = max(len(buffer) - len(_END) + 1, 0)
        buffer += data
        if self.greeting is None:
            if not self._greet(buffer):
                return []
            searched = 0
        end = buffer.rfind(_END, searched)
        if end < 0:
            if len(buffer) > MAX_MESSAGE:
                raise NotManagerError(f"a message of the far end is longer than {MAX_MESSAGE} bytes")
            return []
        end += len(_END)
        whole = bytes(buffer[:end])
        del buffer[:end]
        return [parse(text) for text in _texts(whole)]

    def _greet(self, buffer: bytearray) -> bool:
        line, ended, _ = buffer.partition(b"\r\n")
        if not ended and len(line) <= MAX_LINE:
            return False
        greeting = _GREETING.fullmatch(_readable(bytes(line)).strip())
        if greeting is None or not ended:
            shown = bytes(line[:60]).decode("ascii", "replace")
            raise NotManagerError(
                f"the far end greets with {shown!r}; is this the port of the manager interface?"
            )
        self.greeting = greeting[1], greeting[2]
        del buffer[: len(line) + len(ended)]
        return True


def parse(text: str) -> Message:
    """Return one message, given without its end."""
    lines = text.split("\r\n")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(": ")
        if not colon:
            return _parse_carefully(lines)
        headers[name] = value
    # A repeated name; or a dialplan's own event, which may lack the space behind a colon that Asterisk always writes: it
    # would be a colon in a name.
    if len(headers) != len(lines) or "UserEvent" in headers or ":" in "".join(headers):
        return _parse_carefully(lines)
    return Message(headers)


def _parse_carefully(lines: Sequence[str]) -> Message:
    values: dict[str, list[str]] = {}
    text = []
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            values.setdefault(name, []).append(value.removeprefix(" "))
        elif line:
            text.append(line)
    return Message(
        {name: given[0] for name, given in values.items()},
        {name: tuple(given) for name, given in values.items() if len(given) > 1},
        tuple(text),
    )


def _texts(whole: bytes) -> list[str]:
    try:
        pieces = str(whole, "utf-8").split("\r\n\r\n")
    except UnicodeDecodeError:
        pieces = ["\r\n".join(map(_readable, piece.split(b"\r\n"))) for piece in whole.split(_END)]
    # More than one empty line ends no second message.
    return [piece for piece in pieces if piece and piece != "\r\n"]


def _readable(line: bytes) -> str:
    try:
        return str(line, "utf-8")
    except UnicodeDecodeError:
        return str(line, "latin-1")


def format_action(headers: Mapping[str, Value]) -> bytes:
    r"""Return the bytes of an action.

    A `Variable` header sets one variable for each item, whatever its value holds. Asterisk separates variables by commas and takes
    quotes and backslashes away; a backslash before each of them keeps it. `${...}` is stored as it is and not evaluated.

    Args:
        headers: By name. Items of `Variable` are `name=value` with the value as it shall arrive, or a mapping.

    Raises:
        UnsafeTextError: If a name is none, a value holds CR, LF, NUL or half a character, or something is too long. A variable's
            name is a plain one: a function's, such as `SHELL(...)`, is refused.
    """
    lines = []
    for name, value in headers.items():
        if not _NAME.fullmatch(name):
            raise UnsafeTextError(f"{name!r} is no header's name")
        lines += [_line(name, item) for item in _items(name, value)]
    if len(lines) > MAX_LINES:
        raise UnsafeTextError(f"the action has {len(lines)} lines; Asterisk reads {MAX_LINES}")
    return b"".join(lines) + b"\r\n"


def _items(name: str, value: Value) -> list[str]:
    if isinstance(value, Mapping):
        return [_variable(one, given) for one, given in value.items()]
    items = [str(value)] if isinstance(value, str | int) else list(value)
    if name.lower() == "variable":
        return [_variable(*item.split("=", 1)) if "=" in item else item for item in items]
    return items


def _variable(name: str, value: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise UnsafeTextError(f"{name!r} is no variable's name")
    escaped = _SPECIAL.sub(r"\\\1", value)
    return f"{name}={escaped}"


def _line(name: str, value: str) -> bytes:
    if _LINE_ENDS.search(value):
        raise UnsafeTextError(f"{name}: a value with a line end or a NUL cannot be carried: {value[:60]!r}")
    try:
        line = f"{name}: {value}".encode()
    except UnicodeEncodeError as error:
        raise UnsafeTextError(f"{name}: a value is not valid Unicode: {value[:60]!r}") from error
    if len(line) > MAX_LINE:
        raise UnsafeTextError(f"{name}: a line of {len(line)} bytes is too long; Asterisk reads {MAX_LINE}")
    return line + b"\r\n"
