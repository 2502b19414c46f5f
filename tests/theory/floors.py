"""Simulated floors that theory has a formula for: callers of one queue, and nothing else to do for the agents."""

from dialer.core.settings import QueueSettings
from dialer.simulation.callers import Callers
from dialer.simulation.floor import ROUTE, FloorSettings, simulate
from dialer.simulation.telephony import BRIDGE_S
from tests.theory.watching import Watch

TALK_S = 180.0
SEED = 4
"""Any; one whose callers are not unusually many or talkative, as the long run looks at some fifty figures of the same callers."""
FOREVER_S = 1e9
NOBODY_S = 0.01
"""The patience of callers who go at once unless somebody is free; no less, as being joined takes the switch some milliseconds."""
JOINING_S = 2 * BRIDGE_S
"""What the switch needs to take a call and to join it with an agent who is free."""
WARM_UP_S = 1.5 * 3600.0
"""Thirty talks: what a floor that began empty differs from itself later is gone."""
LAST_S = 3600.0
"""Callers of the last hour do not count, as the end of the run may cut them off."""
QUEUE = QueueSettings(
    name="theory", trunk=ROUTE, inbound_wait_s=FOREVER_S, announce_every_s=0.0, wrap_up_s=0.0, handle_s=TALK_S
)


def called(agents, load, effort, *, patience_s=FOREVER_S, variation=1.0):
    """Return what was seen of a queue that is called at a load, in erlangs: stretches of a run long enough to be independent."""
    per_s = load / TALK_S
    until_s = WARM_UP_S + effort.batches * effort.calls / per_s
    callers = Callers(
        queue=QUEUE, per_hour=3600 * per_s, patience_s=patience_s, talk_s=TALK_S, talk_variation=variation
    )
    watch = Watch()
    # A campaign without a line calls nobody, and is not complete either.
    simulate(
        FloorSettings(
            agents=agents, leads=1, lines=0, callers=(callers,), seconds=until_s + LAST_S, seed=SEED
        ),
        on_record=watch,
    )
    return watch.batches(effort.batches, since_s=WARM_UP_S, until_s=until_s)
