from dialer.reports.outcomes import outcomes
from dialer.storage import schema


def test_outcomes_are_counted_with_their_share_and_ringing(store, put, ask):
    store.add_leads(1)
    put(
        schema.attempt,
        {"id": "1", "started_at": 0.0, "ended_at": 9.0, "outcome": "no_answer", "ring_s": 8.0},
        {"id": "2", "started_at": 0.0, "ended_at": 9.0, "outcome": "no_answer", "ring_s": 6.0},
        {"id": "3", "started_at": 0.0, "ended_at": 9.0, "outcome": "busy", "ring_s": None},
        {"id": "4", "started_at": 0.0},
    )
    assert ask(outcomes).rows == (
        ("no_answer", 2, 0.5, 7.0),
        ("busy", 1, 0.25, None),
        ("open", 1, 0.25, None),
    )
