"""People hear it when a process that carries voice has to wait for one that does not."""

import os


def prefer_this_process(steps: int) -> None:
    """Have the kernel prefer this process and those it starts, where it lets us.

    Without the right to (CAP_SYS_NICE, or LimitNICE of a service) everything works, only not ahead of others.

    Args:
        steps: Of niceness, of which there are 20.
    """
    try:
        os.nice(-steps)
    except PermissionError:
        return
