import json
import logging

import pytest

from cli.logs import log_to_stderr


@pytest.fixture
def log():
    """A logger of ours, alone with what a test sets for it."""
    root = logging.getLogger()
    handlers = root.handlers[:]
    root.handlers[:] = []
    yield logging.getLogger("dialer.somewhere")
    root.handlers[:] = handlers


def test_a_line_says_what_happened_and_then_the_facts(log, capsys):
    log_to_stderr(as_json=False)
    log.warning("the lease could not be renewed", extra={"cause": "locked", "tries": 2})
    at, _, line = capsys.readouterr().err.partition(" ")
    assert at.endswith("Z")
    assert line == "warning: the lease could not be renewed (cause: locked, tries: 2)\n"


def test_a_line_without_facts_ends_after_what_happened(log, capsys):
    log_to_stderr(as_json=False)
    log.info("ended")
    assert capsys.readouterr().err.endswith(" info: ended\n")


def test_programs_get_an_object_a_line(log, capsys):
    log_to_stderr(as_json=True)
    log.error("no", extra={"cause": "电话"})
    said = json.loads(capsys.readouterr().err)
    assert {key: said[key] for key in ("level", "message", "cause")} == {
        "level": "error",
        "message": "no",
        "cause": "电话",
    }


@pytest.mark.parametrize("as_json", [False, True])
def test_an_exception_is_told_with_its_place(log, capsys, as_json):
    log_to_stderr(as_json=as_json)
    try:
        int("none")
    except ValueError:
        log.exception("a worker failed")
    assert "test_logs.py" in capsys.readouterr().err


@pytest.mark.parametrize("as_json", [False, True])
def test_what_an_error_quotes_of_a_person_is_hidden(log, capsys, as_json):
    log_to_stderr(as_json=as_json)
    log.warning("not kept", extra={"cause": "Key (number)=(+12125550123) of <sip:anna@192.0.2.10> exists"})
    said = capsys.readouterr().err
    assert "Key (number)=([hidden]) of <sip:[hidden]@192.0.2.10> exists" in said
    assert "2125550123" not in said


def test_messages_below_the_level_are_left_out(log, capsys):
    log_to_stderr(as_json=True, level="warning")
    log.info("calls can be placed")
    log.warning("the disk is slow")
    said = json.loads(capsys.readouterr().err)
    assert (said["message"], said["logger"]) == ("the disk is slow", "dialer.somewhere")
