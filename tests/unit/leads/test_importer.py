import csv
import json
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from dialer.errors import ConfigError, LeadFileError, StorageError
from dialer.leads.importer import ImportOptions, import_file
from dialer.storage.database import open_database
from dialer.storage.schema import import_job, lead, lead_list, lease, zone_group
from dialer.storage.workspaces import ensure_workspace

FIXTURES = Path(__file__).parents[3] / "fixtures" / "leads"
MANIFEST = tomllib.loads((FIXTURES / "MANIFEST.toml").read_text(encoding="utf-8"))


class Site:
    """A database, and imports into it."""

    def __init__(self, folder):
        self.folder = folder
        self.database = open_database(f"sqlite:///{folder / 'dialer.db'}")
        self.workspace_id = ensure_workspace(self.database, "default")
        self.steps = []

    def file(self, content, name="leads.csv"):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def run(self, path, **options):
        settings = ImportOptions(**{"list_name": "spring", "region": "US", "rejects": self.rejects} | options)
        return import_file(
            self.database, self.workspace_id, path=path, options=settings, at=1.0, progress=self.on_progress
        )

    def on_progress(self, *step):
        self.steps.append(step)

    @property
    def rejects(self):
        return self.folder / "rejects.csv"

    def rejected(self):
        with self.rejects.open(encoding="utf-8", newline="") as file:
            return [(int(row["line"]), row["reason"], row["raw"]) for row in csv.DictReader(file)]

    def all(self, query):
        with self.database.read() as connection:
            return connection.execute(query).all()

    def phones(self):
        return [phone for (phone,) in self.all(select(lead.c.phone).order_by(lead.c.id))]


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path)
    yield made
    made.database.close()


def rows(count, first=0):
    """Numbers of fiction: 555-0100 to 0199 in one area after another."""
    areas = ["212", "415", "312", "702", "808", "206", "617", "713", "305", "404"]
    return [f"+1{areas[n // 100 % 10]}55501{n % 100:02d},name {n}\n" for n in range(first, first + count)]


def long_list(count):
    """More rows than fiction has numbers: from generated ones, dialed by nothing."""
    return "phone,name\n" + "".join(f"+4930{2_000_000 + n},name {n}\n" for n in range(count))


def test_rows_become_leads_with_their_facts(site):
    report = site.run(site.file("name,phone,=note\nAlice,(212) 555-0100,=cmd|calc\n"))
    assert report.imported == report.rows == 1
    query = select(lead.c.phone, lead.c.region, lead.c.kind, lead.c.attributes, zone_group.c.zones).join(
        zone_group, zone_group.c.id == lead.c.zone_group
    )
    [(phone, region, kind, attributes, zones)] = site.all(query)
    assert (phone, region, kind) == ("+12125550100", "US", "fixed_or_mobile")
    assert json.loads(attributes) == {"name": "Alice", "=note": "=cmd|calc"}
    assert zones == "America/New_York"


def test_duplicates_in_the_list_are_skipped_however_they_are_written(site):
    path = site.file("phone\n+12125550100\n(212) 555-0100\n2125550101\n")
    report = site.run(path)
    assert (report.rows, report.imported, report.duplicates) == (3, 2, 1)
    other = site.file("phone\n212.555.0101\n2125550102\n", "more.csv")
    assert site.run(other).duplicates == 1
    assert site.run(path, list_name="autumn").imported == 2


def test_bad_rows_are_rejected_with_line_reason_and_text(site):
    report = site.run(
        site.file(
            'phone,name\n,nobody\n911,police\n"212\n5550100",split\n2125550100\n"2125550101,open\n'
            "2125550102,good\n212555\x000103,nul\n2125550104," + "x" * 5_000 + "\n"
        )
    )
    assert (report.rows, report.imported, report.rejected) == (8, 1, 7)
    assert report.rejects_file == str(site.rejects)
    assert [(line, reason) for line, reason, _ in site.rejected()] == [
        (2, "no number"),
        (3, "emergency number"),
        (4, "line break in the number"),
        (6, "wrong number of fields"),
        (7, "broken quoting"),
        (9, "NUL character in the number"),
        (10, "over-long field"),
    ]
    assert site.rejected()[2][2] == '"212\n5550100",split'


def test_without_bad_rows_there_is_no_rejects_file(site):
    report = site.run(site.file("phone\n2125550100\n"))
    assert report.rejects_file is None
    assert not site.rejects.exists()


def test_the_rejects_file_stands_beside_the_input_by_default(site):
    report = site.run(site.file("phone\n12\n"), rejects=None)
    assert report.rejects_file == str(site.folder / "leads.rejects.csv")


