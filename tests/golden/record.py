"""Records the golden logs anew: `python -m tests.golden.record`. Review the difference before you commit it."""

from pathlib import Path
from tempfile import TemporaryDirectory

from dialer.core.settings import PacingMode
from dialer.live.log_files import LogFiles
from dialer.simulation.behaviour import People
from dialer.simulation.floor import FloorSettings, simulate

REACHABLE = People(human_share=0.6, machine_share=0.2, busy_share=0.1, invalid_share=0.1)
FLOORS = {
    "progressive": FloorSettings(agents=2, leads=15, seed=7, people=REACHABLE),
    "ratio-with-abandonment": FloorSettings(
        agents=2, leads=30, mode=PacingMode.RATIO, ratio=3.0, seed=3, people=REACHABLE
    ),
}

if __name__ == "__main__":
    for name, floor in FLOORS.items():
        with TemporaryDirectory() as folder:
            log = LogFiles(Path(folder), name, keep=1, file_bytes=1 << 30)
            simulate(floor, log=log)
            log.close()
            (written,) = Path(folder).glob("*.jsonl")
            (Path(__file__).parents[2] / "fixtures" / "logs" / f"{name}.jsonl").write_bytes(
                written.read_bytes()
            )
