"""What an import costs beside its two unavoidable parts: writing rows, and reading numbers.

The numbers are made up by formula, a hundred thousands of each form, and dialed by nothing.
"""

import csv
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import phonenumbers

from dialer.leads.importer import ImportOptions, import_file
from dialer.storage.database import open_database
from dialer.storage.workspaces import ensure_workspace

ROWS = 1_000_000
_SAMPLE = 50_000
_FORMS = (
    ("+1{}{}", ("212", "415", "312", "702", "808"), range(2_340_000, 9_100_000)),
    ("({}) {}", ("206", "617", "713", "305"), range(2_340_000, 9_100_000)),
    ("+44 74{} {}", ("00", "05", "10", "15"), range(100_000, 999_999)),
    ("+8613{}{}", ("5", "6", "7", "8", "9"), range(10_000_000, 99_999_999)),
    ("+49 30 {}{}", ("22", "33", "44", "55"), range(100_000, 999_999)),
)
_BAD = ("", "12", "911", "999999999999999", "n/a")
_COLUMNS = "workspace_id, list_id, made_at, phone, region, kind, zone_group, attributes"


def figures() -> Iterator[tuple[str, float, str]]:
    """Yield how many times the speed of each part alone the whole import has, the best of its turns."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "leads.csv"
        numbers = _write_list(path)
        imports, bares = [], []
        for turn in range(3):
            database = Path(folder) / f"imported-{turn}.db"
            imports.append(_import(path, database))
            bares.append(_insert_bare(database, Path(folder) / f"bare-{turn}.db"))
        yield "import.rows_per_s", max(imports), "1/s"
        # The two halves of a turn met the same machine; the median turn is neither the lucky nor the spoilt one.
        ratios = [imported / bare for imported, bare in zip(imports, bares, strict=True)]
        yield "import.ratio_to_executemany", median(ratios), "1"
        alone = max(_validate(numbers[:_SAMPLE]) for _ in range(3))
        yield "import.ratio_to_phonenumbers", max(imports) / alone, "1"


def _numbers() -> list[str]:
    """Valid numbers in five forms and in no order, as in lists that people bring; none twice."""
    chance = random.Random(1)
    share = ROWS // len(_FORMS)
    numbers = []
    for form, areas, lines in _FORMS:
        sampled = chance.sample(lines, share)
        numbers += [form.format(areas[line % len(areas)], line) for line in sampled]
    chance.shuffle(numbers)
    return numbers


def _write_list(path: Path) -> list[str]:
    """Write eight columns; 2 rows in 100 are duplicates, 1 has no number that can be called."""
    written = []
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("name", "phone", "city", "email", "amount", "due", "reference", "note"))
        for row, number in enumerate(_numbers()):
            if row % 50 == 49:
                shown = written[row - 40]
            else:
                shown = number if row % 100 else _BAD[row // 100 % len(_BAD)]
            written.append(shown)
            who = f"Example {row}", shown, "New York", f"a{row}@example.com"
            writer.writerow((*who, "12.30", "2026-11-21", f"A{row:07d}", "called before"))
    return written


def _import(path: Path, database: Path) -> float:
    opened = open_database(f"sqlite:///{database}")
    workspace_id = ensure_workspace(opened, "default")
    options = ImportOptions(list_name="bench", region="US")
    before = perf_counter()
    report = import_file(opened, workspace_id, path=path, options=options, at=0.0)
    seconds = perf_counter() - before
    opened.close()
    if report.imported < 0.95 * ROWS:
        raise RuntimeError(f"the list is not what it should be: {report}")
    return report.rows / seconds


def _insert_bare(imported: Path, target: Path) -> float:
    """Insert the rows that were imported, ready in memory, into the same table, set up the same."""
    source = sqlite3.connect(imported)
    rows = source.execute(f"SELECT {_COLUMNS} FROM lead ORDER BY id").fetchall()
    open_database(f"sqlite:///{target}").close()
    bare = sqlite3.connect(target, isolation_level=None)
    bare.executescript("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536")
    bare.execute("INSERT INTO workspace (id, name) VALUES (1, 'default')")
    bare.execute("INSERT INTO lead_list (id, workspace_id, name, made_at) VALUES (1, 1, 'bench', 0)")
    before = perf_counter()
    bare.execute("BEGIN")
    bare.executemany(f"INSERT INTO lead ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    bare.execute("COMMIT")
    seconds = perf_counter() - before
    source.close()
    bare.close()
    return len(rows) / seconds


def _validate(numbers: list[str]) -> float:
    before = perf_counter()
    for number in numbers:
        try:
            phonenumbers.is_valid_number(phonenumbers.parse(number, "US"))
        except phonenumbers.NumberParseException:
            continue
    return len(numbers) / (perf_counter() - before)
