"""Records the golden logs anew: `python -m tests.golden.record`. Review the difference before you commit it."""

from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from dialer.core.rules.machine_detection import AmdSettings, Reaction
from dialer.core.settings import PacingMode
from dialer.live.log_files import LogFiles
from dialer.simulation.behaviour import People
from dialer.simulation.floor import FloorSettings, simulate

REACHABLE = People(human_share=0.6, machine_share=0.2, busy_share=0.1, invalid_share=0.1)
FLOORS = {
    "progressive": (
        "two agents, one call for each free one, retries after busy",
        FloorSettings(agents=2, leads=15, seed=7, people=REACHABLE),
    ),
    "dispositions": (
        "two agents whose talks are disposed of by default, after the attempt has ended",
        FloorSettings(agents=2, leads=8, seed=5, people=REACHABLE, default_disposition="sale"),
    ),
    "ratio-with-abandonment": (
        "two agents, three calls for each free one: people wait, hang up, hear the message",
        FloorSettings(agents=2, leads=30, mode=PacingMode.RATIO, ratio=3.0, seed=3, people=REACHABLE),
    ),
    "machine-detection": (
        "two agents, machines are left a message, a third of them goes to an agent",
        FloorSettings(
            agents=2,
            leads=15,
            seed=5,
            people=REACHABLE,
            amd=AmdSettings(on=True, machine=Reaction.MESSAGE, message="call-back", sample_share=0.33),
        ),
    ),
}
LOGS = Path(__file__).parents[2] / "fixtures" / "logs"


def record(name: str, floor: FloorSettings) -> bytes:
    """Return the log of a simulated floor."""
    with TemporaryDirectory() as folder:
        log = LogFiles(Path(folder), name, keep=1, file_bytes=1 << 30)
        simulate(floor, log=log)
        log.close()
        (written,) = Path(folder).glob("*.jsonl")
        return written.read_bytes()


if __name__ == "__main__":
    entries = []
    for name, (shows, floor) in FLOORS.items():
        content = record(name, floor)
        (LOGS / f"{name}.jsonl").write_bytes(content)
        entries.append(
            f'[{name}]\nfile = "{name}.jsonl"\nshows = "{shows}"\nmade = "python -m tests.golden.record"\n'
            f'licence = "MIT"\nsha256 = "{sha256(content).hexdigest()}"\n'
        )
    (LOGS / "MANIFEST.toml").write_text("\n".join(entries))
