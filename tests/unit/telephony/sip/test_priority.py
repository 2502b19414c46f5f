import os
import subprocess
import sys

from telephony.sip.priority import prefer_process


def test_another_process_is_put_before_or_behind_others():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        before = os.getpriority(os.PRIO_PROCESS, other.pid)
        prefer_process(-2, pid=other.pid)
        assert os.getpriority(os.PRIO_PROCESS, other.pid) == min(19, before + 2)
        other.communicate(b"\n")


def test_nobody_is_stopped_by_not_being_preferred():
    before = os.getpriority(os.PRIO_PROCESS, 0)
    prefer_process(0)
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
