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
        ("no_answer", None, 2, 0.5, 7.0),
        ("busy", None, 1, 0.25, None),
        ("open", None, 1, 0.25, None),
    )


def test_what_agents_said_is_counted_within_the_outcome(store, put, ask):
    store.add_leads(1)
    said = ["callback", "sale", None, "sale"]
    put(
        schema.attempt,
        *(
            {"id": f"{number}", "started_at": 0.0, "outcome": "connected", "disposition": code}
            for number, code in enumerate(said)
        ),
        *({"id": f"b{number}", "started_at": 0.0, "outcome": "busy"} for number in range(3)),
    )
    rows = [(row["outcome"], row["disposition"], row["attempts"]) for row in ask(outcomes).records()]
    assert rows == [
        ("connected", "sale", 2),
        ("connected", None, 1),
        ("connected", "callback", 1),
        ("busy", None, 3),
    ]
