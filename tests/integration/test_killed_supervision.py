"""A run is killed while somebody is supervised: the next one leaves no supervisor on the line, and says so."""

from sqlalchemy import func, select

from dialer.core.guest_states import Supervision
from dialer.core.requests import SuperviseAgent
from dialer.core.states import Outcome
from dialer.live.clock import Clock
from dialer.storage import guests, schema
from tests.asterisk_floor import AsteriskFloor
from tests.floor import wait_until


def supervise(floor, agent_id, phone):
    """Have that phone hear an agent; return its leg once it does."""
    with floor.database.write() as connection:
        guest_id = guests.add(connection, floor.workspace_id, phone, who="test", at=Clock().now())
    floor.ask(SuperviseAgent(agent_id=agent_id, mode=Supervision.LISTEN, guest_id=guest_id))
    kept = schema.journal.c
    heard = select(func.count()).where(kept.kind == "supervised", kept.agent_id == agent_id)
    wait_until(lambda: floor.scalar(heard) == 1, 60, "the supervisor", floor.said)
    return floor.scalar(select(schema.guest.c.leg_id).where(schema.guest.c.id == guest_id))


def test_a_supervisor_whose_run_was_killed_is_hung_up_by_the_next_and_the_agents_stay(tmp_path):
    with AsteriskFloor(tmp_path, leads=1, agent_count=2, seed=4) as site:
        floor = site.floor
        floor.start_run()
        floor.log_everybody_in()
        agent_id, _ = site.agent_ids()
        (_, phone) = (row.phone for row in floor.rows(select(schema.agent).order_by(schema.agent.c.id)))
        leg = supervise(floor, agent_id, phone)
        there = site.channels()
        floor.kill_run()
        assert (len(there), leg in there) == (3, True)

        site.restart()
        wait_until(lambda: site.channels() == there - {leg}, 60, "the supervisor's leg to end", floor.said)
        (row,) = floor.rows(select(schema.guest))
        assert (row.outcome, row.ended_at > row.called_at) == (Outcome.UNKNOWN, True)
        assert site.open_legs() == there - {leg}
        assert floor.stop_run() == 0
        assert site.channels() == set()
