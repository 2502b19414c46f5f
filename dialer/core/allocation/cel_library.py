"""The Common Expression Language, without the terminal programs that its package brings along.

`import cel` takes 0.6 s and a terminal toolkit into the process, for a command that nobody here uses; the compiled part alone
takes a millisecond.
"""

import sys
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any, Protocol

_NAME = "cel.cel"


class Program(Protocol):
    """A compiled expression."""

    def execute(self, context: dict[str, Any]) -> Any:
        """Return its value; raise if there is none."""


def _load() -> ModuleType:
    if _NAME in sys.modules:
        return sys.modules[_NAME]
    package = find_spec("cel")
    folders = None if package is None else package.submodule_search_locations
    compiled = PathFinder.find_spec(_NAME, folders)
    if compiled is None or compiled.loader is None:
        raise ImportError(
            "the package common-expression-language is not there: install this program's dependencies"
        )
    module = sys.modules[_NAME] = module_from_spec(compiled)
    compiled.loader.exec_module(module)
    return module


def compile_program(text: str) -> Program:
    """Return a program.

    Raises:
        ValueError: If the text is no expression.
    """
    program: Program = _load().compile(text)
    return program
