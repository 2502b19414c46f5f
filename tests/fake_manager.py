"""A far end for tests of the manager connection: real TCP on loopback, and as rude as a test wants it."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

GREETING = b"Asterisk Call Manager/11.0.0\r\n"


class Caller:
    """One connection, from the server's side."""

    def __init__(self, connection: socket.socket):
        self.connection = connection
        self.received = b""
        self.sending = threading.Lock()

    def send(self, *messages: str | bytes) -> None:
        """Each message without its end; all of them in one piece."""
        data = b"".join(
            (one.encode() if isinstance(one, str) else one).replace(b"\n", b"\r\n") + b"\r\n\r\n"
            for one in messages
        )
        with self.sending:
            self.connection.sendall(data)

    def hang_up(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)

    def actions(self):
        """Yield each action as it comes, until the connection ends."""
        taken = 0
        while True:
            try:
                data = self.connection.recv(65536)
            except OSError:
                return
            if not data:
                return
            self.received += data
            while (end := self.received.find(b"\r\n\r\n", taken)) >= 0:
                lines = self.received[taken:end].decode().split("\r\n")
                taken = end + 4
                yield dict(line.split(": ", 1) for line in lines)


def make_certificate(certificate: Path, key: Path) -> None:
    """For `localhost`, signed by itself."""
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    command = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject)
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)


Behaviour = Callable[[Caller, dict[str, str]], None]


def reply(caller: Caller, action: dict[str, str], response: str = "Success", more: str = "") -> None:
    caller.send(f"Response: {response}\nActionID: {action['ActionID']}{more}")


class FakeManager:
    """Listens as long as the block lasts, and does with each action what it is told."""

    def __init__(
        self, behaviour: Behaviour = reply, *, greeting=(GREETING,), host="127.0.0.1", port=0, tls=None
    ):
        self.behaviour = behaviour
        self.greeting = greeting
        self.callers: list[Caller] = []
        self._tls: ssl.SSLContext | None = tls
        self._socket = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
        self.host, self.port = host, self._socket.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self._socket.close()
        for caller in self.callers:
            try:
                socket.socket.shutdown(caller.connection, socket.SHUT_RDWR)
            except OSError:
                continue
        for thread in self._threads[1:]:
            thread.join()
        for caller in self.callers:
            caller.connection.close()

    def _listen(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection):
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
        except OSError:
            connection.close()
            return
        caller = Caller(connection)
        self.callers.append(caller)
        for piece in self.greeting:
            connection.sendall(piece)
        for action in caller.actions():
            try:
                self.behaviour(caller, action)
            except OSError:
                return
