"""Python's search for cycles of garbage, which a simulation does without: what it drops is freed at once, and no run grows by it.

The search looks at everything that is alive, again and again: of 6,000 agents it takes a third of the time beside the run itself.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_search() -> Iterator[None]:
    """Have nothing searched meanwhile, and once after it, as an engine and its world refer to each other."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
            gc.collect()
