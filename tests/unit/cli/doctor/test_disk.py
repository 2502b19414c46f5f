import pytest

from cli.doctor.disk import DiskFacts, gather, judge
from cli.doctor.findings import Health


def facts(free_mb, error=""):
    return DiskFacts(
        use="database", folder="/srv", free_bytes=free_mb * 1_000_000, total_bytes=10**12, error=error
    )


@pytest.mark.parametrize(
    ("found", "health"),
    [
        pytest.param(facts(5_000), Health.OK, id="room"),
        pytest.param(facts(900), Health.WARNING, id="little-room"),
        pytest.param(facts(0, "No space left on device"), Health.FAILURE, id="none"),
        pytest.param(facts(5_000, "Read-only file system"), Health.FAILURE, id="room-that-cannot-be-used"),
    ],
)
def test_a_disk_is_judged_by_its_room_and_by_writing(found, health):
    judged = judge(found, least_free_mb=1_000)
    assert judged.health is health
    assert bool(judged.remedy) is (health is not Health.OK)


def test_a_folder_that_is_not_made_yet_is_on_the_disk_of_the_one_above(tmp_path):
    found = gather("log", tmp_path / "dialer-logs" / "old")
    assert (found.folder, found.error) == (str(tmp_path), "")
    assert found.free_bytes > 0


def test_looking_leaves_nothing_behind(tmp_path):
    gather("log", tmp_path)
    assert list(tmp_path.iterdir()) == []
