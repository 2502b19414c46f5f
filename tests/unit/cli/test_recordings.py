from cli.report import _recordings


def test_a_call_has_a_recording_for_each_bridge_and_none_of_its_neighbours(tmp_path):
    for name in ("x-1.wav", "x-1-2.wav", "x-12.wav", "x-1-4.wav"):
        (tmp_path / name).touch()
    assert _recordings(tmp_path, ["x-1", "x-2"]) == [f"{tmp_path}/x-1.wav", f"{tmp_path}/x-1-2.wav"]
