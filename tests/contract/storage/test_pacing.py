"""What pacing has learned and decided, as it is kept."""

from msgspec.structs import replace

from dialer.core.pacing.decision import PacingDecided
from dialer.core.records import PacingLearned
from dialer.core.settings import PacingMode
from dialer.storage import pacing, pruning, rounds, schema


def write(store, *records):
    with store.database.write() as connection:
        rounds.write(connection, store.workspace_id, records)


def decision(store, at):
    return PacingDecided(
        at=at,
        campaign_id=store.campaign_id,
        mode=PacingMode.PREDICTIVE,
        free=2.0,
        soon_free=1.5,
        in_flight=7,
        expected_answers=2.25,
        price=0.08,
        limit=0.03,
        placed=3,
        reason="in numbers",
    )


def test_the_last_that_was_learned_of_each_campaign_is_kept(store):
    first = PacingLearned(at=1.0, campaign_id=store.campaign_id, learned="first")
    write(store, first, replace(first, at=2.0, learned="second"), replace(first, campaign_id=99))
    write(store, replace(first, at=3.0, learned="third"))
    with store.database.read() as connection:
        assert pacing.learned(connection, store.campaign_id) == "third"
        assert pacing.learned(connection, 99) == "first"
        assert pacing.learned(connection, 100) == ""


def test_decisions_come_back_newest_first_and_at_least_the_last_ones(store):
    kept = [decision(store, float(at)) for at in (10, 20, 30)]
    write(store, *kept, replace(kept[0], at=40.0, campaign_id=99))
    with store.database.read() as connection:
        assert pacing.decisions(connection, store.campaign_id, since_at=20.0) == [kept[2], kept[1]]
        assert pacing.decisions(connection, store.campaign_id, since_at=90.0) == [kept[2]]
        assert pacing.decisions(connection, 100, since_at=0.0) == []


def test_old_decisions_are_deleted(store):
    write(store, *(decision(store, float(at)) for at in (10, 20, 30)))
    notes = pruning.OldNotes(store.workspace_id, before=25.0)
    assert pruning.prune(store.database, notes, pause_s=0.0) == 2
    assert store.rows(schema.pacing_decision, "at") == [(30.0,)]
