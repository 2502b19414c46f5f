"""A module that grows too long to be read at once fails here."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST = 400
"""Lines of a module."""


def test_no_module_is_longer_than_can_be_read_at_once():
    modules = [
        path
        for part in ("dialer", "telephony", "cli", "docs", "tests")
        for path in (ROOT / part).rglob("*.py")
    ]
    lines = {path.relative_to(ROOT).as_posix(): len(path.read_bytes().splitlines()) for path in modules}

    assert {path: count for path, count in lines.items() if count > LONGEST} == {}
