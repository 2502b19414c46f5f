"""What the manager connection costs beside stock pyst2 and beside a minimal reader, and what a call costs it.

Calls go from a real Asterisk to SIPp, which answers at once and sends no audio: so next to nothing but signalling is done, a call
means the 20 or so events that it means at work, and what limits the rate is the client first. Asterisk calling itself would cost
less machinery, but twice the channels and events a call.
"""

import asyncio
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from socket import create_server
from statistics import median
from tempfile import TemporaryFile
from time import monotonic, process_time, thread_time
from typing import Any

from asterisk.manager import Manager

from cli.processes import end
from telephony.asterisk.ami import Ami
from tests.asterisk import asterisk
from tests.fake_manager import GREETING
from tests.integration.sipp_carrier import HOST, free_port

_TURNS = 3
_TURN_S = 6.0
_IN_FLIGHT = 100
_WITHIN_S = 60.0
_EVENTS = 100_000
_USER = "[bench]\nsecret = bench\npermit = 127.0.0.1/255.255.255.255\nread = all\nwrite = all\n"

Headers = Mapping[str, str]


def figures() -> Iterator[tuple[str, float, str]]:
    """Yield ratios of neighbouring turns, which met the same machine, the median; and the processor time of a call."""
    with _asterisk_and_carrier() as port:
        events: list[Headers] = []
        turns = [(_stock(port), _ours(port, events)) for _ in range(_TURNS)]
    yield "ami.originates_over_stock", median(ours[0] / stock for stock, ours in turns), "1"
    yield "ami.cpu_ms_per_call", median(ours[1] for _, ours in turns) * 1000, "ms"
    stream = _stream(events)
    _parse(stream), _parse_minimally(stream)  # the first turn of each is slower
    yield (
        "ami.parse_over_minimal_reader",
        median(_parse(stream) / _parse_minimally(stream) for _ in range(5)),
        "1",
    )


@contextmanager
def _asterisk_and_carrier() -> Iterator[int]:
    port = free_port()
    command = ["sipp", "-sn", "uas", "-i", HOST, "-p", str(port), "-nostdin"]
    carrier = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        with asterisk({"carrier": port}, extra={"manager.conf": _USER}) as one:
            yield one.ports.manager
    finally:
        end(carrier)


class _Load:
    """Calls of 0.2 s, so many at once; the next one begins when the end of one has been handled."""

    def __init__(self) -> None:
        self._free = threading.Semaphore(_IN_FLIGHT)
        self.handled = 0

    def hear(self, headers: Headers) -> None:
        self.handled += 1
        if headers["Event"] == "Hangup":
            self._free.release()

    def run(self, name: str, originate: Callable[[dict[str, str]], Any]) -> tuple[int, float]:
        """Return how many calls were begun, carried and ended, and in how many seconds."""
        began, calls = monotonic(), 0
        while monotonic() < began + _TURN_S:
            self._take()
            originate(
                {
                    "Action": "Originate",
                    "Channel": "PJSIP/12125550100@carrier",
                    # All of one length: an id that begins one in use is refused (channel.c, "already in use").
                    "ChannelId": f"{name}-{calls:06}",
                    "Application": "Wait",
                    "Data": "0.2",
                    "Async": "yes",
                }
            )
            calls += 1
        for _ in range(_IN_FLIGHT):
            self._take()
        return calls, monotonic() - began

    def _take(self) -> None:
        if not self._free.acquire(timeout=_WITHIN_S):
            raise RuntimeError("the end of a call was never told")


def _stock(port: int) -> float:
    load, manager = _Load(), Manager()
    manager.connect(HOST, port)
    manager.login("bench", "bench")
    manager.register_event("*", lambda event, _: load.hear(event.headers))
    calls, seconds = load.run(f"stock{monotonic()}", manager.send_action)
    manager.close()
    return calls / seconds


def _ours(port: int, events: list[Headers]) -> tuple[float, float]:
    load = _Load()

    def hear(batch: Any) -> None:
        for event in batch:
            load.hear(event.headers)
        if len(events) < _EVENTS:
            events.extend(event.headers for event in batch)

    ami = Ami(on_events=hear)
    ami.connect(HOST, port)
    ami.login("bench", "bench")
    before = process_time()
    calls, seconds = load.run(f"ours{monotonic()}", ami.submit)
    spent = process_time() - before
    ami.close()
    return calls / seconds, spent / calls


def _stream(events: list[Headers]) -> bytes:
    """Return real events as they were on the wire."""
    texts = ["".join(f"{name}: {value}\r\n" for name, value in event.items()) for event in events]
    return "\r\n".join([*texts, ""]).encode()


class _Meter:
    """How many events were handled, and in how much of the reading thread's processor time."""

    def __init__(self) -> None:
        self.events = 0
        self._before: float | None = None
        self.spent_s = 0.0
        self.over = threading.Event()

    def count(self, events: int) -> None:
        if self._before is None:
            self._before = thread_time()
        else:
            # What came with the first piece was read before the clock was.
            self.events += events
        self.spent_s = thread_time() - self._before


@contextmanager
def _sender(stream: bytes) -> Iterator[int]:
    """Send it to whoever connects, by the kernel alone, and hang up."""
    with TemporaryFile() as file, create_server((HOST, 0)) as listener:
        file.write(GREETING + stream)

        def send() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendfile(file)

        thread = threading.Thread(target=send)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def _parse(stream: bytes) -> float:
    """Return the events that `Ami` handles in a second of its thread."""
    meter = _Meter()
    with _sender(stream) as port:
        ami = Ami(on_events=lambda batch: meter.count(len(batch)), on_close=lambda _: meter.over.set())
        ami.connect(HOST, port)
        if not meter.over.wait(_WITHIN_S):
            raise RuntimeError("the events did not end")
    return meter.events / meter.spent_s


class _MinimalReader(asyncio.Protocol):
    """As little as makes dictionaries of events: what is none, repeated, cut or of another coding is not its business."""

    def __init__(self, meter: _Meter, over: asyncio.Event) -> None:
        self._meter = meter
        self._over = over
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        *messages, self._rest = (self._rest + data).split(b"\r\n\r\n")
        events = []
        for message in messages:
            headers = {}
            for line in message.decode().split("\r\n"):
                name, _, value = line.partition(": ")
                headers[name] = value
            events.append(headers)
        self._meter.count(len(events))

    def connection_lost(self, _: Exception | None) -> None:
        self._over.set()


def _parse_minimally(stream: bytes) -> float:
    """Return the events that a minimal reader handles in a second of its thread."""
    meter = _Meter()

    async def read() -> None:
        over = asyncio.Event()
        await asyncio.get_running_loop().create_connection(lambda: _MinimalReader(meter, over), HOST, port)
        await asyncio.wait_for(over.wait(), _WITHIN_S)

    with _sender(stream) as port:
        asyncio.run(read())
    return meter.events / meter.spent_s
