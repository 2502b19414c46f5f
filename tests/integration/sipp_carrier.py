"""SIPp plays a carrier: it shares no code with the adapter, nor with the emulated carrier."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.processes import end

HOST = "127.0.0.1"
SCENARIOS = Path(__file__).with_name("sipp")


def free_port() -> int:
    """Return a UDP port that nobody has just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@contextmanager
def sipp_carrier(scenario: str, directory: Path, port: int) -> Iterator[None]:
    """Let SIPp play a scenario meanwhile, and send back all audio; what it complains of is in `directory`."""
    command = [
        *("sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", HOST, "-p", str(port)),
        *("-mi", HOST, "-mp", str(free_port() & ~1), "-rtp_echo", "-nostdin"),
        *("-trace_err", "-error_file", str(directory / f"{scenario}.errors")),
    ]
    with (directory / f"{scenario}.screen").open("wb") as screen:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen)
        try:
            yield
        finally:
            end(process)