def test_undecodable_rows_are_rejected_alone(site):
    report = site.run(site.file("phone,name\n2125550100,é\n".encode() + b"2125550101,\xff\xff\n"))
    assert (report.imported, report.rejected) == (1, 1)
    assert site.rejected()[0][:2] == (3, "not in the encoding of the file")


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"+12125550100\n", b"a,b\n"])
def test_what_is_no_lead_file_changes_nothing(site, content):
    path = site.file(content)
    with pytest.raises(LeadFileError):
        site.run(path)
    assert site.all(select(lead_list)) == site.all(select(import_job)) == []
    assert not site.rejects.exists()


def test_the_rejects_file_may_not_be_the_input(site):
    path = site.file("phone\n2125550100\n")
    with pytest.raises(ConfigError, match="overwrite"):
        site.run(path, rejects=path)
    assert path.read_text() == "phone\n2125550100\n"


def test_a_rejects_file_that_cannot_be_written_is_an_error_with_the_remedy(site):
    with pytest.raises(ConfigError, match="--rejects"):
        site.run(site.file("phone\n12\n"), rejects=site.folder / "none" / "rejects.csv")


class KilledError(Exception):
    pass


def interrupt(site, after):
    def stop(*step):
        site.steps.append(step)
        if len(site.steps) == after:
            raise KilledError

    site.on_progress = stop


@pytest.mark.parametrize("after", [1, 2, 3])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_an_interrupted_import_goes_on_where_it_was(site, after, encoding):
    lines = long_list(15_000).replace("name 1", "名 \U00020000 1").splitlines(keepends=True)
    lines[5::1_000] = ["12,bad\n"] * len(lines[5::1_000])
    lines[7::1_000] = [lines[1]] * len(lines[7::1_000])
    path = site.file("".join(lines).encode(encoding))
    whole = site.run(path, list_name="at once", rejects=site.folder / "whole.csv")
    on_progress, site.steps = site.on_progress, []
    interrupt(site, after)
    with pytest.raises(KilledError):
        site.run(path)
    with site.rejects.open("a", encoding="utf-8") as file:
        file.write("written, but not committed")
    site.on_progress = on_progress
    resumed = site.run(path)
    assert (resumed.rows, resumed.imported, resumed.duplicates, resumed.rejected) == (15_000, 14_970, 15, 15)
    assert (whole.rows, whole.imported, whole.duplicates) == (15_000, 14_970, 15)
    assert site.rejects.read_bytes() == (site.folder / "whole.csv").read_bytes()
    assert site.steps[after][0] > site.steps[after - 1][0]
    counted = select(func.count(), func.count(lead.c.phone.distinct())).group_by(lead.c.list_id)
    assert site.all(counted) == [(14_970, 14_970)] * 2


def test_a_file_that_was_changed_is_imported_from_its_beginning(site):
    path = site.file(long_list(5_000))
    interrupt(site, 1)
    with pytest.raises(KilledError):
        site.run(path)
    path.write_text("phone\n2125550100\n", encoding="utf-8")
    assert site.run(path).rows == 1


def test_a_finished_import_run_again_finds_only_duplicates(site):
    path = site.file("phone,name\n" + "".join(rows(150)))
    assert site.run(path).imported == 150
    again = site.run(path)
    assert (again.rows, again.imported, again.duplicates) == (150, 0, 150)


def test_a_second_import_of_the_same_file_at_the_same_time_gives_way(site):
    path = site.file(long_list(5_000))
    nested = []

    def import_again(*step):
        if not nested:
            nested.append(step)
            site.run(path)

    site.on_progress = import_again
    with pytest.raises(StorageError, match="another process"):
        site.run(path)
    assert len(site.phones()) == 5_000


def test_beside_a_run_at_most_two_thousand_rows_are_written_at_once(site):
    with site.database.write() as connection:
        connection.execute(
            insert(lease).values(
                workspace_id=site.workspace_id,
                instance="i",
                epoch=1,
                host="h",
                pid=1,
                process_started="s",
                taken_at=0,
                renewed_at=0,
                expires_at=4e12,
            )
        )
    site.run(site.file(long_list(7_000)))
    done = [step[0] for step in site.steps]
    assert done == [2_000, 4_000, 6_000, 7_000]


def test_another_process_prepares_the_same_rows(site):
    path = site.file(long_list(6_000) + "12,bad\n")
    alone = site.run(path)
    alone_phones = site.phones()
    shared = site.run(path, list_name="shared", helped_from=0)
    assert (shared.imported, shared.rejected) == (alone.imported, alone.rejected)
    assert site.phones() == alone_phones * 2


@pytest.mark.parametrize("name", sorted(MANIFEST))
def test_a_fixture_is_what_its_manifest_says(site, name):
    entry = MANIFEST[name]
    path = FIXTURES / entry["file"]
    assert sha256(path.read_bytes()).hexdigest() == entry["sha256"]
    report = site.run(path, region=entry["region"])
    found = [report.rows, report.imported, report.duplicates, report.rejected]
    assert found == entry["rows_imported_duplicates_rejected"]
