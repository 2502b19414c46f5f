"""How well agents kept to the roster."""

import pytest

from dialer.core.shift import Shift
from dialer.reports.adherence import Adherence, of_agent
from dialer.reports.agents import agents
from dialer.storage import roster, schema

SHIFT = Shift(agent_id=1, begins_at=100.0, ends_at=200.0, breaks=((140.0, 150.0),))
DAY = (0.0, 1000.0)


def kept_to(*logged_in, at_work=None, span=DAY, shifts=(SHIFT,)):
    work = logged_in if at_work is None else at_work
    return of_agent(shifts, at_work=work, logged_in=logged_in, span=span)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(kept_to((100.0, 200.0)), Adherence(90.0, 90.0, 0.0, 0.0), id="there"),
        pytest.param(kept_to((50.0, 300.0)), Adherence(90.0, 90.0, 0.0, 0.0), id="longer-than-asked"),
        pytest.param(kept_to((110.0, 200.0)), Adherence(90.0, 80.0, 10.0, 0.0), id="late"),
        pytest.param(kept_to((100.0, 180.0)), Adherence(90.0, 70.0, 0.0, 20.0), id="gone-early"),
        pytest.param(kept_to(), Adherence(90.0, 0.0, 100.0, 0.0), id="never-there"),
        pytest.param(kept_to((300.0, 400.0)), Adherence(90.0, 0.0, 100.0, 0.0), id="there-at-another-time"),
        pytest.param(
            kept_to((100.0, 200.0), at_work=((100.0, 130.0), (160.0, 200.0))),
            Adherence(90.0, 70.0, 0.0, 0.0),
            id="longer-in-the-break",
        ),
        pytest.param(
            kept_to((100.0, 120.0), (130.0, 200.0)), Adherence(90.0, 80.0, 0.0, 0.0), id="away-for-a-while"
        ),
        pytest.param(
            kept_to((130.0, 160.0), span=(120.0, 170.0)), Adherence(40.0, 20.0, 0.0, 0.0), id="a-part-of-it"
        ),
        pytest.param(kept_to(span=(90.0, 130.0)), Adherence(30.0, 0.0, 30.0, 0.0), id="still-not-there"),
        pytest.param(kept_to((100.0, 200.0), shifts=()), Adherence(), id="not-on-the-roster"),
    ],
)
def test_a_shift_is_kept_to_as_far_as_it_lies_in_the_span(found, expected):
    assert found == expected


def test_adherence_is_time_in_shift_over_time_on_the_roster():
    assert kept_to((110.0, 200.0)).adherence == pytest.approx(80 / 90)
    assert kept_to(shifts=()).adherence is None


def test_the_report_shows_who_kept_to_the_roster_and_who_never_came(store, put, ask):
    store.add_leads(1)
    anna, ben, cleo = (store.add_agent(name) for name in ("anna", "ben", "cleo"))
    put(schema.attempt, {"id": "1", "started_at": 100.0, "ended_at": 200.0, "outcome": "busy"})
    with store.database.write() as connection:
        shifts = [Shift(agent_id=who, begins_at=100.0, ends_at=200.0) for who in (anna, ben)]
        roster.replace(connection, store.workspace_id, ((shift, "UTC") for shift in shifts))
    put(
        schema.agent_period,
        {"agent_id": anna, "state": "logging_in", "started_at": 100.0, "ended_at": 110.0},
        {"agent_id": anna, "state": "ready", "started_at": 110.0, "ended_at": 130.0},
        {"agent_id": anna, "state": "paused", "started_at": 130.0, "ended_at": 150.0, "paused_by": "request"},
        {"agent_id": anna, "state": "paused", "started_at": 150.0, "ended_at": 160.0, "paused_by": "system"},
        {"agent_id": anna, "state": "ready", "started_at": 160.0, "ended_at": 190.0},
        {"agent_id": anna, "state": "logged_out", "started_at": 190.0},
        {"agent_id": cleo, "state": "ready", "started_at": 100.0},
    )
    names = ("agent", "rostered_s", "in_shift_s", "late_s", "early_s", "adherence")
    rows = [tuple(row[name] for name in names) for row in ask(agents, at=300.0).records()]
    assert rows == [
        ("anna", 100.0, 60.0, 10.0, 10.0, 0.6),
        ("ben", 100.0, 0.0, 100.0, 0.0, 0.0),
        ("cleo", 0.0, 0.0, 0.0, 0.0, None),
    ]
