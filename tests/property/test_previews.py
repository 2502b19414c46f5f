"""Laws of a floor whose agents are shown leads, over any order of events; and that the machine gets where they are at stake."""

from hypothesis import settings
from hypothesis.stateful import invariant

from dialer.core.preview_records import PreviewEnded
from dialer.core.preview_states import PreviewOutcome
from dialer.core.states import AgentState
from tests.property.floor_previews import Previews
from tests.property.reaching import reached
from tests.property.test_floor import Floor

WANTED = {
    PreviewOutcome.CALLED,
    PreviewOutcome.SKIPPED,
    PreviewOutcome.RETURNED,
    "a lead that was called is talked with",
    "an agent reads a lead and writes text",
}


class ShownFloor(Previews, Floor):
    """Everything that happens on a floor, and previews."""


def watched(seen):
    """Return the machine, which notes what it reaches."""

    class Watched(ShownFloor):
        @invariant()
        def note(self):
            workspace = self.script.engine.workspace
            if any(call.previewed and call.bridged_at is not None for call in workspace.calls.values()):
                seen.add("a lead that was called is talked with")
            if any(one.tasks and one.state is AgentState.PREVIEWING for one in workspace.agents.values()):
                seen.add("an agent reads a lead and writes text")

        def teardown(self):
            seen.update(record.outcome for record in self.script.all(PreviewEnded))

    return Watched


def test_the_machine_reaches_every_fate_of_a_preview():
    assert reached(watched, WANTED, examples=15, steps=40) >= WANTED


ShownFloor.TestCase.settings = settings(max_examples=40, stateful_step_count=50)
TestShownFloor = ShownFloor.TestCase
