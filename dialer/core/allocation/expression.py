"""Conditions on agents and tasks, in a part of the Common Expression Language that is known to end soon.

What is read is found in the text: every mention of `agent` or `task` is a whole path, `agent.lang`, `agent.skills.sales`,
`task.source`; nothing is looked up by a name that is computed. An expression is handed the values at these paths and nothing else.

It ends soon because it is short, has no patterns, which may take long, and at most one loop, over a list that is there: no
expression that is accepted takes more than a few hundred thousand steps.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from dialer.core.allocation.cel_library import Program, compile_program
from dialer.core.allocation.expression_text import Reading, read
from dialer.errors import ConfigError

Value = str | int | float | bool
"""What an agent or a task may have at a path; `agent.teams` is a tuple of texts."""

Facts = Mapping[str, Value | tuple[str, ...]]
"""Values by path, without the `agent.` or `task.` before it."""

ALWAYS_THERE: Final[Facts] = {"teams": (), "kind": ""}
"""What stands for an agent's facts that nobody gave."""

_UNEXPECTED = re.compile(r"(?:mismatched|extraneous) input '(.*?)'")
_MISSING = re.compile(r"missing ('.*?') at")

_FAULTS = (TypeError, ValueError, ArithmeticError, LookupError, RuntimeError)


class Verdict(NamedTuple):
    """What an expression says of an agent and a task."""

    holds: bool
    why: str = ""
    """Why it does not hold, if it could not be evaluated."""
    is_fault: bool = False
    """Whether that is a mistake, such as a text compared with a number; not merely something that is not known."""


class Expression:
    """A condition that was understood.

    Attributes:
        text: As it is written.
        agent_reads: What it reads of the agent, each once, such as `skills.sales`.
        task_reads: What it reads of the task.
        equal: What has to be equal for it to hold.
    """

    __slots__ = ("_program", "agent_reads", "equal", "task_reads", "text")

    def __init__(self, text: str, reading: Reading, program: Program) -> None:
        self.text = text
        self.agent_reads = reading.agent
        self.task_reads = reading.task
        self.equal = reading.equal
        self._program = program

    def judge(self, agent: Facts, task: Facts) -> Verdict:
        """Return whether it holds; what is not known, or cannot be compared, does not."""
        known = {path: agent.get(path, ALWAYS_THERE.get(path)) for path in self.agent_reads}
        context = {
            "agent": _tree(known),
            "task": {path: task[path] for path in self.task_reads if path in task},
        }
        try:
            value = self._program.execute(context)
        except KeyError:
            return Verdict(holds=False, why=self._missing(known, task))
        except _FAULTS as error:
            return Verdict(holds=False, why=_first_sentence(error), is_fault=True)
        if isinstance(value, bool):
            return Verdict(holds=value)
        return Verdict(holds=False, why=f"it gives {value!r:.40}, not true or false", is_fault=True)

    def values(self, agent: Facts, task: Facts) -> dict[str, object]:
        """Return what it reads, by whole path; None stands for what is not known."""
        found: dict[str, object] = {
            f"agent.{path}": agent.get(path, ALWAYS_THERE.get(path)) for path in self.agent_reads
        }
        return found | {f"task.{path}": task.get(path) for path in self.task_reads}

    def _missing(self, agent: Mapping[str, object], task: Facts) -> str:
        names = [f"agent.{path}" for path, value in agent.items() if value is None]
        names += [f"task.{path}" for path in self.task_reads if path not in task]
        return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} not known"


def _tree(known: Mapping[str, Value | tuple[str, ...] | None]) -> dict[str, Any]:
    """Return values as the program looks them up: those of skills one level down."""
    tree: dict[str, Any] = {"skills": {}}
    for path, value in known.items():
        if value is None:
            continue
        outer, dot, inner = path.partition(".")
        if dot:
            tree[outer][inner] = value
        else:
            tree[outer] = value
    return tree


def _first_sentence(error: Exception) -> str:
    text = str(error)
    return text.partition(". ")[0].strip() or type(error).__name__


@lru_cache(maxsize=4_096)
def compiled(text: str) -> Expression:
    """Return the condition that a text is.

    Raises:
        ConfigError: If it is none, or might read what is not written in it, or take long; the text names the place and a remedy.
    """
    reading = read(text)
    try:
        program = compile_program(text)
    except ValueError as error:
        raise ConfigError(_place_of(error)) from error
    return Expression(text, reading, program)


def _place_of(error: ValueError) -> str:
    """Return what the library says of a mistake, place first."""
    _, _, said = str(error).partition("ERROR: <input>:")
    first = said.splitlines()[0] if said else str(error)
    line, _, rest = first.partition(":")
    column, _, what = rest.partition(":")
    if not (line.isdecimal() and column.isdecimal()):
        return f"1:1: not understood: {first}"
    return f"{line}:{column}: {_in_words(what.strip())}"


def _in_words(what: str) -> str:
    if missing := _MISSING.search(what):
        return f"{missing[1]} is missing here"
    unexpected = _UNEXPECTED.search(what)
    if unexpected is None:
        return f"not understood: {what}"
    if unexpected[1] == "<EOF>":
        return "the end comes too early: a value or a closing bracket is missing"
    return f"{unexpected[1]!r} is not expected here: an operator or a value is missing before it"
