"""Consents that a list brings: who consented to be called without an agent, when, how, and for whom.

All three columns are there, or the list brings none. A row that fills some of them and not the others, or says nonsense, is
no lead: what proves a consent is not guessed at.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from dialer.core.rules.agentless import is_seller

AT_NAMES = ("consent at", "consent date", "consent time", "consented at")
SOURCE_NAMES = ("consent source", "consent text", "consent how")
SELLER_NAMES = ("consent for", "consent seller", "consent to")

_AHEAD_S = 14 * 3600.0
"""A time without zone is read as UTC, and no clock is further ahead of that. Source: the zone of Kiribati's Line Islands."""


class BadConsent(StrEnum):
    """Why a row's consent cannot be taken."""

    INCOMPLETE = "consent without when, how or for whom"
    WHEN = "time of the consent not understood"
    FUTURE = "consent of the future"
    SELLER = "consent for nobody who can be named"
    TEXT = "consent with characters that are no text"


class ConsentColumns(NamedTuple):
    """Places in a row, the number's column left out."""

    at: int
    source: int
    seller: int


class Consent(NamedTuple):
    """What one row says."""

    at: float
    source: str
    seller: str


def instant(text: str) -> float | None:
    """Return a day or time in ISO 8601 as seconds since the epoch; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def is_text(text: str) -> bool:
    """Return whether a text holds nothing but what people write: no control character but tabs and line ends."""
    return all(mark.isprintable() or mark in "\t\r\n" for mark in text)


def read(fields: Sequence[str], columns: ConsentColumns, *, now: float) -> Consent | BadConsent | None:
    """Return the consent that a row brings; None: it brings none.

    Args:
        fields: The row without its number.
        columns: Where to look.
        now: Seconds since the epoch.
    """
    when, source, seller = (fields[at].strip() for at in columns)
    if not (when or source or seller):
        return None
    if not (when and source and seller):
        return BadConsent.INCOMPLETE
    at = instant(when)
    if at is None:
        return BadConsent.WHEN
    if at > now + _AHEAD_S:
        return BadConsent.FUTURE
    if not is_seller(seller):
        return BadConsent.SELLER
    return Consent(at, source, seller) if is_text(source) else BadConsent.TEXT
