"""The text of a condition: its words, what it reads, and whether it keeps within what is allowed.

Only what is listed here is let through to the library: there is no way to name anything else.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, NoReturn

from dialer.core.allocation.profile import KEPT_WORDS
from dialer.errors import ConfigError

MAX_LENGTH: Final = 1_000
MAX_WORDS: Final = 300
MAX_DEPTH: Final = 16
"""Guesses, as the other limits here are: ten times what filters of call centres need, and under 3 ms an evaluation."""

METHODS: Final = ("startsWith", "endsWith", "contains", "size")
LOOPS: Final = ("exists", "all", "exists_one")
FUNCTIONS: Final = ("has", "size", "int", "double", "string")

_WORD = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<text>"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
    |(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>&&|\|\||[=!<>]=|[-+*/%<>!?:,.()\[\]])""",
    re.VERBOSE,
)

_OPENS = {"(": ")", "[": "]"}
_UNARY = ("!", "-")
_ENDS_OPERAND = (")", "]")


class Equality(NamedTuple):
    """That something of the agent has to equal something for the condition to hold, whatever else it says."""

    agent: str
    task: str = ""
    """What of the task; empty: it is a text."""
    text: str = ""


class Reading(NamedTuple):
    """What a condition reads, each path once, in the order of the text."""

    agent: tuple[str, ...]
    task: tuple[str, ...]
    equal: tuple[Equality, ...]


class _Word(NamedTuple):
    kind: str
    text: str
    at: int

    @property
    def ends_operand(self) -> bool:
        """Return whether a value ends with it, so that an operator or a bracket after it is about that value."""
        if self.kind == "name":
            return self.text != "in"
        return self.kind in ("text", "number") or self.text in _ENDS_OPERAND


_NOTHING = _Word("sign", "", 0)


def read(text: str) -> Reading:
    """Return what a condition reads.

    Raises:
        ConfigError: If it is more than a condition may be; the text names the place, as line and column, and a remedy.
    """
    return _Reader(text).read()


