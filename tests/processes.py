"""What processes hold: memory, threads, files; and the rule by which they hold ever more."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_PROC = Path("/proc")
# What a third of an hour may add to a process by noise: an arena that the allocator keeps, a cache's last page.
_NOISE_KB = 2_048
_NOISE_SHARE = 0.03


@dataclass(frozen=True)
class Holding:
    """One process at one moment; memory that is its own alone, in kB."""

    pid: int
    role: str
    memory_kb: int
    threads: int
    files: int


_DATABASE = ".db"
"""Of a file whose descriptors are not counted: connections are pooled, one for each thread that ever needs one while the others have
theirs, and the pool bounds them."""


def holdings(root: int) -> list[Holding]:
    """Return what every process below `root` holds now."""
    return [held for pid in _below(root) if (held := _holding(pid)) is not None]


def wakes(root: int, role: str) -> int:
    """Return how often threads of a role's processes below `root` have given the processor up by themselves."""
    found = 0
    for one in holdings(root):
        if one.role == role:
            for task in (_PROC / str(one.pid) / "task").iterdir():
                status = (task / "status").read_text()
                found += int(status.split("voluntary_ctxt_switches:", 1)[1].split()[0])
    return found


def growth(samples: Sequence[Iterable[Holding]]) -> list[str]:
    """Return a sentence for each thing of which a process holds ever more.

    The first third of the samples is left out: everything is used for the first time then. A process holds
    more threads or files if the fewest of the last third are more than the fewest of the one before (what
    calls take comes and goes with them; what leaks never goes). It holds more memory if the medians differ
    by more than 2 MB and 3 %. Processes that were not there throughout are not judged.
    """
    start, middle = len(samples) // 3, 2 * len(samples) // 3
    earlier, later = _by_process(samples[start:middle]), _by_process(samples[middle:])
    found = []
    for key, before in sorted(earlier.items()):
        after = later.get(key, [])
        if len(before) == middle - start and len(after) == len(samples) - middle:
            found += [f"{key[1]} {key[0]}: {more}" for more in _more(before, after)]
    return found


def _more(before: Sequence[Holding], after: Sequence[Holding]) -> Iterable[str]:
    for what in ("threads", "files"):
        fewest = [min(getattr(held, what) for held in part) for part in (before, after)]
        if fewest[1] > fewest[0]:
            yield f"{what} grew from {fewest[0]} to {fewest[1]}"
    memory = [median(held.memory_kb for held in part) for part in (before, after)]
    if memory[1] - memory[0] > max(_NOISE_KB, _NOISE_SHARE * memory[0]):
        yield f"memory grew from {memory[0]:.0f} to {memory[1]:.0f} kB"


def _by_process(samples: Sequence[Iterable[Holding]]) -> dict[tuple[int, str], list[Holding]]:
    found: defaultdict[tuple[int, str], list[Holding]] = defaultdict(list)
    for sample in samples:
        for held in sample:
            found[held.pid, held.role].append(held)
    return dict(found)


def _below(root: int) -> list[int]:
    found: list[int] = []
    todo = [root]
    while todo:
        children = _children(todo.pop())
        found += children
        todo += children
    return found


def _children(pid: int) -> list[int]:
    try:
        tasks = list((_PROC / str(pid) / "task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def _target(descriptor: Path) -> str:
    """Return what is open, empty if it is closed again."""
    try:
        return str(descriptor.readlink())
    except OSError:
        return ""


def _holding(pid: int) -> Holding | None:
    place = _PROC / str(pid)
    try:
        words = (place / "cmdline").read_bytes().decode().split("\0")
        status = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines())
        return Holding(
            pid=pid,
            role=words[words.index("-m") + 1] if "-m" in words else words[0],
            memory_kb=int(status["RssAnon"].split()[0]),
            threads=int(status["Threads"]),
            files=sum(_DATABASE not in _target(one) for one in (place / "fd").iterdir()),
        )
    except (OSError, KeyError):
        return None  # it has just ended
