"""Who hears whom in one worker. Pure."""

from collections.abc import Iterable
from itertools import permutations
from typing import TypeVar

from dialer.core.guest_states import Supervision

T = TypeVar("T")


def who_is_heard(
    own: T | None, others: Iterable[T], supervisors: Iterable[tuple[T, Supervision]] = ()
) -> list[tuple[T, T]]:
    """Return pairs of a speaker and a listener.

    Args:
        own: The leg that the talk is mixed for; None once it has left the others to each other.
        others: With whom it talks.
        supervisors: Those who hear the talk, and how each takes part in it; they do not hear each other.
    """
    talk = list(others) if own is None else [own, *others]
    pairs = list(permutations(talk, 2))
    for guest, mode in supervisors:
        pairs += [(one, guest) for one in talk]
        if mode is Supervision.BARGE:
            pairs += [(guest, one) for one in talk]
        elif mode is Supervision.WHISPER and own is not None:
            pairs.append((guest, own))
    return pairs
