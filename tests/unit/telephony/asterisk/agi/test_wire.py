"""Lines over a socket, within a deadline that a lively other end cannot stretch."""

import socket

import pytest

from telephony.asterisk.agi.wire import MAX_LINE, Wire


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_lines_come_out_as_they_were_sent_whatever_the_pieces(ends):
    ours, theirs = ends
    wire = Wire(ours, deadline_s=20)
    theirs.sendall(b"agi_")
    theirs.sendall(b"network: yes\n\nnext: M\xc3\xbcller \xff\n")
    assert [wire.readline() for _ in range(3)] == ["agi_network: yes\n", "\n", "next: Müller �\n"]


def test_the_end_is_an_empty_line(ends):
    ours, theirs = ends
    theirs.sendall(b"half a line")
    theirs.close()
    assert Wire(ours, deadline_s=20).readline() == ""


def test_a_line_without_end_is_given_up(ends):
    ours, theirs = ends
    theirs.sendall(b"x" * (MAX_LINE + 1))
    with pytest.raises(ConnectionAbortedError):
        Wire(ours, deadline_s=20).readline()


def test_a_byte_now_and_then_does_not_move_the_deadline(ends):
    ours, theirs = ends
    times = iter([0.0, 4.0, 12.0])
    wire = Wire(ours, deadline_s=10, clock=lambda: next(times))
    theirs.sendall(b"x")
    with pytest.raises(TimeoutError):
        wire.readline()


def test_nobody_there_is_told_by_the_deadline(ends):
    with pytest.raises(TimeoutError):
        Wire(ends[0], deadline_s=0.01).readline()
    with pytest.raises(TimeoutError):
        Wire(ends[0], deadline_s=0).write("NOOP\n")


def test_text_leaves_as_it_is(ends):
    ours, theirs = ends
    wire = Wire(ours, deadline_s=20)
    wire.write("NOOP ä\n")
    wire.flush()
    assert theirs.recv(100) == "NOOP ä\n".encode()
