"""People hear it when a process that carries voice has to wait for one that does not."""

import contextlib
import os


def prefer_process(steps: int, *, pid: int = 0) -> None:
    """Have the kernel prefer a process and those it starts, where it lets us.

    Without the right to (CAP_SYS_NICE, or LimitNICE of a service) everything works, only not ahead of others.

    Args:
        steps: Of niceness, of which there are 20.
        pid: 0 is this process.
    """
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, pid) - steps)
