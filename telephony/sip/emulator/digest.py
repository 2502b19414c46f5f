"""Digest authentication as the server asks for it: MD5, qop=auth.

Source: RFC 2617 3.2 and RFC 3261 22.
"""

import hashlib
import hmac
import re
import secrets

import msgspec

from telephony.sip.emulator.message import Headers, Request


class Guard:
    """Who may call: one user with a password; `status` 401 asks as a server, 407 as a proxy."""

    def __init__(self, user: str, password: str, *, realm: str, status: int = 401) -> None:
        self.status = status
        self._user, self._password, self._realm = user, password, realm
        self._nonces: set[str] = set()

    def challenge(self) -> Headers:
        """Return the header that asks, with a nonce never used before."""
        nonce = secrets.token_hex(16)
        self._nonces.add(nonce)
        name = "WWW-Authenticate" if self.status == 401 else "Proxy-Authenticate"
        return ((name, f'Digest realm="{self._realm}", nonce="{nonce}", algorithm=MD5, qop="auth"'),)

    def judge(self, request: Request) -> bool | None:
        """Return True for right credentials, False for wrong ones, None where there are none to judge."""
        name = "Authorization" if self.status == 401 else "Proxy-Authorization"
        value = request.header(name)
        if value is None:
            return None
        given = fields(value)
        if given.get("nonce") not in self._nonces:
            return None
        if given.get("username") != self._user or given.get("realm") != self._realm:
            return False
        challenge = Challenge(realm=self._realm, nonce=given["nonce"])
        expected = challenge.response(
            self._user,
            self._password,
            method=request.method,
            uri=given.get("uri", ""),
            client=(given.get("nc", ""), given.get("cnonce", "")),
        )
        return hmac.compare_digest(expected, given.get("response", ""))


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """What the server gave to compute with."""

    realm: str
    nonce: str

    def response(self, user: str, password: str, *, method: str, uri: str, client: tuple[str, str]) -> str:
        """Return the response that proves the password; `client` is the nonce count and the cnonce."""
        secret = _md5(f"{user}:{self.realm}:{password}")
        count, cnonce = client
        return _md5(f"{secret}:{self.nonce}:{count}:{cnonce}:auth:{_md5(f'{method}:{uri}')}")


def fields(value: str) -> dict[str, str]:
    """Return the named fields of a challenge or of credentials, unquoted."""
    found = re.findall(r'(\w+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s,"]+))', value)
    return {name.lower(): quoted or bare for name, quoted, bare in found}


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