class _Reader:
    """Goes through the words once, from the first to the last."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = list(self._split())
        self._next = 0
        self._open: list[str] = []
        self._loop: tuple[str, int] | None = None
        """Of the loop: what stands for an element, and how deep its brackets are."""
        self._loops = 0
        self._reads: dict[str, dict[str, None]] = {"agent": {}, "task": {}}

    def read(self) -> Reading:
        if not self._words:
            self._refuse(0, "there is nothing: write a condition, or leave it out")
        if len(self._words) > MAX_WORDS:
            self._refuse(self._words[MAX_WORDS].at, f"more than {MAX_WORDS} words and signs: split it up")
        before = _NOTHING
        while self._next < len(self._words):
            word = self._take()
            if word.kind == "name":
                self._name(word)
            elif word.kind == "sign":
                self._sign(word, before)
            before = self._words[self._next - 1]
        return Reading(
            tuple(self._reads["agent"]), tuple(self._reads["task"]), tuple(_equalities(self._words))
        )

    # --- words ---------------------------------------------------------------------------------------

    def _split(self) -> Iterator[_Word]:
        if len(self._text) > MAX_LENGTH:
            self._refuse(MAX_LENGTH, f"longer than {MAX_LENGTH:,} characters: split it up")
        at = 0
        while at < len(self._text):
            found = _WORD.match(self._text, at)
            if found is None:
                self._refuse(at, f"{self._text[at]!r} has no place in a condition{self._hint(at)}")
            if found.lastgroup != "space":
                yield _Word(str(found.lastgroup), found[0], at)
            at = found.end()
            if found.lastgroup in ("name", "text", "number") and self._text[at : at + 1] in ("'", '"'):
                self._refuse(
                    at, "a text begins where something else ends: write it as 'text', and quotes in it as \\'"
                )

    def _hint(self, at: int) -> str:
        hints = {
            "'": ": the text has no end",
            '"': ": the text has no end",
            "=": ": compare with ==",
            "&": ": write && for and",
            "|": ": write || for or",
            "{": ": there are no maps",
        }
        return hints.get(self._text[at], "")

    def _take(self) -> _Word:
        self._next += 1
        return self._words[self._next - 1]

    def _peek(self, ahead: int = 0) -> _Word:
        where = self._next + ahead
        return self._words[where] if where < len(self._words) else _Word("sign", "", len(self._text))

    # --- names ---------------------------------------------------------------------------------------

    def _name(self, word: _Word) -> None:
        if word.text in self._reads:
            self._path(word)
        elif word.text in ("true", "false", "null", "in"):
            return
        elif self._loop is not None and word.text == self._loop[0]:
            self._after_value()
        elif word.text in FUNCTIONS and self._peek().text == "(":
            return
        elif word.text == "matches":
            self._refuse_patterns(word)
        else:
            self._refuse(
                word.at,
                f"{word.text!r} is not known: write {word.text!r} in quotes for a text, or a path such as agent.{word.text}",
            )

    def _path(self, word: _Word) -> None:
        """Take a path, and what is done with the value at it."""
        path = self._member(word, f"write what of the {word.text} is meant, such as {word.text}.lang")
        if word.text == "agent" and path == "skills":
            path = f"skills.{self._member(word, 'write which skill is meant, such as agent.skills.sales')}"
        if self._peek().text == "(":
            self._refuse(word.at, f"{word.text}.{path} is no function: compare it with something")
        self._reads[word.text][path] = None
        self._after_value()

    def _member(self, word: _Word, remedy: str) -> str:
        dot, name = self._peek(), self._peek(1)
        if dot.text != "." or name.kind != "name" or name.text in KEPT_WORDS:
            if dot.text == "[":
                self._refuse(dot.at, f"nothing can be looked up in brackets: {remedy}")
            self._refuse(word.at, remedy)
        self._next += 2
        return name.text

    def _after_value(self) -> None:
        """Take what is done with a value: one of the methods, or nothing."""
        if self._peek().text != ".":
            return
        self._take()
        method = self._peek()
        if method.text == "matches":
            self._refuse_patterns(method)
        if method.text in LOOPS and self._peek(1).text == "(":
            self._begin_loop(method)
        elif method.text in METHODS and self._peek(1).text == "(":
            self._take()
        else:
            self._refuse(
                method.at,
                f"there is no {method.text!r} here: there are {', '.join((*METHODS, *LOOPS))}, with brackets",
            )

    def _begin_loop(self, method: _Word) -> None:
        if self._loops:
            self._refuse(method.at, "a second loop: one condition has one of exists, all and exists_one")
        bracket, variable, comma = self._peek(1), self._peek(2), self._peek(3)
        is_word = variable.kind == "name" and variable.text not in (*KEPT_WORDS, *self._reads, *FUNCTIONS)
        if not is_word or comma.text != ",":
            self._refuse(
                bracket.at, f"write {method.text}(each, CONDITION), where `each` stands for an element"
            )
        self._loops += 1
        self._next += 4
        self._deeper(bracket)
        self._loop = (variable.text, len(self._open))

    # --- signs ---------------------------------------------------------------------------------------

    def _sign(self, word: _Word, before: _Word) -> None:
        match word.text:
            case "(":
                self._deeper(word)
            case "[":
                if before.ends_operand:
                    self._refuse(
                        word.at,
                        "nothing can be looked up in brackets: write the whole path, such as agent.lang",
                    )
                self._deeper(word)
            case ")" | "]":
                self._shallower(word)
            case ".":
                self._refuse(word.at, "a dot belongs between the parts of a path, or before a method")
            case "!" | "-" if before.text in _UNARY and before.kind == "sign":
                self._refuse(
                    word.at, f"{before.text}{word.text} says nothing that is not said without: take it out"
                )

    def _deeper(self, bracket: _Word) -> None:
        self._open.append(_OPENS[bracket.text])
        if len(self._open) > MAX_DEPTH:
            self._refuse(bracket.at, f"more than {MAX_DEPTH} brackets in each other: split it up")

    def _shallower(self, bracket: _Word) -> None:
        if not self._open or self._open.pop() != bracket.text:
            self._refuse(bracket.at, f"{bracket.text!r} closes nothing: take it out, or open it before")
        if self._loop is not None and len(self._open) < self._loop[1]:
            self._loop = None
        self._after_value()

    # --- refusals ------------------------------------------------------------------------------------

    def _refuse_patterns(self, word: _Word) -> NoReturn:
        self._refuse(
            word.at, "there are no patterns, as one may take long: use startsWith, endsWith or contains"
        )

    def _refuse(self, at: int, what: str) -> NoReturn:
        before = self._text[:at]
        line, column = before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
        raise ConfigError(f"{line}:{column}: {what}")


# --- what has to be equal ----------------------------------------------------------------------------


def _equalities(words: Sequence[_Word]) -> Iterator[Equality]:
    for part in _joined_by_and(words):
        signs = [index for index, word in enumerate(part) if word.kind == "sign" and word.text == "=="]
        if len(signs) != 1:
            continue
        sides = dict([_side(part[: signs[0]]), _side(part[signs[0] + 1 :])])
        if "agent" in sides and len(sides) == 2 and "" not in sides:
            yield Equality(**sides)


def _joined_by_and(words: Sequence[_Word]) -> list[list[_Word]]:
    """Return the parts that all have to hold, none if there is another way."""
    parts: list[list[_Word]] = [[]]
    depth = 0
    for word in words:
        if word.kind == "sign":
            depth += (word.text in _OPENS) - (word.text in _ENDS_OPERAND)
            if not depth and word.text in ("||", "?"):
                return []
            if not depth and word.text == "&&":
                parts.append([])
                continue
        parts[-1].append(word)
    return parts


def _side(words: Sequence[_Word]) -> tuple[str, str]:
    """Return what stands at one side: a path of the agent or the task, or a plain text; else nothing."""
    if len(words) == 1 and words[0].kind == "text" and "\\" not in words[0].text:
        return "text", words[0].text[1:-1]
    names = [word.text for word in words[::2]]
    dots = all(word.kind == "sign" and word.text == "." for word in words[1::2])
    if dots and len(names) >= 2 and len(words) % 2 and names[0] in ("agent", "task"):
        return names[0], ".".join(names[1:])
    return "", ""
