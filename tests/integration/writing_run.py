"""A run that only writes: makes attempts as fast as they are recorded, and says which are. Killed by a test."""

import sys
from queue import SimpleQueue

from dialer.core.records import AttemptStarted, JournalEntry
from dialer.live import lease as leases
from dialer.live.clock import Clock
from dialer.live.rounds import Recorded, WrittenRound
from dialer.live.writer import Writer
from dialer.storage.database import open_database


def main(url: str, lead_ids: list[int]) -> None:
    database, clock, inbox = open_database(url), Clock(), SimpleQueue()
    lease = leases.take(database, 1, clock=clock, on_lost=lambda: None)
    writer = Writer(database, lease, clock=clock, post=inbox.put)
    for round_, lead_id in enumerate(lead_ids, start=1):
        now = clock.now()
        start = AttemptStarted(
            at=now,
            attempt_id=f"a{round_}",
            call_id=f"c{round_}",
            leg_id=f"l{round_}",
            campaign_id=1,
            lead_id=lead_id,
            trunk="main",
        )
        note = JournalEntry(at=now, kind="note", attempt_id=f"a{round_}")
        writer.submit(WrittenRound(round_, now, (start, note), ()))
        while writer.waiting > 8:
            tell(inbox.get())
    while True:
        tell(inbox.get())


def tell(recorded: Recorded) -> None:
    sys.stdout.write(f"{recorded.round}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], [int(lead_id) for lead_id in sys.argv[2].split(",")])
