"""A manager connection on trial, and what it was told; far ends with bad manners."""

import threading

from telephony.asterisk.ami import Ami
from tests.fake_manager import reply

WITHIN_S = 30.0
SOON_S = 0.2


class Client:
    """A connection, and what it was told."""

    def __init__(self, server, **options):
        self.events = []
        self.batches = []
        self.closed = []
        self.noted = []
        self.changed = threading.Condition()
        self.ami = Ami(on_events=self._take, on_close=self._end, **options)
        self.server = server

    def _take(self, batch):
        with self.changed:
            self.batches.append(len(batch))
            self.events += batch
            self.changed.notify_all()

    def _end(self, reason):
        with self.changed:
            self.closed.append(reason)
            self.changed.notify_all()

    def note(self, what):
        with self.changed:
            self.noted.append(what)
            self.changed.notify_all()

    def __enter__(self):
        self.ami.connect(self.server.host, self.server.port, timeout_s=WITHIN_S)
        return self

    def __exit__(self, *_):
        self.ami.close()

    def wait_until(self, condition):
        with self.changed:
            assert self.changed.wait_for(condition, WITHIN_S)

    def event(self, name):
        self.wait_until(lambda: any(event.headers["Event"] == name for event in self.events))
        return next(event for event in self.events if event.headers["Event"] == name)


def tell(*messages):
    """Let a server say something before it replies."""

    def behave(caller, action):
        if action["Action"] != "Logoff":
            caller.send(*messages)
        reply(caller, action)

    return behave


def silent(caller, action):
    """Take log-offs only."""
    if action["Action"] == "Logoff":
        reply(caller, action)


def mute(caller, action):
    """Never reply."""
