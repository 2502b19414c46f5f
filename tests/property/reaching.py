"""Whether a machine of laws gets where they are at stake."""

from collections.abc import Callable, Hashable

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

ROUNDS = 10
"""More than are ever needed: what a round reaches changes with every rule that a machine gets."""


def reached(
    watched: Callable[[set[Hashable]], type[RuleBasedStateMachine]],
    wanted: set[Hashable],
    *,
    examples: int,
    steps: int,
) -> set[Hashable]:
    """Run a machine until it has reached what is wanted, or `ROUNDS` times; return what it has.

    Args:
        watched: Makes the machine, which notes what it reaches in the set.
        wanted: All of it.
        examples: Runs a round.
        steps: Of each run, at most.
    """
    seen: set[Hashable] = set()
    for number in range(ROUNDS):
        if not seen >= wanted:
            run_state_machine_as_test(
                seed(number)(watched(seen)),
                settings=settings(
                    max_examples=examples,
                    stateful_step_count=steps,
                    phases=[Phase.generate],
                    database=None,
                    suppress_health_check=list(HealthCheck),
                    derandomize=False,
                ),
            )
    return seen
