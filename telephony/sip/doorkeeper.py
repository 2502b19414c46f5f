"""Who may call in: digest authentication as a server asks for it, with a brake on guessing. Pure.

A nonce is our signature under a time and a caller's address. So nothing is kept of callers who were only
asked, a nonce is good for one address and a short time, and what counts as a wrong attempt was sent by somebody
who can receive at that address. Each count of a nonce is good once.

Source: RFC 7616 section 3, RFC 3261 section 22, RFC 8760.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from enum import StrEnum

REALM = "outdial"
NONCE_S = 30.0
"""How long a nonce can be answered. A guess: a phone answers within a second."""
TRIES, TRIES_S = 5, 60.0
"""Wrong attempts of an address within these seconds after which it is not judged any more. A guess: a person
who mistypes needs fewer, a machine would need ages."""

_FIELD = re.compile(r'(\w+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s,"]+))')
_HASHES = {"SHA-256": "sha256", "MD5": "md5"}
_COUNT = re.compile(r"[0-9a-f]{8}", re.ASCII | re.IGNORECASE)


class Verdict(StrEnum):
    """What a caller is told."""

    WELCOME = "welcome"
    ASK = "ask"
    WRONG = "wrong"
    BRAKED = "braked"


class Doorkeeper:
    """Judges credentials.

    Args:
        passwords: By user.
        key: Known to this process only; signs nonces.
    """

    def __init__(self, passwords: Mapping[str, str], *, key: bytes) -> None:
        self._passwords = passwords
        self._key = key
        self._counts: dict[str, int] = {}
        self._wrong: dict[str, list[float]] = {}

    def challenge(self, host: str, *, at: float) -> tuple[tuple[str, str], ...]:
        """Return the headers that ask a caller, the better algorithm first, as RFC 8760 2.3 has it."""
        nonce = self._nonce(host, int(at))
        return tuple(
            ("WWW-Authenticate", f'Digest realm="{REALM}", nonce="{nonce}", algorithm={name}, qop="auth"')
            for name in _HASHES
        )

    def judge(self, credentials: str, *, method: str, host: str, at: float) -> tuple[Verdict, str]:
        """Return the verdict on the value of an Authorization header, and the user.

        Args:
            credentials: Empty if there are none.
            method: Of the request.
            host: The caller's address.
            at: Seconds of a clock that does not go back.
        """
        self._forget(at)
        if len(self._wrong.get(host, ())) >= TRIES:
            return Verdict.BRAKED, ""
        given = _fields(credentials)
        nonce, count = given.get("nonce", ""), given.get("nc", "")
        if not self._is_ours(nonce, host, at):
            return Verdict.ASK, ""
        user = given.get("username", "")
        if not self._is_right(given, user, method):
            self._wrong.setdefault(host, []).append(at)
            return Verdict.WRONG, user
        if int(count, 16) <= self._counts.get(nonce, 0):
            return Verdict.ASK, ""  # a replay: whoever knows the password can answer anew
        self._counts[nonce] = int(count, 16)
        return Verdict.WELCOME, user

    def _is_right(self, given: Mapping[str, str], user: str, method: str) -> bool:
        algorithm = _HASHES.get(given.get("algorithm", "MD5").upper())
        if algorithm is None or given.get("realm") != REALM or given.get("qop") != "auth":
            return False
        if not _COUNT.fullmatch(given.get("nc", "")):
            return False
        password = self._passwords.get(user)
        # An unknown user takes as long as a wrong password.
        secret = _hash(algorithm, user, REALM, self._key.hex() if password is None else password)
        asked = _hash(algorithm, method, given.get("uri", ""))
        parts = (given["nonce"], given["nc"], given.get("cnonce", ""), "auth")
        expected = _hash(algorithm, secret, *parts, asked)
        right = hmac.compare_digest(expected.encode(), given.get("response", "").lower().encode())
        return right and password is not None

    def _nonce(self, host: str, made_at: int) -> str:
        signed = hmac.new(self._key, f"{made_at} {host}".encode(), "sha256").hexdigest()
        return f"{made_at:x}.{signed}"

    def _is_ours(self, nonce: str, host: str, at: float) -> bool:
        made_at = _made_at(nonce)
        if made_at is None or not 0 <= at - made_at <= NONCE_S:
            return False
        return hmac.compare_digest(self._nonce(host, made_at).encode(), nonce.encode())

    def _forget(self, at: float) -> None:
        for nonce in [nonce for nonce in self._counts if at - (_made_at(nonce) or 0) > NONCE_S]:
            del self._counts[nonce]
        for host, times in list(self._wrong.items()):
            self._wrong[host] = [one for one in times if at - one <= TRIES_S]
            if not self._wrong[host]:
                del self._wrong[host]


def _made_at(nonce: str) -> int | None:
    found = re.match(r"([0-9a-f]{1,15})\.", nonce, re.ASCII)
    return int(found[1], 16) if found else None


def _fields(credentials: str) -> dict[str, str]:
    scheme, _, rest = credentials.partition(" ")
    if scheme.lower() != "digest":
        return {}
    return {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else bare
        for name, quoted, bare in _FIELD.findall(rest)
    }


def _hash(algorithm: str, *parts: str) -> str:
    text = ":".join(parts).encode("utf-8", "surrogateescape")
    return hashlib.new(algorithm, text, usedforsecurity=algorithm != "md5").hexdigest()
