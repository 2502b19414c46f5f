"""What `dialer carrier` does: the carrier in this process, the softphones in one of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.demo.fixture import CARRIER_FILE
from cli.output import print_answer
from cli.processes import emulator
from telephony.sip.emulator.carrier import CarrierSettings, run_carrier
from telephony.sip.emulator.process import Ready


def play_carrier(listen: tuple[str, int], behaviour: Path | None, log: Path, *, as_json: bool) -> None:
    """Play the carrier until a signal.

    Raises:
        ConfigError: If a file or the address cannot be used.
    """
    host, port = listen
    settings = CarrierSettings(host=host, port=port, behaviour=behaviour or CARRIER_FILE, log=log)
    run_carrier(settings, on_ready=lambda ready: _say("carrier", host, ready, as_json=as_json))


@contextmanager
def playing_phones(count: int, listen: tuple[str, int], log: Path, *, as_json: bool) -> Iterator[None]:
    """Let softphones play meanwhile.

    Raises:
        ProcessError: If they do not start.
    """
    host, port = listen
    arguments = ("--listen", f"{host}:{port}", "--agents", str(count))
    with emulator("phones", arguments, log=log) as taken:
        _say("phones", host, Ready(ready=True, port=taken), as_json=as_json)
        yield


def _say(role: str, host: str, ready: Ready, *, as_json: bool) -> None:
    fields = {"role": role, "host": host, "port": ready.port}
    print_answer(f"The {role} listens on {host}:{ready.port}.", fields, as_json=as_json)
