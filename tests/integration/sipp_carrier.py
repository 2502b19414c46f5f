"""SIPp plays a carrier: it shares no code with the adapter, nor with the emulated carrier."""

import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cli.processes import emulator, end
from tests.floor import RealFloor

HOST = "127.0.0.1"
SCENARIOS = Path(__file__).with_name("sipp")


def free_port() -> int:
    """Return a UDP port that nobody has just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@contextmanager
def sipp_carrier(scenario: str, directory: Path, port: int, *, echo: bool = True) -> Iterator[None]:
    """Let SIPp play a scenario meanwhile; what it complains of is in `directory`.

    Args:
        scenario: Its name.
        directory: Where sounds are that it plays.
        port: For SIP.
        echo: Whether it sends back all audio; what it plays by itself would get between.
    """
    command = [
        *("sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", HOST, "-p", str(port)),
        *("-mi", HOST, "-mp", str(free_port() & ~1), *(("-rtp_echo",) if echo else ()), "-nostdin"),
        # A machine that is busy with other things is none of its complaints.
        *("-watchdog_minor_threshold", "60000", "-watchdog_major_threshold", "60000"),
        *("-trace_err", "-error_file", str(directory / f"{scenario}.errors")),
    ]
    with (directory / f"{scenario}.screen").open("wb") as screen:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen, cwd=directory
        )
        try:
            yield
        finally:
            end(process)


@contextmanager
def floor_beside_sipp(
    directory: Path,
    numbers: Sequence[str],
    *,
    port: int,
    trunk: str = "",
    agent_count: int = 4,
    **changes: object,
) -> Iterator[RealFloor]:
    """Run a floor of agents who are logged in; its campaign over `numbers` is the test's to start.

    Args:
        directory: Empty.
        numbers: E.164, what SIPp's scenarios know.
        port: Where SIPp listens, or will.
        trunk: More settings of the trunk, as TOML, and tables behind them.
        agent_count: Agents, and phones.
        changes: To the campaign's settings.
    """
    leads = directory / "leads.csv"
    leads.write_text("phone\n" + "".join(f"{number}\n" for number in numbers))
    with ExitStack() as stack:
        phones = stack.enter_context(
            emulator(
                "phones",
                # A phone waits longer than the run for customers of whom nothing is heard.
                ("--agents", str(agent_count), "--rtp-timeout", "60"),
                log=directory / "phones.jsonl",
            )
        )
        floor = RealFloor(directory, port, phones)
        stack.callback(floor.database.close)
        floor.config.write_text(floor.config.read_text() + trunk)
        floor.prepare(leads, agent_count=agent_count, wrap_up_s=0.0, **changes)
        stack.callback(floor.stop_run)
        floor.start_run()
        floor.log_everybody_in()
        yield floor
