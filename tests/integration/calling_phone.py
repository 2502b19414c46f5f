"""A phone that calls in, by script: answers a challenge, speaks with the worker that took its call."""

import hashlib
import re

from telephony.sip.emulator.message import address_of, uri_of
from tests.integration.scripted_caller import HOST, Caller, UdpWire

NAMES = {"MD5": "md5", "SHA-256": "sha256"}


def credentials(challenge, user, password, *, uri, algorithm="MD5", count="00000001"):
    """Return the value of Authorization that answers the value of a challenge."""
    nonce, realm = (re.search(rf'{name}="([^"]+)"', challenge)[1] for name in ("nonce", "realm"))

    def digest(*parts):
        return hashlib.new(NAMES[algorithm], ":".join(parts).encode()).hexdigest()

    secret, asked = digest(user, realm, password), digest("INVITE", uri)
    response = digest(secret, nonce, count, "c0", "auth", asked)
    return (
        f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", response="{response}", '
        f'algorithm={algorithm}, qop=auth, nc={count}, cnonce="c0"'
    )


class Phone:
    """One phone, at the address that its first call chose."""

    def __init__(self, port, *, user="anna", password="between us"):
        self.wire = UdpWire(port)
        self.port, self.user, self.password = port, user, password
        self._calls = []

    def ask(self, *, algorithm="MD5", extra=()):
        """Call without credentials; return the call and the answer to its challenge."""
        call = Caller(self.wire, self.user, port=self.port)
        self._calls.append(call)
        call.invite()
        asked = call.final()
        assert asked.status == 401
        challenge = next(one for one in asked.values("www-authenticate") if algorithm in one)
        uri = f"sip:{self.user}@{HOST}:{self.port}"
        return call, credentials(challenge, self.user, self.password, uri=uri, algorithm=algorithm)

    def call(self, **options):
        """Call with credentials; return the call and the final response, acknowledged."""
        call, answer = self.ask(**options)
        return call, self.again(call, answer)

    def again(self, call, answer):
        call.cseq += 1
        call.invite(extra=(("Authorization", answer),))
        final = call.final()
        if final.status == 200:
            # From now on the phone speaks with the worker, as its Contact says.
            host, port = address_of(uri_of(final.values("contact")[0]))
            assert host == HOST
            assert port != self.port
            self.wire.turn_to(port)
            call.acknowledge()
        return final

    def close(self):
        for call in self._calls:
            call.__exit__()
        self.wire.close()
