"""`dialer run` over a database whose commits can be delayed while it runs: `python -m tests.slow_run`.

Before each commit of rounds it waits for the seconds that the file `commit-delay` beside the database says. A file
`commit-bug` there makes the commit fail as no commit should.
"""

import sys
import time
from pathlib import Path

from cli.assembly import run_dialer
from dialer import config


def main(_: str, url: str, __: str, file: str) -> None:
    """Run until SIGTERM; arguments are those of `dialer`: `--database URL --config FILE`."""
    delay = Path(url.removeprefix("sqlite:///")).with_name("commit-delay")

    def wait() -> None:
        if delay.with_name("commit-bug").exists():
            raise RuntimeError("a bug")
        try:
            time.sleep(float(delay.read_text()))
        except (FileNotFoundError, ValueError):
            return  # no delay, or the file is just being written

    run_dialer(config.load(Path(file)), url, before_commit=wait)


if __name__ == "__main__":
    main(*sys.argv[1:])
