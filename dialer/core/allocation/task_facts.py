"""What may be said of a task: bounded, so that none is a burden to every message about it."""

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from dialer.core.allocation.profile import MAX_ATTRIBUTES, MAX_TEXT, SkillName, Value, check_word

MAX_WEIGHT: Final = 100
"""A guess, far above what one person can carry: the allocator keeps a service queue for each weight that occurs."""

Weight = Annotated[int, msgspec.Meta(ge=1, le=MAX_WEIGHT)]
Said = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
Attributes = dict[SkillName, Value]


def check_attributes(attributes: Mapping[str, Value]) -> None:
    """Make sure that expressions can name a task's attributes.

    Raises:
        ValueError: If they cannot, or there are too many.
    """
    for name in attributes:
        check_word(name)
    if len(attributes) > MAX_ATTRIBUTES:
        raise ValueError(f"there are {len(attributes)} attributes: {MAX_ATTRIBUTES} at most")
