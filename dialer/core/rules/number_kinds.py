"""What sort of number a number is, and which sorts are never called."""

from enum import StrEnum


class NumberKind(StrEnum):
    """What a valid number is used for."""

    FIXED = "fixed"
    MOBILE = "mobile"
    FIXED_OR_MOBILE = "fixed_or_mobile"
    TOLL_FREE = "toll_free"
    PREMIUM_RATE = "premium_rate"
    SHARED_COST = "shared_cost"
    SATELLITE = "satellite"
    """Satellite systems and the other networks that belong to no country."""
    VOIP = "voip"
    PERSONAL = "personal"
    PAGER = "pager"
    UAN = "uan"
    """One number for a whole company."""
    VOICEMAIL = "voicemail"


NEVER_CALLED = frozenset({NumberKind.PREMIUM_RATE, NumberKind.SHARED_COST, NumberKind.SATELLITE})
"""Whoever calls these pays for more than a call. They are imported, so that reports show the refusal.

Short and emergency numbers are not valid numbers of a plan: the import rejects them.
"""
