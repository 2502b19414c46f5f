"""Who consented to be called without an agent, how, when and for whom; and who revoked that.

Rows are only ever added. The later word counts: a consent holds until the number revokes it, for that seller or for all,
and a list that is imported again brings back no consent from before.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from hashlib import sha256

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, select

from dialer.core.lead import Lead
from dialer.core.rules.agentless import seller_key
from dialer.storage.rows import new_rows, record
from dialer.storage.schema import consent, lead


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """A consent, or its revocation, as whoever recorded it has it."""

    number: str
    """E.164."""
    seller: str = ""
    """Of a revocation empty: of every seller."""
    at: float
    source: str
    """How, in words or as the text itself."""
    given: bool = True


class Kept(Word, frozen=True, kw_only=True):
    """One that is on record."""

    id: int
    who: str
    recorded_at: float


_SOME = 500
"""Numbers of one query: SQLite takes at most 999 parameters in builds of before 2020."""

_WORDS = (
    select(consent.c.id, consent.c.number, consent.c.given, consent.c.at)
    .where(
        consent.c.workspace_id == bindparam("workspace"),
        consent.c.number.in_(bindparam("numbers", expanding=True)),
        consent.c.seller_key.in_(bindparam("sellers", expanding=True)),
    )
    .order_by(consent.c.at, consent.c.given.desc(), consent.c.id)
)


def add(connection: Connection, workspace_id: int, words: Iterable[Word], *, who: str, at: float) -> int:
    """Put consents and revocations on record; return how many were new."""
    given = list(words)
    rows = [
        {
            "workspace_id": workspace_id,
            "number": word.number,
            "given": word.given,
            "seller": word.seller,
            "seller_key": seller_key(word.seller),
            "at": word.at,
            "source": word.source,
            "who": who,
            "recorded_at": at,
            "digest": _digest(word),
        }
        for word in given
    ]
    known = _digests(connection, workspace_id, [word.number for word in given])
    new = {(row["number"], row["digest"]): row for row in rows if (row["number"], row["digest"]) not in known}
    if new:  # another process may be adding some of them at this moment
        connection.execute(new_rows(consent), list(new.values()))
    return len(new)


def _digests(connection: Connection, workspace_id: int, numbers: list[str]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for start in range(0, len(numbers), _SOME):
        statement = select(consent.c.number, consent.c.digest).where(
            consent.c.workspace_id == workspace_id, consent.c.number.in_(numbers[start : start + _SOME])
        )
        found.update((row.number, row.digest) for row in connection.execute(statement))
    return found


def _digest(word: Word) -> str:
    """Return what tells a word from others of its number, whatever it holds."""
    whole = msgspec.json.encode((word.given, seller_key(word.seller), word.at, word.source))
    return sha256(whole).hexdigest()


def standing(
    connection: Connection, workspace_id: int, numbers: Collection[str], seller: str
) -> dict[str, int]:
    """Return the consents to a seller that hold now, by number: the id of the latest of each."""
    found: dict[str, int] = {}
    asked = list(dict.fromkeys(numbers))
    for start in range(0, len(asked), _SOME):
        given = {
            "workspace": workspace_id,
            "numbers": asked[start : start + _SOME],
            "sellers": [seller_key(seller), ""],
        }
        for row in connection.execute(_WORDS, given):  # a revocation of the same instant comes later
            if row.given:
                found[row.number] = row.id
            else:
                found.pop(row.number, None)
    return found


def marked(connection: Connection, workspace_id: int, leads: Sequence[Lead], seller: str) -> tuple[Lead, ...]:
    """Return leads with whether they consented to a seller's calls."""
    statement = select(lead.c.id, lead.c.phone).where(lead.c.id.in_([one.lead_id for one in leads]))
    phones: dict[int, str] = dict(connection.execute(statement).all())
    holding = standing(connection, workspace_id, list(phones.values()), seller)
    return tuple(replace(one, consented=phones.get(one.lead_id) in holding) for one in leads)


def of_number(connection: Connection, workspace_id: int, number: str) -> list[Kept]:
    """Return all that is on record of an E.164 number, in order."""
    columns = (consent.c[name] for name in Kept.__struct_fields__)
    statement = select(*columns).where(consent.c.workspace_id == workspace_id, consent.c.number == number)
    rows = connection.execute(statement.order_by(consent.c.at, consent.c.given.desc(), consent.c.id))
    return [record(row, Kept) for row in rows.mappings()]


def consented(connection: Connection, workspace_id: int, numbers: Sequence[str]) -> Iterator[str]:
    """Yield those of the numbers that ever consented to anything."""
    statement = select(consent.c.number).where(
        consent.c.workspace_id == workspace_id, consent.c.number.in_(numbers), consent.c.given
    )
    yield from connection.scalars(statement.distinct())
