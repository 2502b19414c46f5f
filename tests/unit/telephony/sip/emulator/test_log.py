from telephony.sip.emulator import log
from telephony.sip.emulator.hearing import Heard

HEARD = Heard(pair="450+1950", seconds=1.0, first_at=3.0, last_at=4.0)


def invited(leg: str, number: str, *, at: float) -> log.Invited:
    return log.Invited(
        at=at,
        leg=leg,
        number=number,
        behaviour="person",
        call_id="c",
        caller="",
        from_header="",
        contact="",
        source="",
    )


def ended(leg: str, number: str, *, at: float) -> log.Ended:
    return log.Ended(
        at=at, leg=leg, number=number, by="caller", reason="hung-up", sent_pair="400+1900", heard=(HEARD,)
    )


EVENTS = [
    log.Started(at=0.0, port=5070),
    invited("a", "1", at=1.0),
    log.Sent(at=1.1, leg="a", number="1", status=200),
    invited("b", "1", at=2.0),
    log.Segment(at=4.2, leg="a", number="1", heard=HEARD),
    ended("a", "1", at=5.0),
    invited("c", "2", at=6.0),
    log.Garbage(at=6.5, count=1, size=3, source="127.0.0.1:9", error="no"),
]


def test_what_is_written_is_read_back(tmp_path):
    path = tmp_path / "carrier.log"
    writer = log.LogWriter(path)
    for event in EVENTS:
        writer.write(event)
    assert log.read_log(path) == EVENTS
    writer.close()


def test_an_unfinished_last_line_is_left_out(tmp_path):
    path = tmp_path / "carrier.log"
    path.write_bytes(b'{"event":"started","at":0.0,"port":5070}\n{"event":"inv')
    assert log.read_log(path) == EVENTS[:1]


def test_calls_are_counted_by_number():
    assert log.invites_by_number(EVENTS) == {"1": 2, "2": 1}


def test_open_legs_are_those_begun_and_not_ended():
    assert log.open_legs(EVENTS) == {"b": "1", "c": "2"}
    assert log.open_legs(EVENTS, at=3.0) == {"a": "1", "b": "1"}


def test_summaries_and_times_heard_are_found():
    assert [one.leg for one in log.ended_legs(EVENTS)] == ["a"]
    assert log.times_heard(EVENTS, "450+1950") == [("1", HEARD)]
    assert log.times_heard(EVENTS, "550+2050") == []
